"""An instance whose rows are kept goes on where it ended."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.login import Account
from simulators.servicenow.replay import Plan
from tests.simulators.conftest import ADMIN, Clock

HALF = Plan(rows=600, history=0.5)


def started(clock: Clock, path: Path | None, plan: Plan = HALF) -> ServiceNow:
    return ServiceNow(now=clock, account=Account(password=ADMIN[1]), plan=plan, store=path)


def counts(servicenow: ServiceNow) -> dict[str, int]:
    return {table: servicenow.records.store.count(table) for table in ("incident", "sys_audit")}


def test_a_second_start_goes_on_with_the_rows_and_the_replay(clock: Clock, tmp_path: Path) -> None:
    # given an instance that wrote part of the log and an edit, and ended
    path = tmp_path / "rows.db"
    first = started(clock, path)
    first.step(100)
    first.edit("INC0000045", {"short_description": "Changed by hand"})
    first.create({"short_description": "Made by hand"})
    before = counts(first)
    first.records.store.close()

    # when it starts again, an hour later
    clock.move(hours=1)
    second = started(clock, path)

    # then nothing is lost, moved or written again
    assert counts(second) == before
    assert second.record("INC0000045")["short_description"] == "Changed by hand"

    # and the rest of the log comes to the same end as without a break
    whole = started(clock, None)
    assert second.step(10_000) == whole.step(10_000) - 100
    made = second.create({"short_description": "Another"})
    assert second.records.store.count("incident") == whole.records.store.count("incident") + 2
    assert made["number"] != "INC9000002"
    assert second.record("INC0000045")["state"] == whole.record("INC0000045")["state"]


def test_a_store_of_another_log_is_refused(clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "rows.db"
    started(clock, path).records.store.close()
    with pytest.raises(ValueError, match="holds 600 rows"):
        started(clock, path, Plan(rows=900))


def test_a_store_of_an_earlier_version_gets_the_fields_it_lacks(
    clock: Clock, tmp_path: Path
) -> None:
    path = tmp_path / "rows.db"
    started(clock, path).records.store.close()
    with closing(sqlite3.connect(path)) as old:
        old.execute("DROP VIEW every_task")
        old.execute("ALTER TABLE change_request DROP COLUMN scope")
        old.execute("DROP TABLE em_alert")
    again = started(clock, path)
    assert again.create({"scope": "1"}, table="change_request")["scope"] == "1"
    assert again.create({}, table="em_alert")["state"] == "Open"


@pytest.mark.parametrize("begun", [True, False])
def test_a_store_keeps_the_world_that_it_was_begun_with(
    clock: Clock, tmp_path: Path, begun: bool
) -> None:
    path = tmp_path / "rows.db"
    started(clock, path, replace(HALF, world=begun)).records.store.close()
    again = started(clock, path, replace(HALF, world=not begun))
    store = again.records.store
    assert (store.one("em_alert", "state", "Open") is not None) is begun
    again.step(10_000)
    assert store.one("em_alert", "state", "Open") is None
    assert (store.one("em_alert", "state", "Closed") is not None) is begun
