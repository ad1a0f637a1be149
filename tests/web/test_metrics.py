"""``/metrics`` tells Prometheus what the database holds and what this process did."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from domain.access.roles import Actor, Role
from domain.exchange import DeliveryState, WriteState
from models.database import DatabaseAt
from models.transaction import Transaction, commit
from operations.metrics import Figure
from operations.metrics import count as count_figure
from operations.runtime import Runtime
from operations.sla.judge import judge
from operations.sla.look import PolicySource, look
from operations.sla.take_policy import take_policy
from tests import given
from tests.clock import Clock
from tests.docs.documents import ROOT, spans
from tests.operations.sla.watched import Watched
from tests.operations.sla.written import WHOLE, put
from tests.web.door import knocking
from tests.world import VIEWER, World, simulated

Samples = dict[tuple[str, ...], float]
NOBODY = Actor(id="no", name="no", roles=frozenset(), scopes=frozenset({"*"}))


@pytest.fixture
def runtime(database: DatabaseAt) -> Runtime:
    clock = Clock(given.NOW)
    return World(at=database, clock=clock, servicenow=simulated(clock)).runtime


def named(actor: Actor | None) -> Callable[[str | None], Awaitable[Actor | None]]:
    async def who(header: str | None) -> Actor | None:
        return actor if header == "Bearer t" else None

    return who


async def scraped(runtime: Runtime, actor: Actor = VIEWER, *paths: str) -> Samples:
    """Ask for the figures, after some other requests; return them by name and labels."""
    async with knocking(runtime, who=named(actor)) as http:
        for path in paths:
            await http.get(path)
        return samples(await http.get("/metrics", headers={"Authorization": "Bearer t"}))


def samples(answer: httpx.Response) -> Samples:
    assert answer.status_code == 200
    return {
        (sample.name, *(text for _, text in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def _counted(runtime: Runtime, integration_id: str, figure: Figure, how_many: int) -> None:
    async def write(tx: Transaction) -> None:
        await count_figure(tx, runtime, integration_id, figure, how_many)

    await commit(write)


async def test_the_seven_figures_are_there_from_the_first_scrape_on(runtime: Runtime) -> None:
    snow = await given.integration()
    found = await scraped(runtime)
    for figure in Figure:
        assert found[f"watchpane_sync_{figure}_total", "prod-snow", "servicenow"] == 0
    await _counted(runtime, snow.id, Figure.OUTBOUND_FAILED, 2)
    await _counted(runtime, snow.id, Figure.OUTBOUND_FAILED, 1)
    found = await scraped(runtime)
    assert found["watchpane_sync_outbound_failed_total", "prod-snow", "servicenow"] == 3


async def test_what_waits_is_told_with_its_age(runtime: Runtime) -> None:
    snow = await given.integration()
    incident = await given.incident()
    await given.write(incident, snow, queued_at=given.NOW - timedelta(seconds=90))
    await given.write(incident, snow)
    await given.write(incident, snow, state=WriteState.DONE)
    died = {"number": 1, "ended_at": given.NOW - timedelta(seconds=30)}
    await given.write(incident, snow, state=WriteState.DEAD, **died)
    await given.delivery(snow)
    await given.delivery(snow, state=DeliveryState.DONE, due_at=None)
    await given.delivery(snow, state=DeliveryState.DEAD, due_at=None, number=2)
    found = await scraped(runtime)
    waiting = {name: value for (name, *_), value in found.items() if "watchpane_sync" not in name}
    assert waiting["watchpane_outbox_depth"] == 2
    assert waiting["watchpane_inbox_depth"] == 1
    assert waiting["watchpane_dead_letters"] == 2
    assert waiting["watchpane_outbox_oldest_seconds"] == 90
    assert waiting["watchpane_dead_letter_oldest_seconds"] == 30


async def test_a_refused_policy_file_is_told_until_it_is_good_again(
    runtime: Runtime, tmp_path: Path
) -> None:
    path = tmp_path / "sla_config.yaml"
    for content, is_refused in ((WHOLE, 0), (WHOLE[:900], 1), (WHOLE, 0)):
        put(path, content)
        seen = look(PolicySource(path=path))
        await take_policy(runtime, seen, await judge(seen), by="worker")
        found = await scraped(runtime)
        assert found["watchpane_sla_policy_refused",] == is_refused
        assert found["watchpane_sla_policy_in_force_seconds",] == 0


async def test_answers_are_counted_by_door_and_status(runtime: Runtime) -> None:
    found = await scraped(runtime, VIEWER, "/healthz", "/healthz", "/nowhere", "/webhooks/a/b")
    assert found["watchpane_http_requests_total", "healthz", "p1", "200"] == 2
    assert found["watchpane_http_requests_total", "other", "p1", "404"] == 1
    assert found["watchpane_http_requests_total", "webhooks", "p1", "405"] == 1


async def test_answers_are_timed_by_door(runtime: Runtime) -> None:
    # each look at this clock finds it 40 ms later
    ticks = count(step=0.04)
    async with knocking(runtime, monotonic=lambda: next(ticks), who=named(VIEWER)) as http:
        await http.get("/healthz")
        await http.get("/healthz")
        found = samples(await http.get("/metrics", headers={"Authorization": "Bearer t"}))
    name = "watchpane_http_request_seconds"
    assert found[f"{name}_bucket", "healthz", "0.025", "p1"] == 0
    assert found[f"{name}_bucket", "healthz", "0.05", "p1"] == 2
    assert found[f"{name}_count", "healthz", "p1"] == 2
    assert found[f"{name}_sum", "healthz", "p1"] == pytest.approx(0.08)


async def test_an_actor_sees_what_is_in_scope(runtime: Runtime) -> None:
    for key in ("mine", "other"):
        await given.integration(key)
    mine = Actor(id="vi", name="Vi", roles=frozenset({Role.VIEWER}), scopes=frozenset({"mine"}))
    found = await scraped(runtime, mine)
    assert {name[1] for name in found if name[0] == "watchpane_outbox_depth"} == {"mine"}


@pytest.mark.parametrize(
    ("actor", "header", "status"),
    [(VIEWER, None, 401), (VIEWER, "Bearer x", 401), (NOBODY, "Bearer t", 403)],
)
async def test_figures_need_a_token_that_may_read(
    runtime: Runtime, actor: Actor, header: str | None, status: int
) -> None:
    async with knocking(runtime, who=named(actor)) as http:
        headers = {} if header is None else {"Authorization": header}
        answer = await http.get("/metrics", headers=headers)
    assert answer.status_code == status
    assert "watchpane_" not in answer.text


async def test_openmetrics_is_given_to_who_asks_for_it(runtime: Runtime) -> None:
    async with knocking(runtime, who=named(VIEWER)) as http:
        accept = {"Authorization": "Bearer t", "Accept": "application/openmetrics-text"}
        answer = await http.get("/metrics", headers=accept)
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


async def test_every_figure_is_told(watched: Watched) -> None:
    await given.integration()
    await watched.send("10:00", "NEW")
    await watched.look("10:01", "13:24")
    shown = {name for name, *_ in await scraped(watched.runtime, VIEWER, "/healthz")}
    page = spans(ROOT / "docs" / "reference" / "metrics.md")
    told = {span for span in page if span.startswith("watchpane_") and " " not in span}
    assert {name for name in shown if name.startswith("watchpane_")} == told
