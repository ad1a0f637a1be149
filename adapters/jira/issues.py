"""Reading issues, their changelogs and their comments by id."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from adapters.exchange import Failed
from adapters.jira.api import PLATFORM, Api, is_absent
from adapters.jira.notes import Told, notes
from adapters.jira.values import is_id
from domain.sync.retry import Fault

_ISSUES_A_CALL: Final = 100
_CHANGELOGS_A_CALL: Final = 1_000
_ENTRIES: Final = 1_000
_COMMENTS: Final = 1_000
# What has not ended after so many pages never will.
_MOST_PAGES: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Issues as they stand; those not among them are not to be had."""

    issues: Sequence[dict[str, Any]]
    served_at: datetime


async def issues(api: Api, ids: Iterable[str], fields: Sequence[str]) -> Read | Failed:
    """Read issues with some fields; an id that is none of Jira's is not to be had."""
    found: list[dict[str, Any]] = []
    served_at = api.now()
    for batch in _batches(ids, _ISSUES_A_CALL):
        asked = {"issueIdsOrKeys": batch, "fields": list(fields)}
        answer = await api.send("POST", f"{PLATFORM}/issue/bulkfetch", asked)
        if isinstance(answer, Failed):
            return answer
        told = answer.body.get("issues")
        if not isinstance(told, list):
            return Failed(fault=Fault.BAD_ANSWER, detail="the answer has no list of issues")
        found += [issue for issue in told if isinstance(issue, dict)]
        served_at = answer.served_at
    return Read(issues=found, served_at=served_at)


async def changelogs(api: Api, ids: Iterable[str]) -> list[object] | Failed:
    """Read the changelogs of issues, in parts that may hold one issue more than once."""
    found: list[object] = []
    for batch in _batches(ids, _CHANGELOGS_A_CALL):
        asked: dict[str, Any] = {"issueIdsOrKeys": batch, "maxResults": _ENTRIES}
        for _ in range(_MOST_PAGES):
            answer = await api.send("POST", f"{PLATFORM}/changelog/bulkfetch", asked)
            if isinstance(answer, Failed):
                return answer
            told = answer.body.get("issueChangeLogs")
            found += told if isinstance(told, list) else []
            token = answer.body.get("nextPageToken")
            if not token or token == asked.get("nextPageToken"):
                break
            asked["nextPageToken"] = token
        else:
            return Failed(fault=Fault.BAD_ANSWER, detail="the history does not end")
    return found


async def comments(api: Api, issue: dict[str, Any]) -> Told | Failed | None:
    """Return all comments of an issue read with its comments; None when it is gone meanwhile.

    An issue brings along a part of its comments at least, and says how many there are.
    """
    key = str(issue.get("id"))
    match issue.get("fields"):
        case {"comment": {"comments": [*told], "total": int(total)}} if len(told) >= total:
            return notes(told, key)
    found: list[object] = []
    for _ in range(_MOST_PAGES):
        query = {"startAt": str(len(found)), "maxResults": str(_COMMENTS), "orderBy": "created"}
        answer = await api.get(f"{PLATFORM}/issue/{key}/comment", query)
        if isinstance(answer, Failed):
            return None if is_absent(answer) else answer
        match answer.body:
            case {"comments": [*told], "total": int(total)}:
                found += told
            case _:
                return Failed(fault=Fault.BAD_ANSWER, detail="the answer has no list of comments")
        if not told or len(found) >= total:
            return notes(found, key)
    return Failed(fault=Fault.BAD_ANSWER, detail="the comments do not end")


def _batches(ids: Iterable[str], size: int) -> list[list[str]]:
    """Cut ids into calls; what has not the form of an id is left out."""
    listed = list(dict.fromkeys(filter(is_id, ids)))
    return [listed[start : start + size] for start in range(0, len(listed), size)]
