"""How often a vendor is asked, as the graph shows and sets it."""

from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

from tests import given
from tests.gql.asking import Graph
from workers.budget import SharedBudget
from workers.queue import redis_at

LIMIT = """
    { integration(by: {key: "prod-snow"}) {
        id rateLimit { perMinute remaining resetsAt backoff slowedUntil }
    } }
"""
CONFIGURE = """
    mutation C($input: ConfigureIntegrationInput!) {
        configureIntegration(input: $input) {
            integration { pollInterval censusInterval rateLimit { perMinute backoff } }
            userErrors { code path }
        }
    }
"""


async def test_the_vendors_default_holds_and_nothing_is_known_without_redis(graph: Graph) -> None:
    await given.integration()
    assert (await graph.ask(LIMIT))["integration"]["rateLimit"] == {
        "perMinute": 60,
        "remaining": None,
        "resetsAt": None,
        "backoff": True,
        "slowedUntil": None,
    }


async def test_what_is_left_is_that_of_all_processes(graph: Graph, valkey_url: str) -> None:
    integration = await given.integration(requests_per_minute=6_000)
    async with (
        aclosing(SharedBudget(redis_at(valkey_url), processes=2)) as ours,
        aclosing(SharedBudget(redis_at(valkey_url), processes=2)) as other,
    ):
        graph.runtime = replace(graph.runtime, budget=ours)
        await other.throttled(integration.id, timedelta(minutes=2), slows_down=True)
        shown = (await graph.ask(LIMIT))["integration"]["rateLimit"]
    assert (shown["perMinute"], shown["remaining"]) == (6_000, 0)
    assert shown["resetsAt"] < shown["slowedUntil"]


async def test_pace_and_intervals_are_settings(graph: Graph) -> None:
    await given.integration()
    named = (await graph.ask(LIMIT))["integration"]["id"]
    asked = {
        "id": named,
        "requestsPerMinute": 120,
        "rateLimitBackoff": False,
        "pollInterval": "PT30S",
        "censusInterval": "PT12H",
    }
    payload = (await graph.ask(CONFIGURE, input=asked))["configureIntegration"]
    assert payload["integration"] == {
        "pollInterval": "PT30S",
        "censusInterval": "PT12H",
        "rateLimit": {"perMinute": 120, "backoff": False},
    }
    for wrong, path in (
        ({"requestsPerMinute": 0}, "requestsPerMinute"),
        ({"censusInterval": "PT1S"}, "censusInterval"),
        ({"pollInterval": "PT0S"}, "pollInterval"),
    ):
        payload = (await graph.ask(CONFIGURE, input={"id": named} | wrong))["configureIntegration"]
        assert payload["userErrors"] == [{"code": "INVALID", "path": [path]}]
