"""Which changes of a vendor's history are kept already, so that each is kept once."""

from collections.abc import Sequence
from typing import Any

from domain.inbound import InboundEdit
from domain.records import EditSource
from models.coding import dumps, loads, to_milliseconds
from operations.sync.edits import in_order, named
from operations.sync.gather import Gathered
from operations.sync.writing import Writing


async def known_edits(to: Writing, gathered: Gathered) -> frozenset[str]:
    """Return the ids of the history's changes that are kept.

    A delivery, or the answer to a write, shows a change before the history tells it: then
    it is kept without an id, gets it here, and with it the true time and author.
    Cost: two statements for records with a history, and one for each such change.
    """
    edits = [edit for of_one in gathered.edits.values() for edit in of_one]
    if not edits:
        return frozenset()
    found = await to.tx.rows(
        f"""
        SELECT external_id FROM edit
        WHERE integration_id = $1 AND {to.tx.one_of("external_id", "$2")}
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        dumps([edit.external_id for edit in edits]),
    )
    known = {row["external_id"] for row in found}
    news = [edit for edit in edits if edit.external_id not in known]
    if not gathered.is_whole or not news:
        return frozenset(known)
    return frozenset(known) | await _adopted(to, gathered, news)


async def _adopted(to: Writing, gathered: Gathered, news: Sequence[InboundEdit]) -> set[str]:
    """Give shown changes the ids of the last ones of the history that they can be."""
    shown = await _shown(to, sorted({edit.record_external_id for edit in news}))
    adopted: set[str] = set()
    for edit in reversed(in_order(news)):
        what = (edit.record_external_id, edit.field, named(edit.after, gathered.names))
        when = (to_milliseconds(edit.key.at), edit.key.sequence)
        same = [
            row
            for row in shown
            if (row["of"], row["field"], loads(row["after"] or "null")) == what
            # Rows of a history are numbered, where records may not be.
            and (row["at"], row["sequence"] or edit.key.sequence) >= when
        ]
        if not same:
            continue
        nearest = min(same, key=lambda row: (row["at"], row["sequence"], row["id"]))
        shown.remove(nearest)
        adopted.add(edit.external_id)
        await to.tx.rows(
            """
            UPDATE edit SET external_id = $2, at = $3, sequence = $4, by = $5
            WHERE id = $1 RETURNING id
            """,
            nearest["id"],
            edit.external_id,
            *when,
            edit.author,
        )
    return adopted


async def _shown(to: Writing, external_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return what deliveries and answers have shown of records, and no history has told yet."""
    return await to.tx.rows(
        f"""
        SELECT e.id, l.external_id AS "of", e.field, e.after, e.at, e.sequence
        FROM incident_link l JOIN edit e ON e.incident_id = l.incident_id
        WHERE l.integration_id = $1 AND {to.tx.one_of("l.external_id", "$2")}
            AND e.integration_id = $1 AND e.external_id IS NULL AND e.source IN ($3, $4)
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        dumps(external_ids),
        EditSource.WEBHOOK,
        EditSource.PULL,
    )
