"""Where records live at vendors."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from domain.records import RecordKind
from models.coding import dumps, from_milliseconds, instant
from models.reads.conditions import Conditions
from models.reads.mirrored import TABLES
from models.reads.scope import Scope
from models.reads.statement import one_of, rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A record at one vendor; ``gone_at`` is when it was deleted there, by its clock."""

    kind: RecordKind
    record_id: str
    integration_id: str
    external_id: str
    external_key: str
    url: str
    last_seen_at: datetime
    gone_at: datetime | None


async def links_of(
    scope: Scope, record_ids: Collection[str], kind: RecordKind
) -> dict[str, list[Link]]:
    """Return the links of each record of a kind, oldest first. Cost: one index probe a record."""
    owner = f"{TABLES[kind]}_id"
    conditions = Conditions()
    conditions.add(one_of(owner, conditions.put(dumps(sorted(record_ids)))))
    conditions.see(scope)
    found = await rows(
        f"""
        SELECT {owner} AS owner, integration_id, external_id, external_key, url, last_seen_at,
            gone_at
        FROM {TABLES[kind]}_link WHERE {conditions.where} ORDER BY id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    links: dict[str, list[Link]] = {record_id: [] for record_id in record_ids}
    for row in found:
        links[row["owner"]].append(
            Link(
                kind=kind,
                record_id=row["owner"],
                integration_id=row["integration_id"],
                external_id=row["external_id"],
                external_key=row["external_key"],
                url=row["url"],
                last_seen_at=from_milliseconds(row["last_seen_at"]),
                gone_at=instant(row["gone_at"]),
            )
        )
    return links
