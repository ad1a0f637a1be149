"""What is known of some vendor records before a page of them is written."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from domain.records import Reference, VendorKey
from models.coding import dumps, from_milliseconds
from models.reads.statement import one_of, rows


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVersion:
    """The version of a record that is mirrored, and up to where its history was read."""

    key: VendorKey
    history_through: datetime | None


async def known_versions(
    integration_id: str, external_ids: Collection[str]
) -> dict[str, KnownVersion]:
    """Return the mirrored versions by external id. Cost: one index probe a record."""
    found = await rows(
        f"""
        SELECT external_id, known_at, known_sequence, history_through FROM incident_link
        WHERE integration_id = $1 AND {one_of("external_id", "$2")}
        """,  # noqa: S608 — the inserted text is ours
        integration_id,
        dumps(sorted(external_ids)),
    )
    return {
        row["external_id"]: KnownVersion(
            key=VendorKey(at=from_milliseconds(row["known_at"]), sequence=row["known_sequence"]),
            history_through=None
            if row["history_through"] is None
            else from_milliseconds(row["history_through"]),
        )
        for row in found
    }


async def known_names(
    integration_id: str, references: Collection[Reference]
) -> dict[Reference, str]:
    """Return the names that the directory has. Cost: one index probe a reference."""
    found = await rows(
        f"""
        SELECT "table", external_id, name FROM directory
        WHERE integration_id = $1 AND {one_of('"table"', "$2")} AND {one_of("external_id", "$3")}
        """,  # noqa: S608 — the inserted text is ours
        integration_id,
        dumps(sorted({reference.table for reference in references})),
        dumps(sorted({reference.external_id for reference in references})),
    )
    return {
        Reference(table=row["table"], external_id=row["external_id"]): row["name"] for row in found
    }
