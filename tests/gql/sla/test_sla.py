"""The service levels in force, as the graph tells and reloads them."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from domain.sla.policy import version_of
from domain.sla.policy_file import DAYS
from models.database import DatabaseAt
from operations.sla.look import PolicySource
from operations.sla.policy_text import read_policy
from tests.gql.asking import NOBODY, Graph, viewer
from tests.operations.sla.written import TEXT, WHOLE, put

STRICTER: Final = TEXT.replace("alert_at: 0.85", "alert_at: 0.5").encode()
TORN: Final = WHOLE[:900]
STATE: Final = """
    version inForceSince loadedAt loadedBy alertPercent
    lastError lastErrorLine lastErrorColumn lastErrorAt
"""
RELOAD: Final = f"""
    mutation($version: String) {{
        reloadSlaConfig(input: {{expectVersion: $version}}) {{
            config {{ {STATE} }} userErrors {{ code message path }} warnings {{ code }}
        }}
    }}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sla_config.yaml"
    path.write_bytes(WHOLE)
    return path


@pytest.fixture
def graph(database: DatabaseAt, path: Path) -> Graph:  # noqa: ARG001 — it has to be open
    return Graph(policy_source=PolicySource(path=path, rest=timedelta(0)))


async def reloaded(graph: Graph, version: str | None = None) -> dict[str, Any]:
    payload: dict[str, Any] = (await graph.ask(RELOAD, version=version))["reloadSlaConfig"]
    return payload


async def test_before_the_first_policy_there_is_nothing_to_tell(graph: Graph) -> None:
    assert await graph.code("{ sla { version } }") == "UNAVAILABLE"


async def test_what_is_in_force_is_told_as_the_file_says_it(graph: Graph, path: Path) -> None:
    await reloaded(graph)
    told = await graph.ask(
        """
        { sla {
            version inForceSince path loadedAt loadedBy lastError alertPercent escalatePercents
            dedupWindow pauseOn stopOn onReopen notify { level channels }
        } }
        """,
        actor=viewer("*"),
    )
    assert told["sla"] == {
        "version": version_of(read_policy(WHOLE)),
        "inForceSince": "2026-03-02T13:24:00.000Z",
        "path": str(path),
        "loadedAt": "2026-03-02T13:24:00.000Z",
        "loadedBy": "Ada",
        "lastError": None,
        "alertPercent": 85.0,
        "escalatePercents": [150.0, 200.0],
        "dedupWindow": "PT15M",
        "pauseOn": ["ON_HOLD", "PENDING"],
        "stopOn": ["CLOSED", "RESOLVED"],
        "onReopen": "RESUME",
        "notify": [
            {"level": "ALERT", "channels": ["slack"]},
            {"level": "BREACH", "channels": ["slack"]},
            {"level": "ESCALATION", "channels": ["slack", "email"]},
        ],
    }


async def test_rules_are_told_in_their_order(graph: Graph) -> None:
    await reloaded(graph)
    told = await graph.ask(
        """
        { sla { rules {
            name subjects tiers priorities
            response { target calendar } resolution { target calendar }
        } } }
        """
    )
    first, incidents, default, last = told["sla"]["rules"]
    assert first == {
        "name": "premium-critical",
        "subjects": [],
        "tiers": ["PREMIUM"],
        "priorities": ["P1"],
        "response": {"target": "PT15M", "calendar": "always"},
        "resolution": {"target": "PT4H", "calendar": "always"},
    }
    assert (incidents["name"], incidents["priorities"]) == ("incidents", ["P1", "P2"])
    assert (default["name"], default["subjects"]) == ("default", ["TICKET"])
    assert (last["name"], last["response"], last["resolution"]) == ("unmeasured", None, None)


async def test_calendars_are_told_with_their_hours(graph: Graph) -> None:
    await reloaded(graph)
    told = await graph.ask(
        """
        { sla { calendars {
            name timezone always opensAgain holidays weekly { day opens closes }
        } } }
        """
    )
    always, berlin = told["sla"]["calendars"]
    assert (always["name"], always["always"], always["weekly"]) == ("always", True, [])
    assert berlin["weekly"][4] == {"day": "fri", "opens": "09:00", "closes": "17:00"}
    assert [opening["day"] for opening in berlin.pop("weekly")] == list(DAYS[:5])
    assert berlin == {
        "name": "berlin",
        "timezone": "Europe/Berlin",
        "always": False,
        "opensAgain": True,
        "holidays": ["2026-12-25", "2026-12-26"],
    }


