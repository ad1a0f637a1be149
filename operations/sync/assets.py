"""Which services and configuration items a page's incidents affect."""

from collections.abc import Sequence

from domain.records import Reference, ServiceCriticality
from models.coding import dumps, to_milliseconds
from models.transaction import Transaction
from operations.runtime import Runtime
from operations.sync.draft import Draft
from operations.sync.gather import Gathered


async def store_assets(
    runtime: Runtime,
    tx: Transaction,
    integration_id: str,
    *,
    gathered: Gathered,
    drafts: Sequence[Draft],
) -> None:
    """Write the assets that changed incidents name, and link them.

    Cost: five statements a page at most, none when no changed incident has any.
    """
    incidents = {
        draft.link["external_id"]: draft.link["incident_id"]
        for draft in drafts
        if draft.incident is not None
    }
    wanted = {
        incidents[record.external_id]: _assets(record.fields.get("services"))
        for record in gathered.changed
        if record.external_id in incidents and "services" in record.fields
    }
    references = sorted(
        {reference for found in wanted.values() for reference in found},
        key=lambda reference: reference.external_id,
    )
    known = await _ids(runtime, tx, integration_id, gathered=gathered, references=references)
    if wanted:
        await tx.rows(
            f"""
            DELETE FROM incident_asset WHERE {tx.one_of("incident_id", "$1")} RETURNING id
            """,  # noqa: S608 — the inserted text is ours
            dumps(list(wanted)),
        )
    await tx.upsert(
        "incident_asset",
        [
            {"incident_id": incident_id, "asset_id": known[reference.external_id]}
            for incident_id, found in wanted.items()
            for reference in found
        ],
        key=("incident_id", "asset_id"),
        overwrite=False,
    )


def _assets(value: object) -> tuple[Reference, ...]:
    if isinstance(value, Reference):
        return (value,)
    if isinstance(value, tuple):
        return tuple(dict.fromkeys(part for part in value if isinstance(part, Reference)))
    return ()


async def _ids(
    runtime: Runtime,
    tx: Transaction,
    integration_id: str,
    *,
    gathered: Gathered,
    references: Sequence[Reference],
) -> dict[str, str]:
    """Store the assets that are new, and return all ids by external id."""
    if not references:
        return {}
    await tx.upsert(
        "asset",
        [
            {
                "id": runtime.new_id(),
                "integration_id": integration_id,
                "external_id": reference.external_id,
                "name": gathered.names.get(reference, reference.external_id),
                # What a vendor does not tell counts as the least critical.
                "criticality": ServiceCriticality.TIER3,
                "is_configuration_item": True,
                "created_at": to_milliseconds(runtime.now()),
            }
            for reference in references
        ],
        key=("integration_id", "external_id"),
        overwrite=False,
    )
    found = await tx.rows(
        f"""
        SELECT id, external_id FROM asset
        WHERE integration_id = $1 AND {tx.one_of("external_id", "$2")}
        """,  # noqa: S608 — the inserted text is ours
        integration_id,
        dumps([reference.external_id for reference in references]),
    )
    return {row["external_id"]: row["id"] for row in found}
