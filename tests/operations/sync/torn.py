"""A vendor some of whose rows cannot be read, whichever vendor it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from adapters.contract import Vendor
from adapters.exchange import Failed, Found, Page, PageAsk
from domain.exchange import DeadLetterStatus
from domain.inbound import FaultyRecord, InboundRecord
from domain.records import RecordKind
from models.coding import loads
from models.reads.dead_letters import DeadLetter, dead_letters
from models.reads.scope import Scope
from models.reads.statement import rows
from simulators.jira.instance import Jira
from simulators.jira.login import Account as JiraAccount
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account as PagerDutyAccount
from tests.world import EMAIL, PASSWORD, Pages, World

ALL: Final = Scope(keys=None)
ILLEGIBLE: Final = "the title is no text"


@dataclass(slots=True)
class Tear:
    """Which records cannot be read, by their titles, and what is said of each.

    row: what a torn row looks like, beside its id.
    """

    titles: dict[str, str] = field(default_factory=dict)
    row: dict[str, object] = field(default_factory=dict)

    def parted(
        self, records: Sequence[InboundRecord]
    ) -> tuple[list[InboundRecord], list[FaultyRecord]]:
        whole = [one for one in records if one.fields["title"] not in self.titles]
        return whole, [self._torn(one) for one in records if one not in whole]

    def _torn(self, record: InboundRecord) -> FaultyRecord:
        title = str(record.fields["title"])
        return FaultyRecord(
            external_id=record.external_id,
            detail=self.titles[title],
            payload={"id": record.external_id, "title": title, **self.row},
        )


class Torn(Pages):
    """Stands before a vendor, and tears its rows."""

    def __init__(self, vendor: Vendor, tear: Tear) -> None:
        super().__init__(vendor, 100)

        async def read(kind: RecordKind, external_ids: Sequence[str]) -> Found | Failed:
            found = await vendor.read(kind, external_ids)
            if isinstance(found, Failed):
                return found
            records, faulty = tear.parted(found.records)
            return replace(found, records=records, faulty=[*found.faulty, *faulty])

        self.read = read
        self._tear = tear

    async def page(self, ask: PageAsk) -> Page | Failed:
        page = await super().page(ask)
        if isinstance(page, Failed):
            return page
        records, faulty = self._tear.parted(page.records)
        return replace(page, records=records, faulty=[*page.faulty, *faulty])


async def registered(world: World, provider: str, tear: Tear) -> Callable[[str], object]:
    """Let a world mirror one vendor, torn; return what makes an incident there."""
    world.stand_between(lambda vendor: Torn(vendor, tear))
    match provider:
        case "servicenow":
            await world.register()
            return lambda title: world.servicenow.create({"short_description": title})
        case "jira":
            account = JiraAccount(email=EMAIL, token=PASSWORD)
            world.jira = jira = Jira(now=world.clock.now, account=account)
            await world.register(key="desk", provider="jira")
            return lambda title: jira.create("[System] Incident", {"summary": title})
        case _:
            holder = PagerDutyAccount(token=PASSWORD, email=EMAIL)
            world.pagerduty = pager = PagerDuty(now=world.clock.now, account=holder)
            await world.register(key="pd", provider="pagerduty")
            return pager.trigger


async def letters() -> list[dict[str, Any]]:
    """Return what is or was a dead letter of a vendor's, by number."""
    found = await rows("SELECT * FROM inbound WHERE number IS NOT NULL ORDER BY number")
    return [row | {"tries": loads(row["tries"])} for row in found]


async def added() -> list[str]:
    """Return what was told of dead letters."""
    found = await rows(
        "SELECT message FROM event_log WHERE kind = 'DEAD_LETTER_ADDED' ORDER BY number"
    )
    return [row["message"] for row in found]


async def letter() -> DeadLetter:
    """Return the only dead letter, whatever has become of it."""
    (row,) = await letters()
    return (await dead_letters(ALL, [row["id"]]))[row["id"]]


async def status() -> DeadLetterStatus:
    return (await letter()).status
