"""From an empty folder to the same answers as the vendor's own, and on after a stop."""

import asyncio
import json
import re
import signal
from asyncio.subprocess import Process
from collections import Counter
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from tests.im.processes.parents import ROOT
from tests.journeys.graph import Data, Graph
from tests.journeys.house import House, Ready
from tests.journeys.mirror import DEMO, VENDORS, fresh, mirrored, read_now
from tests.journeys.vendor import Row, Vendor

# Written from the vendor's documentation, not from our adapter.
_STATES = {
    "1": "NEW",
    "2": "IN_PROGRESS",
    "3": "ON_HOLD",
    "6": "RESOLVED",
    "7": "CLOSED",
    "8": "CANCELLED",
}
_COLUMNS = (
    "number",
    "short_description",
    "state",
    "priority",
    "assigned_to",
    "assignment_group",
    "opened_at",
    "sys_id",
    "correlation_id",
    "correlation_display",
)
_FIELDS = """
number title status priority assignee escalationPolicy startedAt
links { externalId externalKey integration { key } }
"""
_EXAMPLES = (ROOT / "docs/reference/examples.graphql").read_text()
_KEYS = {"jira": "demo-jira", "pagerduty": "demo-pd"}
_HISTORY = """
query($number: String!) {
  incident(by: {number: $number}) {
    history(first: 100) { totalCount edges { node { field before after at by accepted } } }
  }
}
"""
_AUDITED = {
    "state": "status",
    "priority": "priority",
    "assigned_to": "assignee",
    "assignment_group": "escalationPolicy",
    "urgency": "urgency",
}


def _instant(text: str) -> str:
    return text.replace(" ", "T") + ".000Z"


def _as_ours(row: Row) -> Data:
    """Say in the graph's words what the Table API answered."""
    return {
        "number": row["number"]["value"],
        "title": row["short_description"]["value"],
        "status": _STATES[row["state"]["value"]],
        "priority": f"P{row['priority']['value']}",
        "assignee": row["assigned_to"]["display_value"] or None,
        "escalationPolicy": row["assignment_group"]["display_value"] or None,
        "startedAt": _instant(row["opened_at"]["value"]),
        "links": [_link(DEMO, row["sys_id"]["value"], row["number"]["value"])],
    }


def _link(key: str, external_id: str, external_key: str) -> Data:
    return {"externalId": external_id, "externalKey": external_key, "integration": {"key": key}}


async def _audit(vendor: Vendor, sys_id: str) -> Counter[tuple[object, ...]]:
    names = {
        row["sys_id"]: row["name"]
        for table in ("sys_user", "sys_user_group")
        for row in await vendor.rows(table, ("sys_id", "name"))
    }
    written = {"state": _STATES, "priority": {str(n): f"P{n}" for n in range(1, 6)}}
    columns = ("fieldname", "oldvalue", "newvalue", "user", "sys_created_on")
    rows = await vendor.rows("sys_audit", columns, query=f"documentkey={sys_id}")

    def value(row: Row, side: str) -> str | None:
        table = written.get(row["fieldname"], names)
        return table.get(row[side], row[side]) or None

    return Counter(
        (
            _AUDITED[row["fieldname"]],
            value(row, "oldvalue"),
            value(row, "newvalue"),
            _instant(row["sys_created_on"]),
            row["user"],
        )
        for row in rows
        if row["fieldname"] in _AUDITED
    )


async def _history(graph: Graph, number: str) -> Counter[tuple[object, ...]]:
    found = (await graph.ask(_HISTORY, number=number))["incident"]["history"]
    edits = [edge["node"] for edge in found["edges"]]
    assert len(edits) == found["totalCount"]
    return Counter(
        (edit["field"], edit["before"], edit["after"], edit["at"], edit["by"])
        for edit in edits
        if edit["field"] in _AUDITED.values()
    )


async def _browse(ready: Ready) -> None:
    async with httpx.AsyncClient(
        base_url=ready.url, trust_env=False, follow_redirects=True, headers={"accept": "text/html"}
    ) as browser:
        page = await browser.get("/")
        assert page.status_code == 200
        assert page.url.path == "/graphql"
        assert page.headers["content-type"].startswith("text/html")
        named = [
            name
            for name in re.findall(r'(?:src|href)="([^"]+)"', page.text)
            if not name.startswith("data:")
        ]
        assert {Path(name).suffix for name in named} >= {".js", ".css"}
        for name in named:
            where = urljoin(str(page.url), name)
            assert where.startswith(f"{ready.url}/")
            asset = await browser.get(where)
            assert asset.status_code == 200
            assert asset.content


async def _compare(ready: Ready) -> None:
    """Hold every incident, and the history of some, against the vendor's own answers."""
    rows = await ready.vendor.rows("incident", _COLUMNS, display="all")
    assert len(rows) == 890
    theirs = [_as_ours(row) for row in rows if not row["correlation_id"]["value"]]
    found = await ready.graph.incidents(_FIELDS)
    ours = [incident for incident in found if len(incident["links"]) == 1]
    assert ours == sorted(theirs, key=lambda row: row["number"])
    assert len(found) == len(rows)
    _hold_together(rows, found)
    edits = 0
    for incident in ours[::60]:
        audit = await _audit(ready.vendor, incident["links"][0]["externalId"])
        assert await _history(ready.graph, incident["number"]) == audit
        edits += audit.total()
    assert edits


