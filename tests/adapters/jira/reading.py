"""How the tests read the site, fill it, and what they know of it."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.exchange import Failed, History, HistoryAsk, Page, PageAsk, WriteAsk
from adapters.field_map import FieldMap, Mappings
from adapters.jira.client import Jira as Client
from adapters.jira.maps import MAPPINGS
from adapters.jira.site import Choice, Field, Site
from adapters.jira.statuses import Status
from domain.inbound import InboundEdit, InboundRecord, MirroredValue
from domain.records import RecordKind
from simulators.jira.instance import Jira

INCIDENT = "[System] Incident"
CHANGE = "[System] Change"
REQUEST = "[System] Service request"
_RECORDED = Path(__file__).parents[2] / "data" / "jira"
_FIELDS = ("summary", "description", "status", "assignee", "components", "labels", "priority")


def recorded(name: str) -> Any:  # noqa: ANN401 — JSON
    return json.loads((_RECORDED / f"{name}.json").read_text("utf-8"))


def altered(field: str, kind: RecordKind = RecordKind.INCIDENT, **by: object) -> Mappings:
    """Return the default maps with one field altered, as a setting does."""
    return Mappings(
        replace(entry, **by) if (entry.kind, entry.field) == (kind, field) else entry  # type: ignore[arg-type]  # — fields of FieldMap by name
        for entry in MAPPINGS
    )


def site(
    mappings: Iterable[FieldMap] = MAPPINGS,
    *,
    fields: Iterable[Field] = (),
    statuses: Iterable[Status] = (),
    priorities: Iterable[str] = ("Highest", "High", "Medium", "Low", "Lowest"),
) -> Site:
    """Return a site with the fields that every site has, and some of its own."""
    own = [*_FIELDS, "created", "resolutiondate", "environment"]
    return Site(
        url="https://acme.example.com",
        account_id="me",
        mappings=Mappings(mappings),
        fields=[
            *(Field(id=name, names=frozenset({name}), is_scoped=False) for name in own),
            *fields,
        ],
        priorities=[Choice(id=str(n), name=name) for n, name in enumerate(priorities, 1)],
        statuses={status.id: status for status in statuses},
    )


def ask(
    kind: RecordKind = RecordKind.INCIDENT,
    position: str | None = None,
    since: datetime | None = None,
    size: int = 100,
) -> PageAsk:
    return PageAsk(kind=kind, since=since, position=position, size=size)


async def page(client: Client, asked: PageAsk) -> Page:
    found = await client.page(asked)
    assert isinstance(found, Page), found
    return found


async def pages(client: Client, asked: PageAsk) -> list[Page]:
    read = [await page(client, asked)]
    while read[-1].position:
        assert len(read) < 100
        read.append(await page(client, replace(asked, position=read[-1].position)))
    return read


async def only(client: Client, kind: RecordKind = RecordKind.INCIDENT) -> InboundRecord:
    (record,) = (await page(client, ask(kind))).records
    return record


async def edits(client: Client, key: str, since: datetime | None = None) -> list[InboundEdit]:
    told = await client.history(RecordKind.INCIDENT, [HistoryAsk(external_id=key, since=since)])
    assert isinstance(told, History), told
    return list(told.edits)


async def write(client: Client, key: str, **fields: MirroredValue) -> InboundRecord | Failed:
    return await client.write(WriteAsk(external_id=key, fields=fields))


def create(jira: Jira, count: int) -> list[str]:
    return [str(jira.create(INCIDENT, {"summary": f"Mail {n}"})["id"]) for n in range(count)]
