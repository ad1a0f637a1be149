"""What is known of some vendor records before a page of them is written."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from domain.inbound import Reference, VendorKey
from models.coding import dumps, from_milliseconds, instant
from models.reads.statement import one_of, rows


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVersion:
    """The version of a record that is mirrored, and up to where its history was read.

    compared_at: the stamp of a version of which only single fields were healed.
    """

    key: VendorKey
    fingerprint: str
    history_through: datetime | None
    is_gone: bool
    compared_at: datetime | None = None


async def known_versions(
    table: str, integration_id: str, external_ids: Collection[str]
) -> dict[str, KnownVersion]:
    """Return the mirrored versions by external id. Cost: one index probe a record.

    table: of the records, such as ``incident``.
    """
    # Nothing else is compared.
    compared_at = "compared_at" if table == "incident" else "NULL"
    found = await rows(
        f"""
        SELECT external_id, known_at, known_sequence, fingerprint, history_through, gone_at,
            {compared_at} AS compared_at
        FROM {table}_link
        WHERE integration_id = $1 AND {one_of("external_id", "$2")}
        """,  # noqa: S608 — the inserted text is ours
        integration_id,
        dumps(sorted(external_ids)),
    )
    return {
        row["external_id"]: KnownVersion(
            key=VendorKey(at=from_milliseconds(row["known_at"]), sequence=row["known_sequence"]),
            fingerprint=row["fingerprint"],
            history_through=instant(row["history_through"]),
            is_gone=row["gone_at"] is not None,
            compared_at=instant(row["compared_at"]),
        )
        for row in found
    }


async def known_names(
    integration_id: str, references: Collection[Reference]
) -> dict[Reference, str]:
    """Return the names that the directory has; a person mapped to a user goes by the user's.

    Cost: two index probes a reference.
    """
    found = await rows(
        f"""
        SELECT d."table", d.external_id, coalesce(m."user", d.name) AS name
        FROM directory d LEFT JOIN user_map m
            ON m.integration_id = d.integration_id AND m.external_user = d.external_id
        WHERE d.integration_id = $1 AND {one_of('d."table"', "$2")}
            AND {one_of("d.external_id", "$3")}
        """,  # noqa: S608 — the inserted text is ours
        integration_id,
        dumps(sorted({reference.table for reference in references})),
        dumps(sorted({reference.external_id for reference in references})),
    )
    return {
        Reference(table=row["table"], external_id=row["external_id"]): row["name"] for row in found
    }
