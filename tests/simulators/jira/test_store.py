from pathlib import Path

from simulators.jira.instance import Jira
from simulators.jira.jql import parse
from simulators.jira.login import Account
from tests.simulators.conftest import Clock
from tests.simulators.jira.conftest import ADMIN, CHANGE, INCIDENT


def site(clock: Clock, path: Path) -> Jira:
    return Jira(now=clock, account=Account(token=ADMIN[1]), store=path)


def test_a_later_start_goes_on_where_this_one_ended(clock: Clock, tmp_path: Path) -> None:
    first = site(clock, tmp_path / "jira.db")
    first.create(INCIDENT, {"summary": "One"}, by="ann.lee")
    first.create(CHANGE, {"summary": "Two"})
    first.comment("OPS-1", "Called")
    first.link("Problem/Incident", "OPS-2", "OPS-1")
    first.webhook.install("http://us/hook", "shared", jql="project = OPS")
    component = first.records.add_component("Kiosk")
    before = first.issue("OPS-1")
    second = site(clock, tmp_path / "jira.db")
    assert second.issue("OPS-1") == before
    assert second.webhook.registry.all() == first.webhook.registry.all()
    assert second.records.components[component] == "Kiosk"
    assert second.create(INCIDENT, {"summary": "Three"})["key"] == "OPS-3"


def test_a_later_start_owes_search_nothing(clock: Clock, tmp_path: Path) -> None:
    first = site(clock, tmp_path / "jira.db")
    first.create(INCIDENT, {"summary": "Old"})
    first.create(INCIDENT, {"summary": "Deleted"})
    first.switches.lag_seconds = 60
    first.edit("OPS-1", {"summary": "New"})
    first.delete("OPS-2")
    first.create(INCIDENT, {"summary": "Unseen"})
    store = site(clock, tmp_path / "jira.db").records.store
    selection = first._search.selection(parse("project = OPS ORDER BY key"), "")
    found = [issue["fields"]["summary"] for issue, _ in store.search(selection, limit=9)]
    assert found == ["New", "Unseen"]


def test_a_page_costs_as_much_at_the_end_as_at_the_start(clock: Clock, tmp_path: Path) -> None:
    jira = site(clock, tmp_path / "jira.db")
    count = jira.fill((INCIDENT, {"summary": f"Number {number}"}) for number in range(10_000))
    assert count == 10_000
    query = parse("project = OPS AND updated >= 1 ORDER BY updated ASC, key ASC")
    selection, store = jira._search.selection(query, ""), jira.records.store
    steps: list[int] = []
    store._db.set_progress_handler(lambda: steps.append(1), 1_000)
    pages = 0
    after: list[str | int] = []
    while rows := store.search(selection, limit=100, after=after):
        after = rows[-1][1]
        pages += 1
    store._db.set_progress_handler(None, 0)
    assert pages == 100
    # So many thousand instructions; sorting all for each page takes 30 times as many.
    assert len(steps) < pages * 10
