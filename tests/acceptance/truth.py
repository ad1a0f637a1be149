"""In what a mirror is not what its vendor holds, whoever the vendor is.

The records that exist are counted in the vendor's own store; what they hold is read
anew by their ids, as nothing but a lookup can be spoilt by pages, bounds and windows.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from adapters.contract import Manifest, Vendor
from adapters.exchange import Failed, Found, History, HistoryAsk
from adapters.registry import manifest
from domain.inbound import InboundRecord, Reference
from domain.records import ENDED, FieldValue, RecordKind, VendorFeature
from models.coding import loads, to_milliseconds
from models.tables.integration import IntegrationRow
from operations.runtime import Runtime
from operations.sync.connect import connect
from operations.sync.edits import named, resolved
from operations.sync.gather import references
from operations.sync.shapes import SHAPES, Line
from tests.acceptance.lives.life import Life
from tests.mirror import rows_of, told

# Mirrored as links, not as values.
_SERVICES = "services"


async def differences(runtime: Runtime, life: Life) -> list[str]:
    """Return the differences; nothing is what should be."""
    async with _opened(runtime) as vendor:
        found = []
        for kind in sorted(life.kinds):
            truth = _Truth(vendor=vendor, about=manifest(life.provider), kind=kind)
            found += await truth.differences(life.records(kind))
    found += await life.differences()
    return [*found, *await _made_up(life.untold), *await _telling_differences()]


@asynccontextmanager
async def _opened(runtime: Runtime) -> AsyncIterator[Vendor]:
    (integration,) = await IntegrationRow.all()
    vendor = await connect(runtime, integration)
    yield vendor
    await vendor.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Truth:
    """One kind of a vendor's records."""

    vendor: Vendor
    about: Manifest
    kind: RecordKind

    async def differences(self, titles: Mapping[str, str]) -> list[str]:
        """Compare with the mirror the records that the vendor has, by id and title."""
        table = SHAPES[self.kind].table
        lines = {row["id"]: row for row in await rows_of(table)}
        links = {row["external_id"]: row for row in await rows_of(f"{table}_link")}
        found = [f"{lost} is not mirrored" for lost in titles.keys() - links.keys()]
        if len(lines) != len(links):
            found.append(f"{len(lines)} of {table} have {len(links)} links")
        for external_id, link in links.items():
            line = lines[link[f"{table}_id"]]
            is_here = line["deleted_at"] is None and link["gone_at"] is None
            if is_here != (external_id in titles):
                found.append(f"{external_id} is {'here' if is_here else 'deleted'}, unlike there")
            title = SHAPES[self.kind].columns.get("title", "name")
            if is_here and line[title] != titles.get(external_id):
                found.append(f"{external_id} is called {line[title]}")
        if found or not titles:
            return found
        return await self._held(sorted(titles), lines, links)

    async def _held(
        self, ids: Sequence[str], lines: Mapping[str, Line], links: Mapping[str, Line]
    ) -> list[str]:
        """Compare what the records hold, and what happened to them."""
        read = await self.vendor.read(self.kind, ids)
        assert isinstance(read, Found), read
        history = await self._history(ids)
        names = await self._names(references(read.records, history.edits, []))
        found = [] if len(read.records) == len(ids) else ["a record could not be read by its id"]
        neighbours = await _neighbours(SHAPES[self.kind].table)
        for record in read.records:
            link = links[record.external_id]
            line = lines[link[f"{SHAPES[self.kind].table}_id"]]
            theirs = self._expected(record, resolved(record.fields, names))
            ours = self._mirrored(record, line, link) | neighbours.of(line["id"], record)
            found += [
                f"{record.external_id} has {name} {value}, mirrored as {ours.get(name)}"
                for name, value in theirs.items()
                if ours.get(name) != value
            ]
        if self.about.has_history_by_record:
            history = _never_ended(history, read.records)
        return found + await _lost(history, names)

    def _expected(
        self, record: InboundRecord, values: Mapping[str, FieldValue]
    ) -> dict[str, object]:
        shape = SHAPES[self.kind]
        line = shape.new_line("", record, values)
        # What a record does not name keeps its value: absence is not emptiness.
        columns = {
            column: loads(line[column]) if name in shape.lists else line[column]
            for name, column in shape.columns.items()
            if name in values
        }
        if shape.key_column is not None:
            columns[shape.key_column] = record.external_key
        told_of = {f"base {name}": value for name, value in values.items() if name != _SERVICES}
        return {
            **columns,
            **told_of,
            "extra": _told(loads(line["extra"])),
            "key": (to_milliseconds(record.key.at), record.key.sequence),
            _SERVICES: _services(record),
            "relations": {
                (name, target.kind, target.external_id)
                for name, targets in record.relations.items()
                for target in targets
            },
        }

    def _mirrored(self, record: InboundRecord, line: Line, link: Line) -> dict[str, object]:
        told_of = {f"base {name}": value for name, value in link["base"].items()}
        key = (link["known_at"], link["known_sequence"])
        return {**line, **told_of, "extra": _told(line["extra"]), "key": key}

    async def _history(self, ids: Sequence[str]) -> History:
        has_any = SHAPES[self.kind].has_edits and VendorFeature.HISTORY in self.about.features
        asks = [HistoryAsk(external_id=one, since=None) for one in ids] if has_any else []
        history = await self.vendor.history(self.kind, asks) if asks else History(edits=())
        assert isinstance(history, History), history
        return history

    async def _names(self, wanted: set[Reference]) -> dict[Reference, str]:
        found = await self.vendor.names(wanted)
        assert not isinstance(found, Failed), found
        return {entry.reference: entry.name for entry in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Neighbours:
    """What the mirrored records of a kind are linked to, by our id."""

    services: Mapping[str, set[str]]
    relations: Mapping[str, set[tuple[str, str, str]]]

    def of(self, record_id: str, record: InboundRecord) -> dict[str, object]:
        """Return those of one record, so far as the vendor tells of them."""
        related = self.relations.get(record_id, set())
        return {
            _SERVICES: self.services.get(record_id, set()) if _SERVICES in record.fields else None,
            "relations": {one for one in related if one[0] in record.relations},
        }


async def _neighbours(table: str) -> _Neighbours:
    services: dict[str, set[str]] = {}
    if table != "asset":
        ids = {row["asset_id"]: row["external_id"] for row in await rows_of("asset_link")}
        for row in await rows_of(f"{table}_asset"):
            services.setdefault(row[f"{table}_id"], set()).add(ids[row["asset_id"]])
    relations: dict[str, set[tuple[str, str, str]]] = {}
    for row in await rows_of("relation"):
        target = (row["name"], row["to_kind"], row["to_external_id"])
        relations.setdefault(row["from_id"], set()).add(target)
    return _Neighbours(services=services, relations=relations)


def _told(values: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """Leave out what is empty: it may also be missing."""
    return {name: value for name, value in values.items() if value is not None}


def _services(record: InboundRecord) -> set[str] | None:
    if _SERVICES not in record.fields:
        return None
    value: Any = record.fields[_SERVICES]
    several = value if isinstance(value, tuple) else (value,)
    return {one.external_id for one in several if isinstance(one, Reference)}


def _never_ended(history: History, records: Sequence[InboundRecord]) -> History:
    """Leave out records that have ended: they may have when they were first seen."""
    ended = {record.external_id for record in records if record.fields.get("status") in ENDED}
    ended |= {
        edit.record_external_id
        for edit in history.edits
        if edit.field == "status" and ENDED & {edit.before, edit.after}
    }
    return History(edits=[edit for edit in history.edits if edit.record_external_id not in ended])


async def _lost(history: History, names: Mapping[Reference, str]) -> list[str]:
    mirrored = {row["external_id"] for row in await rows_of("edit")}
    return [
        f"change {edit.external_id} is lost"
        for edit in history.edits
        if named(edit.before, names) != named(edit.after, names)
        and edit.external_id not in mirrored
    ]


async def _made_up(untold: Collection[str]) -> list[str]:
    # A record that is deleted takes along what its history would have told.
    deleted = {row["id"] for row in await rows_of("incident") if row["deleted_at"] is not None}
    return [
        f"change of {row['field']} to {row['after']} is made up"
        for row in await rows_of("edit")
        if not row["external_id"] and row["field"] not in untold
        if row["incident_id"] not in deleted
    ]


async def _telling_differences() -> list[str]:
    ids = [edit for _, _, edits in await told() for edit in edits]
    stored = {row["id"] for row in await rows_of("edit")}
    twice = len(ids) - len(set(ids))
    found = [f"{twice} changes were told twice"] if twice else []
    return found + [f"change {edit} was not told" for edit in stored.difference(ids)]
