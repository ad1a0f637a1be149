"""What a page's records are to others: pointers to vendor records, mirrored or not yet."""

from collections.abc import Sequence

from models.coding import dumps
from operations.sync.draft import Draft
from operations.sync.writing import Writing


async def store_relations(to: Writing, drafts: Sequence[Draft]) -> None:
    """Put the relations that records tell in place of those they told before.

    A relation that a record does not name stays: absence is not emptiness.
    Cost: a statement a page and relation name, and one for the new pointers.
    """
    id_column = f"{to.shape.table}_id"
    told = {
        draft.link[id_column]: draft.source.relations for draft in drafts if draft.source.relations
    }
    for name in sorted({name for relations in told.values() for name in relations}):
        await to.tx.rows(
            f"""
            DELETE FROM relation
            WHERE integration_id = $1 AND name = $2 AND {to.tx.one_of("from_id", "$3")} RETURNING id
            """,  # noqa: S608 — the inserted text is ours
            to.integration_id,
            name,
            dumps(sorted(record_id for record_id, relations in told.items() if name in relations)),
        )
    await to.tx.upsert(
        "relation",
        [
            {
                "id": to.runtime.new_id(),
                "integration_id": to.integration_id,
                "name": name,
                "from_kind": to.shape.kind,
                "from_id": record_id,
                "to_kind": target.kind,
                "to_external_id": target.external_id,
            }
            for record_id, relations in told.items()
            for name, targets in relations.items()
            for target in targets
        ],
        key=("from_id", "integration_id", "name", "to_kind", "to_external_id"),
        overwrite=False,
    )
