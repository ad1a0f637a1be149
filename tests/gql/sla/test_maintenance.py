"""The changes that were under way when an alert's level was reached."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import pytest

from domain.access.roles import Actor
from domain.records import ChangeStatus, IncidentStatus, Priority
from models.tables.asset import AssetRow
from models.tables.change import ChangeRow
from models.tables.sla_clock import SlaSubjectRow
from models.tables.ticket import TicketRow
from tests import given
from tests.gql.asking import ADA, viewer
from tests.gql.sla.pane import Pane
from tests.operations.sla.watched import at

UNDER_WAY: Final = "{ alerts { edges { node { level changesUnderWay { title status } } } } }"


async def during(pane: Pane, *, actor: Actor = ADA) -> Sequence[str]:
    (edge,) = (await pane.ask(UNDER_WAY, actor=actor))["alerts"]["edges"]
    return [change["title"] for change in edge["node"]["changesUnderWay"]]


@pytest.fixture
async def alerted(pane: Pane) -> Pane:
    """A ticket of the web shop that reached its ALERT at 13:24."""
    await pane.watched.send("10:00", "NEW")
    await pane.watched.minutely("13:20", "13:25")
    shop = await given.service("Web Shop")
    await given.affects(await TicketRow.get(source_id="T-1"), shop)
    return pane


async def planned(
    title: str, begins: str, ends: str | None, status: ChangeStatus = ChangeStatus.SCHEDULED
) -> None:
    ends_at: datetime | None = None if ends is None else at(ends)
    change = await given.change(title, status=status, starts_at=at(begins), ends_at=ends_at)
    await given.affects(change, await AssetRow.get(name="Web Shop"))


async def test_x24_a_change_whose_window_holds_the_moment_is_named(alerted: Pane) -> None:
    await planned("over by then", "12:00", "13:23")
    await planned("not begun", "13:25", "14:00")
    await planned("to the moment", "13:00", "13:24")
    await planned("from the moment", "13:24", "14:00")
    await planned("called off", "13:00", "14:00", ChangeStatus.CANCELLED)
    await planned("not agreed", "13:00", "14:00", ChangeStatus.DRAFT)
    await planned("without an end", "12:30", None, ChangeStatus.IN_PROGRESS)
    await planned("planned without an end", "12:30", None)
    assert await during(alerted) == ["without an end", "to the moment", "from the moment"]


async def test_x24_an_incidents_services_count_and_others_do_not(pane: Pane) -> None:
    # given an incident of two services, and a change of both beside one of another
    incident = await given.incident(
        priority=Priority.P1,
        status=IncidentStatus.NEW,
        started_at=at("10:00"),
        updated_at=at("10:00"),
    )
    shop, api, mail = [await given.service(name) for name in ("Web Shop", "api", "Mail")]
    await given.affects(incident, shop, api)
    for title, services in (("here", [shop, api]), ("elsewhere", [mail])):
        change = await given.change(title, starts_at=at("10:00"), ends_at=at("11:00"))
        await given.affects(change, *services)

    # when it is not answered in time
    await SlaSubjectRow.create(id=incident.id, kind="INCIDENT", look_at=0)
    await pane.watched.look("10:14")

    # then the one is named once
    assert await during(pane) == ["here"]


async def test_x24_a_change_out_of_scope_is_not_shown(alerted: Pane) -> None:
    await planned("of another desk", "13:00", "14:00")
    desk, other = [await given.integration(name) for name in ("desk", "other")]
    await given.link(await TicketRow.get(source_id="T-1"), desk)
    await given.link(await ChangeRow.get(title="of another desk"), other)
    assert await during(alerted) == ["of another desk"]
    assert await during(alerted, actor=viewer("desk")) == []
