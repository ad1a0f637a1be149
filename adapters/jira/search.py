"""Searching issues page by page: where a page begins, and what was read with it.

Pages go on by a token that lives for days. One that is refused all the same is
let go, and the search begins again from what had been read. Pages may hold
fewer issues than asked for, or none, with more to come: only ``isLast``, or no
token, is the end.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.exchange import Failed
from adapters.http import Answer
from adapters.jira import jql
from adapters.jira.api import PLATFORM, Api
from adapters.jira.site import Site
from adapters.jira.values import instant
from domain.records import RecordKind
from domain.sync.retry import Fault

_BY_UPDATE: Final = "updated ASC, key ASC"
_BY_KEY: Final = "key ASC"
# Stored times have milliseconds.
_RESOLUTION: Final = timedelta(milliseconds=1)
# A search that has found nothing for so many pages never will.
_MOST_EMPTY: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where the next page begins.

    token: the vendor's, None at the beginning.
    since: the lower bound of the search that the token belongs to.
    reached: the greatest update time seen in it.
    idle: how many pages before it held nothing.
    left: how many issues were left, where the vendor has estimated it.
    """

    token: str | None = None
    since: datetime | None = None
    reached: datetime | None = None
    idle: int = 0
    left: int | None = None

    def text(self) -> str:
        """Return a form that can be stored."""
        return json.dumps(
            {
                "token": self.token,
                "since": _number(self.since),
                "reached": _number(self.reached),
                "idle": self.idle,
                "left": self.left,
            }
        )


def stored(text: str | None, since: datetime | None = None) -> Position:
    """Return the position that ``Position.text`` stored; the beginning for None.

    Raises ValueError for any other text.
    """
    if text is None:
        return Position(since=since)
    kept = json.loads(text)
    return Position(
        token=kept["token"],
        since=_instant(kept["since"]),
        reached=_instant(kept["reached"]),
        idle=kept["idle"],
        left=kept["left"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page: its issues, where the next one begins, and up to where all has been read."""

    issues: Sequence[object]
    behind: Position | None
    through: datetime | None
    left: int | None
    answer: Answer


def conditions(kind: RecordKind, site: Site) -> list[str]:
    """Return the conditions that issues of a kind are found by."""
    return [
        jql.one_of("issuetype", site.mappings.values(kind, "issueType")),
        jql.one_of("project", site.projects(kind)),
    ]


async def by_update(
    api: Api, where: Iterable[str], position: Position, fields: Sequence[str], size: int
) -> Found | Failed:
    """Return the page at a position, in the order of the update."""
    where = list(where)
    answer = await _asked(api, _updated(where, position), position.token, fields, size)
    if _is_refused(answer, position):
        # Comparisons are good to the minute: what it cuts off is read again.
        begin = position.reached and jql.whole_minute(position.reached)
        position = Position(since=begin or position.since, reached=position.reached)
        answer = await _asked(api, _updated(where, position), None, fields, size)
    if isinstance(answer, Failed):
        return answer
    page = _page(answer, position)
    if isinstance(page, Failed) or position.token or page.behind is None:
        return page
    return await _estimated(api, page, _updated(where, position))


async def by_key(api: Api, where: Iterable[str], position: Position, size: int) -> Found | Failed:
    """Return the page at a position in the order of the key: ids alone, which are cheap."""
    query = jql.query([*where, jql.updated_from(None)], _BY_KEY)
    answer = await _asked(api, query, position.token, ["id"], size)
    if _is_refused(answer, position):
        position = Position()
        answer = await _asked(api, query, None, ["id"], size)
    return answer if isinstance(answer, Failed) else _page(answer, position)


async def first(api: Api, where: Iterable[str], order: str, size: int) -> list[str] | Failed:
    """Return the ids of the first issues of a search that needs no paging."""
    answer = await _asked(api, jql.query(where, order), None, ["id"], size)
    if isinstance(answer, Failed):
        return answer
    match answer.body:
        case {"issues": [*found]}:
            return [str(one.get("id")) for one in found if isinstance(one, dict)]
        case _:
            return []


def _updated(where: Iterable[str], position: Position) -> str:
    return jql.query([*where, jql.updated_from(position.since)], _BY_UPDATE)


async def _asked(
    api: Api, query: str, token: str | None, fields: Sequence[str], size: int
) -> Answer | Failed:
    body: dict[str, Any] = {"jql": query, "maxResults": size, "fields": list(fields)}
    if token is not None:
        body["nextPageToken"] = token
    return await api.send("POST", f"{PLATFORM}/search/jql", body)


def _is_refused(answer: Answer | Failed, position: Position) -> bool:
    return (
        isinstance(answer, Failed) and answer.fault is Fault.REJECTED and position.token is not None
    )


def _page(answer: Answer, position: Position) -> Found | Failed:
    issues = answer.body.get("issues")
    if not isinstance(issues, list):
        detail = "the answer has no list of issues"
        return Failed(fault=Fault.BAD_ANSWER, detail=detail, status=answer.status)
    token = answer.body.get("nextPageToken")
    has_more = isinstance(token, str) and answer.body.get("isLast") is not True
    idle = 0 if issues else position.idle + 1
    if has_more and (idle > _MOST_EMPTY or (issues and token == position.token)):
        detail = "the search does not go on"
        return Failed(fault=Fault.BAD_ANSWER, detail=detail, status=answer.status)
    times = [at for issue in issues if (at := _updated_at(issue)) is not None]
    latest = max(times, default=None)
    reached = max(filter(None, (latest, position.reached)), default=None)
    left = None if position.left is None else max(position.left - len(issues), 0)
    behind = replace(position, token=token, reached=reached, idle=idle, left=left)
    return Found(
        issues=issues,
        behind=behind if has_more else None,
        # More issues of the last time may follow on the next page.
        through=latest - _RESOLUTION if latest and has_more else latest,
        left=position.left,
        answer=answer,
    )


async def _estimated(api: Api, page: Found, query: str) -> Found:
    """Add how many issues a search finds; a vendor that does not tell keeps nobody waiting."""
    told = await api.send("POST", f"{PLATFORM}/search/approximate-count", {"jql": query})
    count = None if isinstance(told, Failed) else told.body.get("count")
    if not isinstance(count, int) or page.behind is None:
        return page
    behind = replace(page.behind, left=max(count - len(page.issues), 0))
    return replace(page, left=count, behind=behind)


def _updated_at(issue: object) -> datetime | None:
    match issue:
        case {"fields": {"updated": told}}:
            try:
                return instant(told)
            except ValueError:
                return None
        case _:
            return None


def _number(at: datetime | None) -> int | None:
    return None if at is None else jql.milliseconds(at)


def _instant(number: int | None) -> datetime | None:
    return None if number is None else jql.instant(number)
