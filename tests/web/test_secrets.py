"""Whatever happens, no secret is told or kept as it is (invariant P22)."""

from base64 import b64encode
from typing import Final

import httpx
from structlog.testing import capture_logs
from tortoise import Tortoise

from domain.access.roles import Actor
from domain.records import Direction
from models.reads.statement import rows
from models.tables.integration import IntegrationRow
from operations.incidents.edit import EditIncident, edit_incident
from operations.integrations import test_connection as connection
from operations.sync.apply import apply_due
from operations.sync.push import push_due
from simulators.misfortune import Fault, Kind
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account
from tests.web.door import SECRET, knocking
from tests.web.proof import BODY, DUTY, NEXT, PD, SIGNED, SNOW, digest, sha256
from tests.world import ACCOUNT, ADMIN, EMAIL, PASSWORD, VIEWER, World

SECRETS: Final = (
    PASSWORD,
    SECRET,
    NEXT,
    b64encode(f"{ACCOUNT.user}:{PASSWORD}".encode()).decode(),
    # what proves a delivery would do so again
    digest(),
)


async def known(header: str | None) -> Actor | None:
    return VIEWER if header else None


async def knocked(http: httpx.AsyncClient) -> list[httpx.Response]:
    """Let a vendor prove itself, fail to, and send the secret itself as the proof."""
    answers = [
        await http.post(path, content=BODY, headers=headers)
        for path, headers in (
            (SNOW, {SIGNED: sha256()}),
            (SNOW, {SIGNED: SECRET}),
            (SNOW, {SIGNED: f"sha256={NEXT}", "Authorization": f"Bearer {SECRET}"}),
            (PD, {DUTY: f"v1={digest()}"}),
            (PD, {DUTY: f"v1={SECRET}"}),
        )
    ]
    assert [answer.status_code for answer in answers] == [202, 401, 401, 202, 401]
    return answers


async def worked(world: World) -> None:
    """Mirror and deliver, be refused for good, and then be refused altogether."""
    servicenow = world.servicenow
    servicenow.create({"short_description": "It is slow"})
    world.clock.move(seconds=5)
    await world.sync_one("snow")
    (incident,) = await rows("SELECT id FROM incident")
    servicenow.misfortunes.push(Fault(kind=Kind.ERROR, status=400, method="PATCH"))
    for status in ("ON_HOLD", "IN_PROGRESS"):
        ask = EditIncident(incident_id=incident["id"], fields={"status": status})
        await edit_incident(world.runtime, ADMIN, ask)
        await push_due(world.runtime)
    await apply_due(world.runtime)
    servicenow.login.revoke()
    await world.sync_one("snow")
    ask_ = connection.TestConnection(integration_id=await world.id_of("snow"))
    await connection.test_connection(world.runtime, ADMIN, ask_)


async def test_no_secret_is_in_an_answer_a_log_a_figure_or_a_table(world: World) -> None:
    account = Account(token=PASSWORD, email=EMAIL)
    world.pagerduty = PagerDuty(now=world.clock.now, account=account)
    await IntegrationRow.filter(key="snow").update(direction=Direction.BIDIRECTIONAL)
    with capture_logs() as log:
        async with knocking(world.runtime, who=known) as http:
            answers = await knocked(http)
            await worked(world)
            answers.append(await http.get("/metrics", headers={"Authorization": "Bearer t"}))
    tables = {
        model._meta.db_table: await rows(f"SELECT * FROM {model._meta.db_table}")  # noqa: S608 — names are ours
        for model in Tortoise.apps["models"].values()
    }

    # given that something of each came about
    assert "watchpane_" in answers[-1].text
    assert any(line["event"] == "run_failed" for line in log)
    for name in ("credential", "inbound", "rejected_delivery", "outbox", "event_log", "sync_run"):
        assert tables[name], name

    # then none of it says a secret
    told = str([log, tables, *((one.text, one.headers) for one in answers)])
    assert [secret for secret in SECRETS if secret in told] == []
