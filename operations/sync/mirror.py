"""What a vendor told, written into our tables: one page, or one record that a person named."""

from collections.abc import Mapping, Sequence

from adapters.registry import manifest
from domain.records import EditSource
from domain.sync.field import Sent
from models.coding import dumps, to_milliseconds
from operations.sync.assets import store_assets
from operations.sync.consequences import store_consequences
from operations.sync.draft import Draft, Drafter
from operations.sync.edits import Edits
from operations.sync.gather import Gathered
from operations.sync.identity import alone, identified, store_aliases
from operations.sync.ledger import NOTHING
from operations.sync.linked import linked
from operations.sync.notes import store_notes
from operations.sync.relations import store_relations
from operations.sync.shapes import Line
from operations.sync.stubs import give_way, is_stub
from operations.sync.terms import terms_of_all
from operations.sync.told_before import known_edits
from operations.sync.unreadable import forget_faulty, store_faulty
from operations.sync.writing import Writing
from operations.tickets.told import store_told


async def drafted(
    to: Writing,
    gathered: Gathered,
    *,
    source: EditSource = EditSource.PULL,
    same: Mapping[str, Line] | None = None,
    sent: Mapping[str, Sent] | None = None,
) -> list[Draft]:
    """Return what becomes of the changed records: updates, joins and new ones.

    source: the door that they came through.
    sent: the fields of a write to the one record, which is the vendor's answer to it.
    same: records of ours, locked, that a person says some of them are, by external id.
    Raises Untold for what is judged without its history, and cannot be; nothing is written.
    """
    if not gathered.changed:
        return []
    await alone(to)
    stored = await stored_lines(to, [record.external_id for record in gathered.changed])
    unread = [
        record
        for record in gathered.changed
        if (line := stored.get(record.external_id)) is None or is_stub(line)
    ]
    same = {**await identified(to, unread), **(same or {})}
    drafter = await _drafter(to, gathered, source)
    about = await linked(to, [line["r_id"] for line in stored.values()])
    drafts: list[Draft] = []
    for record in gathered.changed:
        history = gathered.edits.get(record.external_id, ()) if to.shape.has_edits else ()
        known, twin = stored.get(record.external_id), same.get(record.external_id)
        draft: Draft | None
        if twin is not None:
            draft = drafter.join(twin, record, history, sent=sent or {})
            if known is not None:
                await give_way(to, stub_id=known["r_id"], twin_id=twin["id"])
        elif known is not None:
            facts = about.get(known["r_id"], NOTHING)
            draft = drafter.update(known, record, history, facts, sent=sent or {})
        else:
            draft = drafter.new(record, history)
        if draft is not None:
            drafts.append(draft)
    return drafts


async def _drafter(to: Writing, gathered: Gathered, source: EditSource) -> Drafter:
    """Return what turns the page's records into lines."""
    tells_all = to.shape.has_edits and manifest(to.provider).tells_every_change
    return Drafter(
        runtime=to.runtime,
        shape=to.shape,
        integration_id=to.integration_id,
        terms=(await terms_of_all())[to.integration_id],
        edits=Edits(
            runtime=to.runtime,
            integration_id=to.integration_id,
            names=gathered.names,
            known=await known_edits(to, gathered) if to.shape.has_edits else frozenset(),
            source=source,
        ),
        served_at=gathered.page.served_at,
        now=to.runtime.now(),
        is_whole=gathered.is_whole,
        needs_history=tells_all and not gathered.is_whole,
    )


async def written(to: Writing, gathered: Gathered, drafts: Sequence[Draft]) -> None:
    """Write the drafts and what belongs to them, and tell of them.

    Cost: a constant number of statements, whatever the number of records.
    """
    table = to.shape.table
    records = [draft.record for draft in drafts if draft.record is not None]
    await to.tx.upsert(table, records, key=("id",))
    await to.tx.upsert(
        f"{table}_link",
        [draft.link for draft in drafts],
        key=("integration_id", "external_id"),
    )
    await to.tx.upsert(
        "edit",
        [edit for draft in drafts for edit in draft.edits],
        key=("integration_id", "external_id"),
        overwrite=False,
    )
    await _write_directory(to, gathered)
    await store_assets(to, drafts, names=gathered.names)
    await store_relations(to, drafts)
    await store_aliases(to, drafts)
    await _count_unmapped(to, gathered)
    await store_consequences(to, drafts)
    await store_told(to, gathered, drafts)
    for draft in drafts:
        if draft.entry is not None:
            to.tx.tell(draft.entry)
    await store_notes(to, gathered.notes, names=gathered.names, drafts=drafts)
    await _write_unreadable(to, gathered)


async def stored_lines(to: Writing, external_ids: Sequence[str]) -> dict[str, Line]:
    """Return what is known of some records: their links, and ours as ``r_…``, locked."""
    table = to.shape.table
    columns = ", ".join(f"r.{name} AS r_{name}" for name in to.shape.record_columns)
    found = await to.tx.rows(
        f"""
        SELECT {", ".join(f"l.{name}" for name in to.shape.link_columns)}, (
            SELECT min(o.id) FROM {table}_link o WHERE o.{table}_id = l.{table}_id
        ) AS oldest_link, {columns}
        FROM {table}_link l JOIN {table} r ON r.id = l.{table}_id
        WHERE l.integration_id = $1 AND {to.tx.one_of("l.external_id", "$2")}
        ORDER BY r.id {to.tx.for_update}
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        dumps(external_ids),
    )
    return {row["external_id"]: row for row in found}


async def _write_directory(to: Writing, gathered: Gathered) -> None:
    now = to_milliseconds(to.runtime.now())
    await to.tx.upsert(
        "directory",
        [
            {
                "id": to.runtime.new_id(),
                "integration_id": to.integration_id,
                "table": named.reference.table,
                "external_id": named.reference.external_id,
                "name": named.name,
                "email": named.email,
                "seen_at": now,
            }
            for named in gathered.named
        ],
        key=("integration_id", "table", "external_id"),
    )


async def _write_unreadable(to: Writing, gathered: Gathered) -> None:
    """Keep the rows that could not be read, and let go of those that can be by now."""
    if to.has_faulty:
        read = (*gathered.page.records, *gathered.changed)
        await forget_faulty(to, {record.external_id for record in read})
    await store_faulty(to, gathered.page.faulty)


async def _count_unmapped(to: Writing, gathered: Gathered) -> None:
    """Count the values without a counterpart."""
    now = to_milliseconds(to.runtime.now())
    for record in gathered.changed:
        for name, value in record.unmapped.items():
            await to.tx.rows(
                """
                INSERT INTO unmapped_value
                    (id, integration_id, field, value, seen, last_seen_at)
                VALUES ($1, $2, $3, $4, 1, $5)
                ON CONFLICT (integration_id, field, value) DO UPDATE
                SET seen = unmapped_value.seen + 1, last_seen_at = excluded.last_seen_at
                RETURNING id
                """,
                to.runtime.new_id(),
                to.integration_id,
                name,
                value,
                now,
            )
