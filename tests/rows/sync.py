"""Integrations, their runs, and what is known of them."""

from typing import Any

from domain.records import Direction, IntegrationState, RecordKind, RunPhase, RunStatus
from models.tables.directory import DirectoryRow
from models.tables.integration import CredentialRow, IntegrationRow, UnmappedValueRow
from models.tables.sync_run import SyncRunRow, WatermarkRow
from tests.rows.moments import NOW, new_id


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


async def known(of: IntegrationRow, table: str, name: str, **columns: Any) -> DirectoryRow:  # noqa: ANN401 — columns
    """A person, a group or another thing of a vendor's directory."""
    key = new_id()
    defaults: dict[str, Any] = {
        "id": key,
        "integration_id": of.id,
        "table": table,
        "external_id": f"sys{key}",
        "name": name,
        "seen_at": NOW,
    }
    return await DirectoryRow.create(**defaults | columns)
