"""How the tests read pages, and fill the instance that they read."""

from datetime import datetime

from adapters.exchange import Failed, Page, PageAsk
from adapters.servicenow.client import ServiceNow as Client
from domain.inbound import InboundRecord
from domain.records import RecordKind
from simulators.servicenow.instance import ServiceNow


def ask(position: str | None = None, since: datetime | None = None, size: int = 200) -> PageAsk:
    return PageAsk(kind=RecordKind.INCIDENT, since=since, position=position, size=size)


async def page(
    client: Client,
    position: str | None = None,
    since: datetime | None = None,
    size: int = 200,
) -> Page:
    found = await client.page(ask(position, since, size))
    assert isinstance(found, Page), found
    return found


async def pages(client: Client, size: int = 200, since: datetime | None = None) -> list[Page]:
    read = [await page(client, size=size, since=since)]
    while read[-1].position:
        assert len(read) < 50
        read.append(await page(client, position=read[-1].position, size=size, since=since))
    return read


def records(read: list[Page]) -> list[InboundRecord]:
    return [record for one in read for record in one.records]


async def failed(client: Client) -> Failed:
    found = await client.page(ask())
    assert isinstance(found, Failed)
    return found


def create(servicenow: ServiceNow, count: int) -> list[str]:
    return [
        servicenow.create({"short_description": f"Mail {n}", "impact": "2", "urgency": "1"})[
            "sys_id"
        ]
        for n in range(count)
    ]
