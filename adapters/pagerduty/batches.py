"""Which incidents to read next: those that exist, or those to which something happened.

The vendor lists incidents by the time of their creation only. What happened
since is told by the log, and not all of it: a thorough run also reads what is open.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.exchange import Failed, PageAsk
from adapters.http import Answer
from adapters.pagerduty.api import DEEPEST, LARGEST_PAGE, Api, Query, Rows
from adapters.pagerduty.reading import at_first, child, is_identity, text
from adapters.pagerduty.windows import SECOND, Walk, Window, walk, whole, window
from domain.sync.retry import Fault

_INCIDENTS: Final = "/incidents"
_LOG: Final = "/log_entries"
_OLDEST_FIRST: Final[Query] = (("sort_by", "created_at:asc"),)
OPEN: Final[Query] = (("statuses[]", "triggered"), ("statuses[]", "acknowledged"))
# The body of an incident stands in the entry that triggered it.
INCLUDED: Final[Query] = (
    ("include[]", "first_trigger_log_entries"),
    ("include[]", "external_references"),
)
# From so many changed ones on, the open ones are read as a list.
_MANY: Final = 50
# An incident that changes leaves about so many entries: notifications are entries too.
_ENTRIES_EACH: Final = 10
_NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some incidents as the vendor has them, and how to go on; see ``Page``."""

    rows: Sequence[object]
    position: str | None
    through: datetime | None
    answer: Answer
    remaining: int | None = None


class Batches:
    """Reads incidents batch after batch.

    is_whole: with all that they hold; else a changed one has its id alone.
    """

    def __init__(self, api: Api, *, is_whole: bool) -> None:
        """Read from this account."""
        self._api = api
        self._is_whole = is_whole

    async def batch(self, ask: PageAsk) -> Batch | Failed:
        """Return the batch at a position.

        Raises ValueError for one that is not ours.
        """
        if ask.position is None:
            return await (self._begun("all") if ask.since is None else self._since(ask))
        match json.loads(ask.position):
            case {"all": str(text)}:
                return await self._created(walk(text), "all")
            case {"open": str(text)}:
                return await self._created(walk(text), "open")
            case {"changes": str(text)}:
                return await self._changed(window(text), ask)
            case {"open": None}:
                return await self._begun("open", OPEN)
            case _:
                raise ValueError("not a position of ours")

    async def _begun(self, name: str, query: Query = ()) -> Batch | Failed:
        """Begin a walk at the oldest incident; it ends at the vendor's present time."""
        oldest = await self._oldest(query)
        if isinstance(oldest, Failed):
            return oldest
        until = oldest.answer.served_at + SECOND
        created = _created_at(oldest.rows)
        if not oldest.rows:
            return Batch(rows=(), position=None, through=None, answer=oldest.answer)
        if not created:
            detail = "the oldest incident does not tell when it was created"
            return Failed(fault=Fault.BAD_ANSWER, detail=detail)
        start = created[0].replace(microsecond=0)
        return await self._created(Walk(at=start, until=max(until, start + SECOND)), name)

    async def _since(self, ask: PageAsk) -> Batch | Failed:
        """Begin to follow the log, from ``since`` to the vendor's present time."""
        oldest = await self._oldest()
        if isinstance(oldest, Failed):
            return oldest
        until = oldest.answer.served_at + SECOND
        return await self._changed(whole(ask.since or until, until), ask)

    async def _oldest(self, query: Query = ()) -> Rows | Failed:
        everything = (("date_range", "all"), *_OLDEST_FIRST, *query)
        return await self._api.rows(_INCIDENTS, everything, limit=1)

    async def _created(self, place: Walk, name: str) -> Batch | Failed:
        """Return the incidents that a walk meets next."""
        query: Query = (*place.window.query(), *_OLDEST_FIRST, *INCLUDED, ("total", "true"))
        if name == "open":
            query = (*query, *OPEN)
        found = await self._api.rows(_INCIDENTS, query, offset=place.passed)
        if isinstance(found, Failed):
            return found
        try:
            behind = place.behind(_created_at(found.rows), has_more=found.has_more)
        except ValueError as error:
            return Failed(fault=Fault.BAD_ANSWER, detail=str(error))
        is_last = place.window.end >= place.until
        is_over = behind is None and name == "all"
        return Batch(
            rows=found.rows,
            position=None if behind is None else json.dumps({name: behind.text()}),
            # What changes behind the walk is told by the log from its beginning on.
            through=place.until - SECOND if is_over else None,
            answer=found.answer,
            remaining=found.total - place.passed if is_last and found.total else None,
        )

    async def _changed(self, place: Window, ask: PageAsk) -> Batch | Failed:
        """Return the incidents that the log names in the next window."""
        found = await fill(self._api, _LOG, place, most=ask.size * _ENTRIES_EACH)
        if isinstance(found, Failed):
            return found
        ids = _incidents_of(found.rows)
        rows = await self.read(ids) if self._is_whole else [{"id": one} for one in ids]
        if isinstance(rows, Failed):
            return rows
        position = found.position("changes")
        if position is None and ask.is_thorough:
            position = json.dumps({"open": None})
        return Batch(
            rows=rows,
            position=position,
            through=min(found.window.end, found.answer.served_at),
            answer=found.answer,
        )

    async def read(self, ids: Sequence[str]) -> list[object] | Failed:
        """Return incidents as they stand; one that the vendor does not have is left out."""
        known = await self._among_open(frozenset(ids)) if len(ids) > _MANY else {}
        if isinstance(known, Failed):
            return known
        rows: list[object] = []
        for one in ids:
            row = known.get(one) or await self.one(one)
            if isinstance(row, Failed):
                if row.status == _NOT_FOUND:
                    continue
                return row
            rows.append(row)
        return rows

    async def _among_open(self, ids: frozenset[str]) -> dict[str, object] | Failed:
        """Return the incidents of these ids that are open.

        The list may be a hundred times as long: only what was asked for is kept of it.
        """
        known: dict[str, object] = {}
        query = (("date_range", "all"), *_OLDEST_FIRST, *OPEN, *INCLUDED)
        async for rows in self._api.pages(_INCIDENTS, query):
            if isinstance(rows, Failed):
                return rows
            listed = {text(row, "id"): row for row in rows if isinstance(row, Mapping)}
            known |= {one: listed[one] for one in ids & listed.keys()}
        return known

    async def one(self, external_id: str) -> Mapping[str, object] | Failed:
        """Return one incident as it stands."""
        if not is_identity(external_id):
            # It would lead to another path.
            detail = "no incident can have this id"
            return Failed(fault=Fault.REJECTED, detail=detail, status=_NOT_FOUND)
        answer = await self._api.get(f"{_INCIDENTS}/{external_id}", INCLUDED)
        return answer if isinstance(answer, Failed) else child(answer.body, "incident")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """All rows of a window, newest first; the window may be shorter than was asked for."""

    rows: Sequence[object]
    window: Window
    answer: Answer

    def position(self, name: str) -> str | None:
        """Return where the next window begins, None behind the last."""
        behind = self.window.next()
        return None if behind is None else json.dumps({name: behind.text()})


