"""Which of our records a vendor's new record is (rule I3); never told by similar text."""

from collections.abc import Mapping, Sequence

from domain.inbound import InboundRecord
from domain.records import EventStatus, RecordKind
from models.coding import dumps
from operations.sync.draft import Draft
from operations.sync.shapes import Line
from operations.sync.writing import Writing


async def alone(to: Writing) -> None:
    """Keep other transactions from identifying records of the kind until this one commits.

    Two that bring the two ends of a pair at once would not see each other. Comes
    before any record is locked, or the two could wait for each other.
    """
    await to.tx.alone(f"identify {to.shape.kind}")


async def identified(to: Writing, records: Sequence[InboundRecord]) -> dict[str, Line]:
    """Return our records, by the external ids of those that are the same thing.

    A record is ours when it carries our id (I3b), when it names another vendor's
    record that is mirrored, or when a mirrored one names it (I3c). One that could
    be several of ours is none; one of ours has one link to an integration.
    Call ``alone`` first. Cost: four statements at most, for a page's new records only.
    """
    if not records:
        return {}
    found: dict[str, set[str]] = {record.external_id: set() for record in records}
    for record in records:
        if record.correlation_id:
            found[record.external_id].add(record.correlation_id)
    await _named_by_them(to, records, found)
    await _named_by_ours(to, records, found)
    if to.shape.kind is RecordKind.EVENT:
        await _fires_already(to, records, found)
    certain = {external_id: ids.pop() for external_id, ids in found.items() if len(ids) == 1}
    free = await _free(to, sorted(set(certain.values())))
    same: dict[str, Line] = {}
    for external_id, record_id in certain.items():
        if (line := free.pop(record_id, None)) is not None:
            same[external_id] = line
    return same


async def _named_by_them(
    to: Writing, records: Sequence[InboundRecord], found: Mapping[str, set[str]]
) -> None:
    """Find the mirrored records that new ones name."""
    names = sorted({same.known_as for record in records for same in record.same_as})
    if not names:
        return
    links = await to.tx.rows(
        f"""
        SELECT l.{to.shape.table}_id AS record_id, l.external_id, l.external_key, i.provider
        FROM {to.shape.table}_link l JOIN integration i ON i.id = l.integration_id
        WHERE l.integration_id <> $1
            AND ({to.tx.one_of("l.external_id", "$2")} OR {to.tx.one_of("l.external_key", "$2")})
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        dumps(names),
    )
    for record in records:
        for same in record.same_as:
            found[record.external_id].update(
                link["record_id"]
                for link in links
                if same.known_as in {link["external_id"], link["external_key"]}
                and same.provider in {None, link["provider"]}
            )


async def _named_by_ours(
    to: Writing, records: Sequence[InboundRecord], found: Mapping[str, set[str]]
) -> None:
    """Find the mirrored records that name new ones."""
    names = {name for record in records for name in (record.external_id, record.external_key)}
    aliases = await to.tx.rows(
        f"""
        SELECT record_id, known_as, provider FROM alias
        WHERE kind = $1 AND integration_id <> $2 AND {to.tx.one_of("known_as", "$3")}
        """,  # noqa: S608 — the inserted text is ours
        to.shape.kind,
        to.integration_id,
        dumps(sorted(names)),
    )
    for record in records:
        found[record.external_id].update(
            alias["record_id"]
            for alias in aliases
            if alias["known_as"] in {record.external_id, record.external_key}
            and alias["provider"] in {None, to.provider}
        )


async def _fires_already(
    to: Writing, records: Sequence[InboundRecord], found: Mapping[str, set[str]]
) -> None:
    """Find the events that fire under the same key of the same source.

    Two vendors that hear of one alarm tell of one event; its key is never its text.
    """
    keys = {record.external_id: _key(record) for record in records}
    firing = await to.tx.rows(
        f"""
        SELECT id, dedup_key, source FROM event
        WHERE status = $1 AND deleted_at IS NULL AND {to.tx.one_of("dedup_key", "$2")}
        """,  # noqa: S608 — the inserted text is ours
        EventStatus.FIRING,
        dumps(sorted({key for key, _ in filter(None, keys.values())})),
    )
    for record in records:
        if record.fields.get("status") == EventStatus.FIRING:
            found[record.external_id].update(
                event["id"]
                for event in firing
                if (event["dedup_key"], event["source"]) == keys[record.external_id]
            )


def _key(record: InboundRecord) -> tuple[str, str] | None:
    """Return an event's key and source; None when it lacks either."""
    key, source = record.fields.get("dedupKey"), record.fields.get("source")
    return (str(key), str(source)) if key and source else None


async def _free(to: Writing, record_ids: Sequence[str]) -> dict[str, Line]:
    """Return the records that this integration has no link to, locked."""
    if not record_ids:
        return {}
    columns = ", ".join(f"r.{column}" for column in to.shape.record_columns)
    lines = await to.tx.rows(
        f"""
        SELECT {columns} FROM {to.shape.table} r
        WHERE {to.tx.one_of("r.id", "$1")} AND NOT EXISTS (
            SELECT 1 FROM {to.shape.table}_link l
            WHERE l.{to.shape.table}_id = r.id AND l.integration_id = $2
        ) ORDER BY r.id {to.tx.for_update}
        """,  # noqa: S608 — the inserted text is ours
        dumps(record_ids),
        to.integration_id,
    )
    return {line["id"]: line for line in lines}


async def store_aliases(to: Writing, drafts: Sequence[Draft]) -> None:
    """Note what else the records of a page are known as, in place of what was noted.

    Cost: a statement a page, two when a record names another.
    """
    told = {draft.link[f"{to.shape.table}_id"]: draft.source.same_as for draft in drafts}
    if not told:
        return
    await to.tx.rows(
        f"""
        DELETE FROM alias WHERE integration_id = $1 AND {to.tx.one_of("record_id", "$2")}
        RETURNING id
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        dumps(sorted(told)),
    )
    await to.tx.upsert(
        "alias",
        [
            {
                "id": to.runtime.new_id(),
                "integration_id": to.integration_id,
                "kind": to.shape.kind,
                "record_id": record_id,
                "provider": same.provider,
                "known_as": same.known_as,
            }
            for record_id, names in told.items()
            for same in names
        ],
        key=("record_id", "integration_id", "known_as"),
        overwrite=False,
    )
