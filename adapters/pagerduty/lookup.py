"""Records read by their ids."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from adapters.exchange import Failed, Found, PageAsk
from adapters.pagerduty.alerts import alert
from adapters.pagerduty.api import LARGEST_PAGE, Api
from adapters.pagerduty.batches import INCLUDED, OPEN, Batches
from adapters.pagerduty.catalogue import change_event, service
from adapters.pagerduty.incidents import incident
from adapters.pagerduty.pages import alerts_of, needs
from adapters.pagerduty.reading import child, is_identity, text
from adapters.pagerduty.terms import Terms
from domain.inbound import FaultyRecord, InboundRecord
from domain.records import RecordKind

_GONE: Final = (404, 410)
# Where one record is, and the word it stands under.
_PLACES: Final = {
    RecordKind.INCIDENT: ("/incidents", "incident"),
    RecordKind.CHANGE: ("/change_events", "change_event"),
    RecordKind.SERVICE: ("/services", "service"),
}

Read = InboundRecord | FaultyRecord


class Lookup:
    """Finds records of one account by their ids."""

    def __init__(self, api: Api, terms: Terms) -> None:
        """Translate by these terms."""
        self._api = api
        self._terms = terms

    async def found(self, kind: RecordKind, external_ids: Sequence[str]) -> Found | Failed:
        """Return records as they stand."""
        # Before the rows, which are then at least as new as it says.
        now = await self._api.rows("/incidents", limit=1)
        if isinstance(now, Failed):
            return now
        ids = [one for one in external_ids if is_identity(one)]
        read = await (self._alerts(ids) if kind is RecordKind.EVENT else self._each(kind, ids))
        if isinstance(read, Failed):
            return read
        return Found(
            records=[one for one in read.values() if isinstance(one, InboundRecord)],
            faulty=[one for one in read.values() if isinstance(one, FaultyRecord)],
            gone=frozenset(external_ids) - read.keys(),
            served_at=now.answer.served_at,
        )

    async def _each(self, kind: RecordKind, ids: Sequence[str]) -> dict[str, Read] | Failed:
        found: dict[str, Read] = {}
        path, word = _PLACES[kind]
        for one in ids:
            query = INCLUDED if kind is RecordKind.INCIDENT else ()
            answer = await self._api.get(f"{path}/{one}", query)
            if not isinstance(answer, Failed):
                read = await self._read(kind, child(answer.body, word))
                if isinstance(read, Failed):
                    return read
                found[one] = read
            elif answer.status not in _GONE:
                return answer
        return found

    async def _read(self, kind: RecordKind, row: Mapping[str, object]) -> Read | Failed:
        match kind:
            case RecordKind.INCIDENT:
                return incident(row, self._terms)
            case RecordKind.CHANGE:
                return change_event(row, self._terms)
            case _:
                needed = await needs(self._api, row)
                if isinstance(needed, Failed):
                    return needed
                return service(row, self._terms, needed)

    async def _alerts(self, ids: Sequence[str]) -> dict[str, Read] | Failed:
        """Look through the alerts of open incidents, and then of all.

        An alert is read by its incident only, and may have moved to another one.
        Cost: a request for each incident that has alerts, until all are found.
        That is as much as a census for one that is not there; the vendor keeps all.
        """
        found: dict[str, Read] = {}
        wanted = frozenset(ids)
        if not wanted:
            return found
        async for rows in self._incidents():
            for row in () if isinstance(rows, Failed) else rows:
                listed = await alerts_of(self._api, row)
                if isinstance(listed, Failed):
                    return listed
                found |= self._among(listed, wanted)
                if found.keys() == wanted:
                    return found
            if isinstance(rows, Failed):
                return rows
        return found

    def _among(self, rows: Sequence[object], wanted: frozenset[str]) -> dict[str, Read]:
        known = {text(row, "id"): row for row in rows if isinstance(row, Mapping)}
        return {one: alert(row, self._terms) for one, row in known.items() if one in wanted}

    async def _incidents(self) -> AsyncIterator[Sequence[object] | Failed]:
        """Give open incidents, then all; a failure is the last."""
        async for rows in self._api.pages("/incidents", (("date_range", "all"), *OPEN)):
            yield rows
        position: str | None = None
        while True:
            ask = PageAsk(kind=RecordKind.EVENT, since=None, position=position, size=LARGEST_PAGE)
            batch = await Batches(self._api, is_whole=True).batch(ask)
            if isinstance(batch, Failed):
                yield batch
                return
            yield batch.rows
            position = batch.position
            if position is None:
                return