async def fill(api: Api, path: str, place: Window, *, most: int) -> Filled | Failed:
    """Read all rows of a window, halved until it holds at most so many.

    A second is not halved; it may hold as many as can be read at all.
    """
    while True:
        half = place.halved()
        read = await _rows(api, path, place, DEEPEST if half is None else most)
        if read is not None:
            return read
        if half is None:
            detail = f"more than {DEEPEST} entries of one second cannot be read"
            return Failed(fault=Fault.BAD_ANSWER, detail=detail)
        place = half


async def _rows(api: Api, path: str, place: Window, most: int) -> Filled | Failed | None:
    """Return the rows of a window, None when there are more than that."""
    query: Query = (*place.query(), ("total", "true"))
    rows: list[object] = []
    while True:
        found = await api.rows(path, query, offset=len(rows))
        if isinstance(found, Failed):
            return found
        rows += found.rows
        if (found.total or len(rows)) > most:
            return None
        if not found.has_more or not found.rows:
            return Filled(rows=rows, window=place, answer=found.answer)
        if len(rows) + LARGEST_PAGE > DEEPEST:
            return None


def _incidents_of(entries: Sequence[object]) -> list[str]:
    """Return the incidents that entries belong to, the one changed first first."""
    ids = [text(child(e, "incident"), "id") for e in entries if isinstance(e, Mapping)]
    return [one for one in dict.fromkeys(reversed(ids)) if is_identity(one)]


def _created_at(rows: Sequence[object]) -> list[datetime]:
    """Return when rows were created; a row that does not tell has no place in the order."""
    found: list[datetime] = []
    for row in rows:
        try:
            at = at_first(row, "created_at") if isinstance(row, Mapping) else None
        except ValueError:
            continue
        if at is not None:
            found.append(at)
    return found
