"""A PagerDuty account, as the contract asks for it."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Final

from adapters.contract import Access, Mappings
from adapters.delivery import Reads
from adapters.exchange import (
    CensusAsk,
    CensusPage,
    Checked,
    CommentAsk,
    CreateAsk,
    Failed,
    Found,
    History,
    HistoryAsk,
    Named,
    Notes,
    Page,
    PageAsk,
    WriteAsk,
)
from adapters.pagerduty import connection_test, directory, history, notes, pages, webhook
from adapters.pagerduty.api import LARGEST_PAGE, Api, Query
from adapters.pagerduty.fields import MAPPINGS
from adapters.pagerduty.lookup import Lookup
from adapters.pagerduty.reading import is_identity
from adapters.pagerduty.terms import Terms
from adapters.pagerduty.writer import Writer
from domain.inbound import InboundEdit, InboundNote, InboundRecord, Reference
from domain.records import RecordKind

_GONE: Final = (404, 410)
_PAGES: Final = {
    RecordKind.INCIDENT: pages.incidents,
    RecordKind.CHANGE: pages.change_events,
    RecordKind.EVENT: pages.alerts,
    RecordKind.SERVICE: pages.services,
}


class PagerDuty:
    """One account."""

    def __init__(self, access: Access) -> None:
        """Open nothing yet."""
        self._api = Api(access)
        self._from = access.credentials.get("from", "")
        self._writer = Writer(self._api, self._from)
        self._now = access.now
        self._base_url = access.base_url.rstrip("/")
        self._mappings = access.mappings or Mappings(MAPPINGS)
        self._terms: Terms | None = None

    async def page(self, ask: PageAsk) -> Page | Failed:
        """Return a page; each kind has its own way to tell what changed."""
        begins = ask.position is None and ask.kind is RecordKind.INCIDENT
        terms = await self._translated(anew=begins)
        if isinstance(terms, Failed):
            return terms
        return await _PAGES[ask.kind](self._api, ask, terms)

    async def read(self, kind: RecordKind, external_ids: Sequence[str]) -> Found | Failed:
        """Return some records; of alerts only few at a time are cheap to read."""
        terms = await self._translated()
        if isinstance(terms, Failed):
            return terms
        return await Lookup(self._api, terms).found(kind, external_ids)

    async def census(self, ask: CensusAsk) -> CensusPage | Failed:
        """Return the ids of a page of all records, of change events those that are kept."""
        whole = PageAsk(kind=ask.kind, since=None, position=ask.position, size=LARGEST_PAGE)
        page = await self.page(whole)
        if isinstance(page, Failed):
            return page
        ids = [row.external_id for row in page.records]
        return CensusPage(
            external_ids=ids + [row.external_id for row in page.faulty],
            position=page.position,
            served_at=page.served_at,
            skew=page.skew,
        )

    async def history(self, kind: RecordKind, asks: Sequence[HistoryAsk]) -> History | Failed:
        """Return the edits that the logs of incidents tell; nothing else has a log.

        Each log is read whole: most entries say what was set, not what it was before.
        """
        if kind is not RecordKind.INCIDENT:
            return History(edits=(), is_closed=True)
        terms = await self._translated()
        if isinstance(terms, Failed):
            return terms
        edits: list[InboundEdit] = []
        for ask in asks:
            entries = await self._of(ask.external_id, "log_entries", history.INCLUDED)
            if isinstance(entries, Failed):
                return entries
            edits += history.edits(entries or (), terms, ask.external_id, ask.since)
        return History(edits=edits)

    async def notes(self, kind: RecordKind, asks: Sequence[HistoryAsk]) -> Notes | Failed:
        """Return all notes of the incidents, whatever time they are asked from."""
        if kind is not RecordKind.INCIDENT:
            return Notes(notes=(), is_closed=True)
        found: list[InboundNote] = []
        whole: set[str] = set()
        for ask in asks:
            rows = await self._of(ask.external_id, "notes")
            if isinstance(rows, Failed):
                return rows
            if rows is not None:
                found += notes.notes(rows, ask.external_id)
                whole.add(ask.external_id)
        return Notes(notes=found, whole=frozenset(whole))

    async def _of(
        self, external_id: str, name: str, query: Query = ()
    ) -> list[object] | Failed | None:
        """Return a list that belongs to an incident, None when that is gone."""
        if not is_identity(external_id):
            return None
        rows = await self._api.all_rows(f"/incidents/{external_id}/{name}", query)
        return None if isinstance(rows, Failed) and rows.status in _GONE else rows

    async def names(self, references: Collection[Reference]) -> Sequence[Named] | Failed:
        """Return the names of people, policies, teams and services."""
        return await directory.names(self._api, references)

    async def create(self, ask: CreateAsk) -> InboundRecord | Failed:
        """Create an incident, or adopt the one with our id as its key."""
        terms = await self._translated()
        if isinstance(terms, Failed):
            return terms
        return await self._writer.create(ask, terms)

    async def write(self, ask: WriteAsk) -> InboundRecord | Failed:
        """Write fields of an incident."""
        terms = await self._translated()
        if isinstance(terms, Failed):
            return terms
        return await self._writer.write(ask, terms)

    async def comment(self, ask: CommentAsk) -> InboundNote | Failed:
        """Add a note."""
        return await self._writer.comment(ask)

    async def reader(self) -> Reads | Failed:
        """Return what reads deliveries by the account's own words."""
        terms = await self._translated()
        if isinstance(terms, Failed):
            return terms
        return partial(webhook.read, terms=terms)

    async def check(self) -> Checked:
        """Try reach, sign-in, rights, mapping and clock."""
        return await connection_test.check(self._api, self._mappings, self._from)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._api.close()

    async def _translated(self, *, anew: bool = False) -> Terms | Failed:
        """Return what to translate by; the account's priorities are read once, or anew."""
        if self._terms is None or anew:
            ranked = await directory.priorities(self._api)
            if isinstance(ranked, Failed):
                return ranked
            self._terms = Terms(base_url=self._base_url, mappings=self._mappings, priorities=ranked)
        return self._terms
