"""Which services and configuration items a page's records concern."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.inbound import InboundRecord, MirroredValue, Reference, SameAs, VendorKey
from domain.records import Direction, RecordKind
from models.coding import dumps, to_milliseconds
from models.tables.integration import FieldOverrideRow
from operations.runtime import Runtime
from operations.sync.draft import Draft, Drafter
from operations.sync.edits import Edits
from operations.sync.identity import alone, identified, store_aliases
from operations.sync.shapes import SHAPES
from operations.sync.stubs import STUB_AT
from operations.sync.terms import Terms
from operations.sync.writing import Writing

_SERVICE = SHAPES[RecordKind.SERVICE]


async def store_assets(
    to: Writing, drafts: Sequence[Draft], *, names: Mapping[Reference, str]
) -> None:
    """Write the assets that records name, and link the records to them.

    An asset that is named before its own record was read is written by its name
    alone; the record fills in the rest when it comes.
    Cost: four statements a page, some more for assets that are new.
    """
    id_column = f"{to.shape.table}_id"
    wanted = {
        draft.link[id_column]: _references(draft.source.fields["services"])
        for draft in drafts
        if "services" in draft.source.fields
    }
    if not wanted:
        return
    references = sorted(
        {reference for found in wanted.values() for reference in found},
        key=lambda reference: reference.external_id,
    )
    joined = await _joined_by_setting(to)
    known = await _ids(to, references)
    missing = [reference for reference in references if reference.external_id not in known]
    if missing:
        stubs = [_stub(to.runtime, reference, names, joined) for reference in missing]
        known |= await _make(to, stubs)
    if joined:
        await _rejoin(to, joined)
        known = await _ids(to, references)
    await _unlink(to, sorted(wanted))
    await to.tx.upsert(
        f"{to.shape.table}_asset",
        [
            {id_column: record_id, "asset_id": known[reference.external_id]}
            for record_id, found in wanted.items()
            for reference in found
        ],
        key=(id_column, "asset_id"),
        overwrite=False,
    )


def _references(value: MirroredValue) -> tuple[Reference, ...]:
    if isinstance(value, Reference):
        return (value,)
    if isinstance(value, tuple):
        return tuple(dict.fromkeys(part for part in value if isinstance(part, Reference)))
    return ()


async def _unlink(to: Writing, record_ids: Sequence[str]) -> None:
    """Take away what this vendor said of its records' services before.

    A service that two vendors share, of a record that they share too, stays: the
    other may still name it.
    """
    table = to.shape.table
    await to.tx.rows(
        f"""
        DELETE FROM {table}_asset WHERE {to.tx.one_of(f"{table}_id", "$2")} AND asset_id IN (
            SELECT asset_id FROM asset_link WHERE integration_id = $1
        ) AND NOT EXISTS (
            SELECT 1 FROM asset_link a JOIN {table}_link l ON l.integration_id = a.integration_id
            WHERE a.asset_id = {table}_asset.asset_id AND l.{table}_id = {table}_asset.{table}_id
                AND a.integration_id <> $1
        ) RETURNING id
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        dumps(record_ids),
    )


async def _ids(to: Writing, references: Sequence[Reference]) -> dict[str, str]:
    """Return the known assets by external id."""
    if not references:
        return {}
    found = await to.tx.rows(
        f"""
        SELECT asset_id, external_id FROM asset_link
        WHERE integration_id = $1 AND {to.tx.one_of("external_id", "$2")}
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        dumps([reference.external_id for reference in references]),
    )
    return {row["external_id"]: row["asset_id"] for row in found}


async def _joined_by_setting(to: Writing) -> dict[str, str]:
    """Return the services that a person has joined: this vendor's id to another's."""
    override = await FieldOverrideRow.get_or_none(
        integration_id=to.integration_id, kind=to.shape.kind, field="services"
    )
    return {} if override is None else {k: v for k, v in override.values.items() if v}


def _stub(
    runtime: Runtime,
    reference: Reference,
    names: Mapping[Reference, str],
    joined: Mapping[str, str],
) -> InboundRecord:
    """Return what a reference alone tells of an asset; any record of it is newer."""
    name = names.get(reference, reference.external_id)
    same = joined.get(reference.external_id)
    return InboundRecord(
        external_id=reference.external_id,
        external_key=name[:100],
        url="",
        key=VendorKey(at=STUB_AT),
        created_at=runtime.now(),
        author="",
        fields={"name": name[:300]},
        unmapped={},
        same_as=() if same is None else (SameAs(known_as=same),),
    )


async def _make(to: Writing, stubs: Sequence[InboundRecord]) -> dict[str, str]:
    """Store assets that are new; return their ids by external id."""
    services = replace(to, shape=_SERVICE)
    drafter = Drafter(
        runtime=to.runtime,
        shape=_SERVICE,
        integration_id=to.integration_id,
        terms=Terms(integration_id=to.integration_id, direction=Direction.INBOUND),
        edits=Edits(runtime=to.runtime, integration_id=to.integration_id, names={}),
        served_at=STUB_AT,
        now=to.runtime.now(),
    )
    await alone(services)
    same = await identified(services, stubs)
    drafts = [
        drafter.join(same[stub.external_id], stub, ())
        if stub.external_id in same
        else drafter.new(stub, ())
        for stub in stubs
    ]
    await to.tx.upsert("asset", [draft.record for draft in drafts if draft.record], key=("id",))
    await to.tx.upsert(
        "asset_link", [draft.link for draft in drafts], key=("integration_id", "external_id")
    )
    await store_aliases(services, drafts)
    for draft in drafts:
        if draft.entry is not None:
            to.tx.tell(draft.entry)
    return {draft.source.external_id: draft.link["asset_id"] for draft in drafts}


async def _rejoin(to: Writing, joined: Mapping[str, str]) -> None:
    """Move assets that a person has joined since they were first seen."""
    apart = await to.tx.rows(
        f"""
        SELECT l.id, l.asset_id AS from_id, l.external_id, o.asset_id AS to_id,
            o.external_id AS to_external_id
        FROM asset_link l JOIN asset_link o ON o.integration_id <> l.integration_id
        WHERE l.integration_id = $1 AND {to.tx.one_of("l.external_id", "$2")}
            AND {to.tx.one_of("o.external_id", "$3")} AND o.asset_id <> l.asset_id
            AND NOT EXISTS (
                SELECT 1 FROM asset_link t
                WHERE t.asset_id = o.asset_id AND t.integration_id = l.integration_id
            )
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        dumps(sorted(joined)),
        dumps(sorted(joined.values())),
    )
    for row in apart:
        if joined[row["external_id"]] != row["to_external_id"]:
            continue
        await to.tx.rows(
            "UPDATE asset_link SET asset_id = $2 WHERE id = $1 RETURNING id",
            row["id"],
            row["to_id"],
        )
        await to.tx.rows(
            """
            UPDATE asset SET deleted_at = $2 WHERE id = $1 AND NOT EXISTS (
                SELECT 1 FROM asset_link WHERE asset_id = $1
            ) RETURNING id
            """,
            row["from_id"],
            to_milliseconds(to.runtime.now()),
        )
