"""A Jira site, as the contract asks for it."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, Final

from adapters.contract import Access
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
from adapters.jira import connection_test, history, issues, mapping, search, webhook
from adapters.jira.api import Api
from adapters.jira.commenting import comment
from adapters.jira.directory import Directory
from adapters.jira.history import Change
from adapters.jira.links import kind_of
from adapters.jira.site import Site
from adapters.jira.writes import create, write
from domain.inbound import FaultyRecord, InboundNote, InboundRecord, Reference
from domain.records import RecordKind

# The vendor's most, for pages of bare ids.
_CENSUS_PAGE: Final = 5_000
_FORBIDDEN: Final = 403


class Jira:
    """One account of a site."""

    def __init__(self, access: Access) -> None:
        """Open nothing yet."""
        self._api = Api(access)
        self._directory = Directory(self._api)

    async def page(self, ask: PageAsk) -> Page | Failed:
        """Return a page of issues in the order of (updated, key)."""
        position = search.stored(ask.position, ask.since)
        site = await self._api.site()
        if isinstance(site, Failed):
            return site
        where = search.conditions(ask.kind, site)
        fields = mapping.asked(ask.kind, site)
        found = await search.by_update(self._api, where, position, fields, ask.size)
        if isinstance(found, Failed):
            return found
        records, faulty = self._read(found.issues, ask.kind, site)
        return Page(
            records=records,
            faulty=faulty,
            position=found.behind.text() if found.behind else None,
            through=found.through,
            served_at=found.answer.served_at,
            skew=found.answer.skew,
            remaining=found.left,
        )

    async def read(self, kind: RecordKind, external_ids: Sequence[str]) -> Found | Failed:
        """Return issues as they stand; one of another type by now is gone for its kind."""
        site = await self._api.site()
        if isinstance(site, Failed):
            return site
        read = await issues.issues(self._api, external_ids, mapping.asked(kind, site))
        if isinstance(read, Failed):
            return read
        rows = [row for row in read.issues if _is_of(row, kind, site)]
        records, faulty = self._read(rows, kind, site)
        known = {str(row.get("id")) for row in rows}
        return Found(
            records=records,
            faulty=faulty,
            gone=frozenset(external_ids) - known,
            served_at=read.served_at,
        )

    async def census(self, ask: CensusAsk) -> CensusPage | Failed:
        """Return a page of the ids of all issues of a kind."""
        position = search.stored(ask.position)
        site = await self._api.site()
        if isinstance(site, Failed):
            return site
        where = search.conditions(ask.kind, site)
        found = await search.by_key(self._api, where, position, _CENSUS_PAGE)
        if isinstance(found, Failed):
            return found
        return CensusPage(
            external_ids=[key for row in found.issues if (key := _id(row))],
            position=found.behind.text() if found.behind else None,
            served_at=found.answer.served_at,
            skew=found.answer.skew,
        )

    async def history(self, kind: RecordKind, asks: Sequence[HistoryAsk]) -> History | Failed:
        """Return what changelogs tell; of all there is, since they cannot be cut."""
        site = await self._api.site()
        if isinstance(site, Failed):
            return site
        logs = await issues.changelogs(self._api, [ask.external_id for ask in asks])
        if isinstance(logs, Failed):
            if logs.status == _FORBIDDEN:
                return History(edits=(), is_closed=True)
            return logs
        changes = history.changes(logs, asks)
        self._directory.learn_people(history.people(changes))
        edits = history.edits(changes, kind, site)
        services = await self._services(changes, kind, site)
        if isinstance(services, Failed):
            return services
        edits += history.service_edits(changes, services, kind, site)
        return History(edits=sorted(edits, key=lambda edit: (edit.key, edit.external_id)))

    async def _services(
        self, changes: Sequence[Change], kind: RecordKind, site: Site
    ) -> dict[str, tuple[Reference, ...]] | Failed:
        """Read the present services of the issues whose services have changed."""
        places = history.service_places(kind, site)
        wanted = sorted({change.record for change in changes if change.place in places})
        read = await issues.issues(self._api, wanted, mapping.asked(kind, site))
        if isinstance(read, Failed):
            return read
        records, _ = self._read(read.issues, kind, site)
        return {
            record.external_id: tuple(part for part in named if isinstance(part, Reference))
            for record in records
            if isinstance(named := record.fields.get("services"), tuple)
        }

    async def notes(self, kind: RecordKind, asks: Sequence[HistoryAsk]) -> Notes | Failed:
        """Return all comments, whatever they are asked since: so deleted ones are missed."""
        read = await issues.issues(self._api, [ask.external_id for ask in asks], ["comment"])
        if isinstance(read, Failed):
            return read
        notes: list[InboundNote] = []
        whole: set[str] = set()
        for row in read.issues:
            told = await issues.comments(self._api, row)
            if isinstance(told, Failed):
                if told.status == _FORBIDDEN:
                    return Notes(notes=(), is_closed=True)
                return told
            if told is not None:
                notes += told.notes
                whole |= {str(row.get("id"))} if told.is_whole else set()
        notes.sort(key=lambda note: (note.created_at, note.external_id))
        return Notes(notes=notes, whole=frozenset(whole))

    async def names(self, references: Collection[Reference]) -> Sequence[Named] | Failed:
        """Return the names; most have come along with the issues."""
        return await self._directory.names(references)

    async def create(self, ask: CreateAsk) -> InboundRecord | Failed:
        """Create an incident, labelled with our id."""
        return await create(self._api, ask)

    async def write(self, ask: WriteAsk) -> InboundRecord | Failed:
        """Write fields of an incident."""
        return await write(self._api, ask)

    async def comment(self, ask: CommentAsk) -> InboundNote | Failed:
        """Add a comment to an incident."""
        return await comment(self._api, ask)

    async def reader(self) -> Reads | Failed:
        """Return what reads deliveries by what the site is made of."""
        site = await self._api.site()
        if isinstance(site, Failed):
            return site
        return partial(webhook.read, site=site)

    async def check(self) -> Checked:
        """Try reach, sign-in, rights, mapping and clock."""
        return await connection_test.check(self._api)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._api.close()

    def _read(
        self, rows: Sequence[object], kind: RecordKind, site: Site
    ) -> tuple[list[InboundRecord], list[FaultyRecord]]:
        self._directory.learn(rows, history.service_places(kind, site))
        read = [mapping.issue(row, kind, site) for row in rows]
        return (
            [record for record in read if isinstance(record, InboundRecord)],
            [record for record in read if isinstance(record, FaultyRecord)],
        )


def _is_of(row: dict[str, Any], kind: RecordKind, site: Site) -> bool:
    match row.get("fields"):
        case {"issuetype": told}:
            return kind_of(told, site.mappings) is kind
        case _:
            return True


def _id(row: object) -> str:
    match row:
        case {"id": str() | int() as key}:
            return str(key)
        case _:
            return ""
