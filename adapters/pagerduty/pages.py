"""Pages of each kind of record."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from adapters.exchange import Failed, Page, PageAsk
from adapters.http import Answer
from adapters.pagerduty.alerts import alert
from adapters.pagerduty.api import LARGEST_PAGE, Api
from adapters.pagerduty.batches import Batches, fill
from adapters.pagerduty.catalogue import change_event, needs_of, service
from adapters.pagerduty.incidents import incident
from adapters.pagerduty.reading import child, children, is_identity, text
from adapters.pagerduty.terms import Terms
from adapters.pagerduty.windows import SECOND, whole, window
from domain.inbound import FaultyRecord, InboundRecord
from domain.sync.retry import Fault

# The vendor forgets older change events.
_CHANGES_KEPT: Final = timedelta(days=90)
_ABSENT: Final = (403, 404)

Rows = Sequence[object]
Read = Callable[[object, Terms], InboundRecord | FaultyRecord]


async def incidents(api: Api, ask: PageAsk, terms: Terms) -> Page | Failed:
    """Return incidents that exist, or that changed."""
    batch = await Batches(api, is_whole=True).batch(ask)
    if isinstance(batch, Failed):
        return batch
    page = _page(_read(batch.rows, incident, terms), batch.answer, batch.position)
    return replace(page, through=batch.through, remaining=batch.remaining)


async def alerts(api: Api, ask: PageAsk, terms: Terms) -> Page | Failed:
    """Return the alerts of incidents that exist, or that changed: no list has them all."""
    batch = await Batches(api, is_whole=False).batch(ask)
    if isinstance(batch, Failed):
        return batch
    rows: list[object] = []
    for row in batch.rows:
        found = await alerts_of(api, row)
        if isinstance(found, Failed):
            return found
        rows += found
    page = _page(_read(rows, alert, terms), batch.answer, batch.position)
    return replace(page, through=batch.through)


async def alerts_of(api: Api, row: object) -> Rows | Failed:
    """Return the alerts of an incident; none of one that has none, or is gone."""
    known = row if isinstance(row, dict) else {}
    external_id = text(known, "id")
    if not is_identity(external_id) or child(known, "alert_counts").get("all") == 0:
        return ()
    found = await api.all_rows(f"/incidents/{external_id}/alerts")
    return () if isinstance(found, Failed) and found.status in _ABSENT else found


async def change_events(api: Api, ask: PageAsk, terms: Terms) -> Page | Failed:
    """Return change events by their time, as far back as they are kept.

    A thorough ask begins there too: an event may tell of a change made before.
    """
    if ask.position is None:
        newest = await api.rows("/change_events", limit=1)
        if isinstance(newest, Failed):
            return newest
        until = newest.answer.served_at + SECOND
        oldest = until - _CHANGES_KEPT
        is_all = ask.since is None or ask.is_thorough
        place = whole(oldest if is_all else max(ask.since or oldest, oldest), until)
    else:
        place = window(ask.position)
    found = await fill(api, "/change_events", place, most=max(ask.size, LARGEST_PAGE))
    if isinstance(found, Failed):
        return found
    behind = found.window.next()
    page = _page(
        _read(found.rows, change_event, terms), found.answer, behind.text() if behind else None
    )
    return replace(page, through=min(found.window.end, found.answer.served_at))


async def services(api: Api, ask: PageAsk, terms: Terms) -> Page | Failed:
    """Return all services: the vendor does not tell which have changed.

    What they depend on costs a request for each, and seldom changes: it is read
    with the first page of all, and by thorough asks.
    """
    offset = _offset(ask.position)
    found = await api.rows("/services", (("sort_by", "name"),), offset=offset)
    if isinstance(found, Failed):
        return found
    read: list[InboundRecord | FaultyRecord] = []
    for row in found.rows:
        needed = await needs(api, row) if ask.since is None or ask.is_thorough else None
        if isinstance(needed, Failed):
            return needed
        read.append(service(row, terms, needed))
    behind = json.dumps(offset + len(found.rows)) if found.has_more and found.rows else None
    page = _page(read, found.answer, behind)
    return replace(page, through=None if behind else found.answer.served_at)


def _offset(position: str | None) -> int:
    """Return where a list goes on. Raises ValueError for what is not a position of ours."""
    return int(json.loads(position)) if position else 0


async def needs(api: Api, row: object) -> list[str] | Failed | None:
    """Return what a service depends on; None where that is not to be read."""
    external_id = text(row, "id") if isinstance(row, dict) else ""
    if not is_identity(external_id):
        return None
    answer = await api.get(f"/service_dependencies/technical_services/{external_id}")
    if isinstance(answer, Failed):
        is_closed = answer.fault is Fault.REJECTED or answer.status in _ABSENT
        return None if is_closed else answer
    return needs_of(external_id, children(answer.body, "relationships"))


def _read(rows: Iterable[object], read: Read, terms: Terms) -> list[InboundRecord | FaultyRecord]:
    return [read(row, terms) for row in rows]


def _page(
    read: Sequence[InboundRecord | FaultyRecord], answer: Answer, position: str | None
) -> Page:
    """Return a page in the order of (update time, id), each record once.

    Rows that are new push those of a list that begins with the newest behind what was read.
    """
    records = {record.external_id: record for record in read if isinstance(record, InboundRecord)}
    return Page(
        records=sorted(records.values(), key=lambda record: (record.key, record.external_id)),
        faulty=[record for record in read if isinstance(record, FaultyRecord)],
        position=position,
        through=None,
        served_at=answer.served_at,
        skew=answer.skew,
    )
