"""Makes rows; what a test does not name is plain and its own."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from domain.events.entry import IncidentEventKind, NewEntry, Topic
from domain.records import (
    Direction,
    EditSource,
    IncidentStatus,
    IntegrationState,
    MergeReason,
    RecordKind,
    RunPhase,
    RunStatus,
    ServiceCriticality,
    Severity,
)
from models.coding import dumps, to_milliseconds
from models.tables.asset import AssetRow, IncidentAssetRow
from models.tables.incident import IncidentLinkRow, IncidentRow
from models.tables.integration import CredentialRow, IntegrationRow, UnmappedValueRow
from models.tables.sync_run import SyncRunRow, WatermarkRow
from models.transaction import Transaction, commit

NOW = datetime(2026, 3, 2, 13, 24, tzinfo=UTC)

_numbers = count(1)


def new_id() -> str:
    """Return an id of 26 characters; later ones are greater."""
    return f"{next(_numbers):026d}"


async def integration(key: str = "prod-snow", **columns: Any) -> IntegrationRow:  # noqa: ANN401 — columns
    """An integration that works, and the watermark of its incidents."""
    defaults: dict[str, Any] = {
        "id": new_id(),
        "key": key,
        "name": "Production",
        "provider": "servicenow",
        "base_url": "https://example.service-now.com",
        "is_enabled": True,
        "direction": Direction.BIDIRECTIONAL,
        "poll_interval_ms": 60_000,
        "state": IntegrationState.HEALTHY,
        "skew_samples": [],
        "created_at": NOW,
        "updated_at": NOW,
    }
    row = await IntegrationRow.create(**defaults | columns)
    await WatermarkRow.create(
        id=new_id(), integration_id=row.id, kind=RecordKind.INCIDENT, next_pull_at=NOW
    )
    return row


async def incident(title: str = "It is broken", **columns: Any) -> IncidentRow:  # noqa: ANN401 — columns
    """An open incident without links."""
    key = new_id()
    defaults: dict[str, Any] = {
        "id": key,
        "number": f"INC{int(key):07d}",
        "title": title,
        "status": IncidentStatus.NEW,
        "severity": Severity.SEV3,
        "labels": [],
        "extra": {},
        "started_at": NOW - timedelta(hours=1),
        "created_at": NOW - timedelta(hours=1),
        "updated_at": NOW,
        "version": 1,
    }
    return await IncidentRow.create(**defaults | columns)


async def link(of: IncidentRow, to: IntegrationRow, **columns: Any) -> IncidentLinkRow:  # noqa: ANN401 — columns
    """Where an incident lives at a vendor."""
    key = new_id()
    defaults: dict[str, Any] = {
        "id": key,
        "incident_id": of.id,
        "integration_id": to.id,
        "external_id": f"sys{key}",
        "external_key": of.number,
        "url": f"{to.base_url}/{key}",
        "known_at": NOW,
        "known_sequence": 1,
        "base": {},
        "last_seen_at": NOW,
    }
    return await IncidentLinkRow.create(**defaults | columns)


async def edit(of: IncidentRow, **columns: Any) -> str:  # noqa: ANN401 — columns
    """An accepted change of the title; its id."""
    line: dict[str, Any] = {
        "id": new_id(),
        "incident_id": of.id,
        "integration_id": None,
        "field": "title",
        "before": "Before",
        "after": "After",
        "version": 2,
        "at": NOW,
        "sequence": 1,
        "by": "ada",
        "source": EditSource.PULL,
        "accepted": True,
        "reason": MergeReason.NEWER,
    }
    line |= columns
    line |= {name: dumps(line[name]) for name in ("before", "after")}
    line["at"] = to_milliseconds(line["at"])

    async def write(tx: Transaction) -> None:
        await tx.upsert("edit", [line], key=("id",))

    await commit(write)
    return str(line["id"])


async def service(
    name: str,
    of: IntegrationRow,
    incidents: Sequence[IncidentRow] = (),
    **columns: Any,  # noqa: ANN401 — columns
) -> AssetRow:
    """A service, and the incidents that affect it."""
    key = new_id()
    defaults: dict[str, Any] = {
        "id": key,
        "integration_id": of.id,
        "external_id": f"sys{key}",
        "name": name,
        "criticality": ServiceCriticality.TIER1,
        "is_configuration_item": False,
        "created_at": NOW,
    }
    row = await AssetRow.create(**defaults | columns)
    for one in incidents:
        await IncidentAssetRow.create(incident_id=one.id, asset_id=row.id)
    return row


async def run(of: IntegrationRow, **columns: Any) -> SyncRunRow:  # noqa: ANN401 — columns
    """A run that has succeeded."""
    defaults: dict[str, Any] = {
        "id": new_id(),
        "integration_id": of.id,
        "kind": RecordKind.INCIDENT,
        "phase": RunPhase.INCREMENTAL,
        "status": RunStatus.SUCCEEDED,
        "is_full": False,
        "requested_by": "schedule",
        "queued_at": NOW,
        "started_at": NOW,
        "finished_at": NOW,
    }
    return await SyncRunRow.create(**defaults | columns)


async def credential(of: IntegrationRow, name: str) -> CredentialRow:
    """A credential that nobody can open."""
    return await CredentialRow.create(
        id=new_id(),
        integration_id=of.id,
        name=name,
        sealed="sealed",
        set_at=NOW,
        set_by="ada",
    )


async def unmapped(of: IntegrationRow, field: str, value: str) -> UnmappedValueRow:
    """A value that the vendor sent and nothing here stands for."""
    return await UnmappedValueRow.create(
        id=new_id(), integration_id=of.id, field=field, value=value, seen=1, last_seen_at=NOW
    )


async def told(*entries: NewEntry) -> None:
    """Entries of the event log, committed together."""

    async def write(tx: Transaction) -> None:
        for entry in entries:
            tx.tell(entry)

    await commit(write)


async def forgotten(*, through: int) -> None:
    """The event log past its retention: entries up to this number are gone."""

    async def write(tx: Transaction) -> None:
        await tx.rows("DELETE FROM event_log WHERE number <= $1 RETURNING number", through)
        await tx.rows("UPDATE event_head SET oldest = $1 RETURNING oldest", through + 1)

    await commit(write)


def about(
    of: IncidentRow,
    kind: IncidentEventKind = IncidentEventKind.UPDATED,
    edits: Sequence[str] = (),
) -> NewEntry:
    """An entry that tells of an incident."""
    return NewEntry(
        topic=Topic.INCIDENT,
        kind=kind,
        occurred_at=NOW,
        record_id=of.id,
        edit_ids=tuple(edits),
    )