def _hold_together(rows: list[Row], incidents: list[Data]) -> None:
    """Hold the links of every incident against what the vendor's row names as the same."""
    links = {
        link["externalId"]: incident["links"]
        for incident in incidents
        for link in incident["links"]
        if link["integration"]["key"] == DEMO
    }
    named = {_KEYS.get(row["correlation_display"]["value"]) for row in rows}
    assert named == {None, *_KEYS.values()}
    for row in rows:
        known_as = row["correlation_id"]["value"]
        others = [one for one in links[row["sys_id"]["value"]] if one["integration"]["key"] != DEMO]
        assert len(others) == bool(known_as)
        for other in others:
            assert other["integration"]["key"] == _KEYS[row["correlation_display"]["value"]]
            assert known_as in {other["externalId"], other["externalKey"]}


async def _go_from_change_to_ticket(graph: Graph) -> None:
    """Ask across all kinds as the documents do: some incident has something of each."""
    (query,) = (text for text in _EXAMPLES.split("# --- ") if "query FromChangeToTicket" in text)
    answer = await graph.ask(query.partition("\n")[2])
    incidents = [edge["node"] for edge in answer["incidents"]["edges"]]
    kinds = ("changes", "events", "tickets")
    whole = [
        incident
        for incident in incidents
        if incident["services"] and all(incident[kind]["edges"] for kind in kinds)
    ]
    assert any(len(incident["links"]) > 1 for incident in whole)
    records = [edge["node"] for one in whole for kind in kinds for edge in one[kind]["edges"]]
    keys = {link["integration"]["key"] for one in records for link in one["links"]}
    assert keys == VENDORS


async def _stop(house: House, run: Process) -> None:
    """Interrupt it as Ctrl-C does: all of it is gone within 5 s."""
    run.send_signal(signal.SIGINT)
    async with asyncio.timeout(5):
        await run.communicate()
    assert run.returncode == 0
    await house.empty(seconds=0.5)


async def test_the_graph_answers_as_the_vendor_does_also_after_a_stop(house: House) -> None:
    # given an empty folder, when the house is ready, it says so in a private file
    run = await house.run("--demo")
    ready = await house.ready(run)
    path = house.folder / "ready.json"
    assert path.stat().st_mode & 0o777 == 0o600
    told = json.loads(path.read_bytes())
    assert told.keys() == {"url", "graphiqlUrl", "token", "simulators"}
    assert told["simulators"]["servicenow"].keys() == {"url", "user", "password"}

    # then it answers as the vendors do, across all kinds, and shows a page
    await fresh(ready.graph)
    await _compare(ready)
    await _go_from_change_to_ticket(ready.graph)
    await _browse(ready)

    # when it is stopped and started again, it goes on with the same token and records
    ids = await ready.graph.incidents("id")
    await _stop(house, run)
    again = await house.demo()
    assert (again.token, again.vendor) == (ready.token, ready.vendor)
    await again.vendor.step(50)
    await read_now(again.graph)
    await mirrored(again.vendor, house.tables)
    await _compare(again)
    assert await again.graph.incidents("id") == ids
    found = await again.graph.ask("{ integrations { totalCount } }")
    assert found["integrations"]["totalCount"] == len(VENDORS)


async def test_a_second_run_is_refused_and_a_killed_one_leaves_no_process(
    house: House, tmp_path: Path
) -> None:
    first = await house.run("--demo", DEMO_ROWS="50")
    await house.ready(first)
    assert len(house.processes()) == 5
    second = await house.run()
    _, told = await second.communicate()
    assert (second.returncode, told.count(b"\n")) == (1, 1)
    assert b"already running" in told
    third = await house.run(DATA_DIR=str(tmp_path / "other"))
    _, told = await third.communicate()
    assert (third.returncode, told.count(b"\n")) == (1, 1)
    assert f"{house.port} cannot be used".encode() in told
    first.kill()
    await first.communicate()
    await house.empty(seconds=5)


async def _refusal(house: House, cwd: Path | None = None) -> str:
    run = await house.run("--demo", cwd=cwd)
    said, told = await run.communicate()
    assert run.returncode == 1
    assert said == b""
    assert house.processes() == []
    return told.decode()


async def test_a_folder_that_cannot_be_written_is_refused_in_one_line(house: House) -> None:
    house.folder.parent.joinpath("file").touch()
    house.folder = house.folder.parent / "file" / "data"
    told = await _refusal(house)
    assert told.count("\n") == 1
    assert f"DATA_DIR {house.folder} cannot be written" in told


@pytest.mark.parametrize("line", ["DB_TYP=sqlite", "PORT", 'HOST="open'])
async def test_a_broken_env_file_is_refused_in_one_line(
    house: House, tmp_path: Path, line: str
) -> None:
    tmp_path.joinpath(".env").write_text(f"{line}\n")
    told = await _refusal(house, tmp_path)
    assert told.count("\n") == 1
    assert told.startswith("watchpane: .env")
