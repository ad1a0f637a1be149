"""Adding comments to issues."""

from adapters.exchange import CommentAsk, Failed
from adapters.jira import issues
from adapters.jira.adf import document, plain
from adapters.jira.api import PLATFORM, Api, gone, nowhere
from adapters.jira.notes import note
from adapters.jira.values import is_id
from domain.inbound import InboundNote, Reference
from domain.records import NoteVisibility
from domain.sync.retry import Fault


async def comment(api: Api, ask: CommentAsk) -> InboundNote | Failed:
    """Add a comment, internal unless a public one is asked for."""
    if not is_id(ask.external_id):
        return nowhere(ask.external_id)
    earlier = await _earlier(api, ask) if ask.may_exist else None
    if earlier is not None:
        return earlier
    is_internal = ask.visibility is NoteVisibility.INTERNAL
    place = f"{PLATFORM}/issue/{ask.external_id}/comment"
    body = {
        "body": document(ask.body),
        # Without it a service desk shows the comment to its customers.
        "properties": [{"key": "sd.public.comment", "value": {"internal": is_internal}}],
    }
    answer = await api.send("POST", place, body)
    if isinstance(answer, Failed):
        return gone(answer)
    added = note(answer.body, ask.external_id)
    if added is None:
        return Failed(fault=Fault.BAD_ANSWER, detail="the answer has no comment")
    if is_internal and added.visibility is NoteVisibility.PUBLIC:
        await api.send("DELETE", f"{place}/{added.external_id}")
        detail = "the site made an internal note public, so it was deleted"
        return Failed(fault=Fault.REJECTED, detail=detail)
    return added


async def _earlier(api: Api, ask: CommentAsk) -> InboundNote | Failed | None:
    """Return the same words of ours, if an earlier try has brought them."""
    site = await api.site()
    if isinstance(site, Failed):
        return site
    read = await issues.issues(api, [ask.external_id], ["comment"])
    if isinstance(read, Failed):
        return read
    told = await issues.comments(api, read.issues[0]) if read.issues else None
    if told is None or isinstance(told, Failed):
        return told or nowhere(ask.external_id)
    words = plain(document(ask.body)).rstrip()
    ours = (
        one
        for one in told.notes
        if ask.may_be(one)
        and isinstance(one.author, Reference)
        and one.author.external_id == site.account_id
        and (one.body, one.visibility) == (words, ask.visibility)
    )
    return next(ours, None)
