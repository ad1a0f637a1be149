"""How the tests read pages, and fill the account that they read."""

from datetime import datetime

from adapters.exchange import Failed, Page, PageAsk
from adapters.pagerduty.client import PagerDuty as Client
from domain.inbound import InboundRecord
from domain.records import RecordKind
from simulators.pagerduty.instance import PagerDuty

INCIDENT = RecordKind.INCIDENT


async def page(client: Client, ask: PageAsk) -> Page:
    found = await client.page(ask)
    assert isinstance(found, Page), found
    return found


async def pages(
    client: Client,
    kind: RecordKind = INCIDENT,
    since: datetime | None = None,
    *,
    size: int = 100,
    is_thorough: bool = False,
) -> list[Page]:
    read: list[Page] = []
    position: str | None = None
    while not read or position:
        assert len(read) < 50
        ask = PageAsk(kind=kind, since=since, position=position, size=size, is_thorough=is_thorough)
        read.append(await page(client, ask))
        position = read[-1].position
    return read


def records(read: list[Page]) -> list[InboundRecord]:
    return [record for one in read for record in one.records]


def ids(read: list[Page]) -> list[str]:
    return [record.external_id for record in records(read)]


async def failed(client: Client, kind: RecordKind = INCIDENT) -> Failed:
    found = await client.page(PageAsk(kind=kind, since=None, position=None, size=100))
    assert isinstance(found, Failed), found
    return found


def create(account: PagerDuty, count: int) -> list[str]:
    return [str(account.trigger(f"Incident {n}")["id"]) for n in range(count)]