async def test_a_calendar_that_never_opens_again_is_told_as_one(graph: Graph, path: Path) -> None:
    put(path, TEXT.replace("weekly: {", "weekly: {} # {").encode())
    await reloaded(graph)
    told = await graph.ask("{ sla { calendars { name opensAgain } } }")
    assert told["sla"]["calendars"] == [
        {"name": "always", "opensAgain": True},
        {"name": "berlin", "opensAgain": False},
    ]


async def test_a_changed_file_is_read_at_once(graph: Graph, path: Path) -> None:
    await reloaded(graph)
    graph.now += timedelta(minutes=1)
    put(path, STRICTER)
    payload = await reloaded(graph)
    assert (payload["userErrors"], payload["warnings"]) == ([], [])
    assert payload["config"]["alertPercent"] == 50.0
    assert payload["config"]["inForceSince"] == "2026-03-02T13:25:00.000Z"


async def test_a_file_that_means_the_same_is_a_remark(graph: Graph, path: Path) -> None:
    await reloaded(graph)
    put(path, b"# a remark\n" + WHOLE)
    payload = await reloaded(graph)
    assert payload["userErrors"] == []
    assert payload["warnings"] == [{"code": "POLICY_UNCHANGED"}]


async def test_a_torn_file_is_refused_with_its_place_and_changes_nothing(
    graph: Graph, path: Path
) -> None:
    before = (await reloaded(graph))["config"]
    graph.now += timedelta(minutes=1)
    put(path, TORN)
    payload = await reloaded(graph)
    (error,) = payload["userErrors"]
    assert (payload["config"], error["code"]) == (None, "INVALID")
    line = TORN.count(b"\n") + 1
    assert f"{path}: line {line}, column 1: the last line is not end:" in error["message"]
    after = (await graph.ask(f"{{ sla {{ {STATE} }} }}"))["sla"]
    assert after == before | {
        "lastError": error["message"].removeprefix(f"{path}: "),
        "lastErrorLine": line,
        "lastErrorColumn": 1,
        "lastErrorAt": "2026-03-02T13:25:00.000Z",
    }
    put(path, WHOLE)
    assert (await reloaded(graph))["config"]["lastError"] is None


async def test_the_messages_that_told_of_a_torn_file_are_shown(graph: Graph, path: Path) -> None:
    await reloaded(graph)
    asked = "{ sla { notifications { channel state attempt dueAt sentAt error } } }"
    assert (await graph.ask(asked))["sla"] == {"notifications": []}
    put(path, TORN)
    await reloaded(graph)
    told = (await graph.ask(asked, actor=viewer("*")))["sla"]["notifications"]
    waiting = {"state": "READY", "attempt": 0, "dueAt": "2026-03-02T13:24:00.000Z"}
    ends: dict[str, object] = {"sentAt": None, "error": None}
    assert told == [{"channel": channel, **waiting, **ends} for channel in ("email", "slack")]


async def test_a_file_of_another_version_than_is_expected_is_not_taken(
    graph: Graph, path: Path
) -> None:
    before = (await reloaded(graph))["config"]["version"]
    put(path, STRICTER)
    (error,) = (await reloaded(graph, before))["userErrors"]
    assert (error["code"], error["path"]) == ("INVALID", ["expectVersion"])
    assert (await graph.ask("{ sla { version } }"))["sla"]["version"] == before
    expected = version_of(read_policy(STRICTER))
    assert (await reloaded(graph, expected))["config"]["version"] == expected


async def test_who_may_read_may_not_reload(graph: Graph) -> None:
    answer = await graph.ask(RELOAD, actor=viewer("*"))
    assert [one["code"] for one in answer["reloadSlaConfig"]["userErrors"]] == ["FORBIDDEN"]
    assert await graph.code("{ sla { version } }", actor=NOBODY) == "FORBIDDEN"


async def test_every_process_tells_what_one_of_them_has_taken(graph: Graph, path: Path) -> None:
    other = Graph(policy_source=PolicySource(path=path.with_name("nowhere.yaml")))
    for content, percent in ((WHOLE, 85.0), (STRICTER, 50.0)):
        put(path, content)
        await reloaded(graph)
        told = await other.ask("{ sla { alertPercent } }")
        assert told["sla"]["alertPercent"] == percent
