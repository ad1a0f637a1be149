from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.log import MISSING, LogRow, Version, moment, read
from simulators.servicenow.login import Account
from simulators.servicenow.query import TIME_FORMAT, Dialect, translate
from simulators.servicenow.replay import MAX, Plan
from simulators.servicenow.tables import TABLES
from tests.simulators.conftest import ADMIN, Clock
from tests.simulators.servicenow.imported import IMPORTED

STATES = {
    ("1", ""): "New",
    ("2", ""): "Active",
    ("3", "1"): "Awaiting User Info",
    ("3", "3"): "Awaiting Problem",
    ("3", "4"): "Awaiting Vendor",
    ("3", "6"): "Awaiting Evidence",
    ("6", ""): "Resolved",
    ("7", ""): "Closed",
    ("-100", ""): "-100",
}
LABELLED = {
    "caller_id": "sys_user",
    "assigned_to": "sys_user",
    "assignment_group": "sys_user_group",
    "cmdb_ci": "cmdb_ci",
    "location": "cmn_location",
    "problem_id": "problem",
    "rfc": "change_request",
    "caused_by": "change_request",
    "vendor": "core_company",
}
# Choices whose values on the wire are not the log's words.
CHOSEN = {
    "notify": {"Do Not Notify": "1", "Send Email": "2"},
    "contact_type": {"Self service": "self-service", "Direct opening": "direct"},
}


def instance(clock: Clock, plan: Plan) -> ServiceNow:
    return ServiceNow(now=clock, account=Account(password=ADMIN[1]), plan=plan)


def rows(servicenow: ServiceNow, table: str) -> list[dict[str, str]]:
    selection = translate("", TABLES[table], Dialect(zone=servicenow.switches.zone))
    names = TABLES[table].fields
    return servicenow.records.store.page(table, names, selection, limit=-1, offset=0)


class Reader:
    """Says what the log calls a value that the instance holds."""

    def __init__(self, servicenow: ServiceNow) -> None:
        self._servicenow = servicenow
        self._labels: dict[tuple[str, str], str] = {}

    def label(self, table: str, sys_id: str) -> str:
        if not sys_id:
            return MISSING
        if (table, sys_id) not in self._labels:
            row = self._servicenow.record(sys_id, table=table)
            name = row["short_description"] if table == "problem" else row[TABLES[table].label]
            self._labels[table, sys_id] = name
        return self._labels[table, sys_id]

    def column(self, record: Mapping[str, str], name: str) -> str:
        if name == "incident_state":
            return STATES[record["state"], record["hold_reason"]]
        if name in LABELLED:
            return self.label(LABELLED[name], record[name])
        return record[name] or MISSING


def expected(row: LogRow, name: str) -> str:
    written = " ".join(str(getattr(row, name)).split())
    if name in ("impact", "urgency", "priority"):
        return written[:1]
    if name in LABELLED and LABELLED[name] == "sys_user" and written != MISSING:
        return written.title()
    if name in CHOSEN and written != MISSING:
        return CHOSEN[name].get(written, written.lower())
    return written


def in_order(incidents: list[list[Version]]) -> list[Version]:
    flat = [version for versions in incidents for version in versions]
    return sorted(flat, key=lambda version: (version.at, version.position))


def test_each_step_serves_the_row_as_the_log_has_it_and_no_future(clock: Clock) -> None:
    servicenow = instance(clock, Plan(history=0))
    reader = Reader(servicenow)
    for version in in_order(read(rows=5_998)):
        clock.move(seconds=1)
        assert servicenow.step() == 1
        row, record = version.row, servicenow.record(version.row.number)
        for name in IMPORTED:
            assert reader.column(record, name) == expected(row, name), (row.number, name)
        assert record["sys_mod_count"] == row.sys_mod_count
        assert record["sys_updated_on"] == clock().strftime(TIME_FORMAT)
        assert record["active"] == row.active
        done = row.incident_state in ("Resolved", "Closed")
        assert bool(record["resolved_at"]) == (done and row.resolved_at != MISSING)
        assert bool(record["resolved_by"]) == (done and row.resolved_by != MISSING)
        assert bool(record["close_code"]) == (done and row.closed_code != MISSING)
        assert bool(record["closed_at"]) == (row.incident_state == "Closed")
        lasted = moment(row.sys_updated_at) - moment(row.opened_at)
        if version.before is None:
            opened = datetime.strptime(record["opened_at"], TIME_FORMAT).replace(
                tzinfo=clock().tzinfo
            )
            assert clock() - opened == lasted
    assert (servicenow.step(), servicenow.replay.remaining) == (0, 0)


def test_the_audit_holds_each_change_of_the_log_once(clock: Clock) -> None:
    servicenow = instance(clock, Plan(history=1))
    audit = Counter(row["fieldname"] for row in rows(servicenow, "sys_audit"))
    followed = [v for versions in read(rows=5_998) for v in versions if v.before is not None]
    for name in IMPORTED:
        if name == "incident_state":
            continue
        changes = sum(getattr(v.row, name) != getattr(v.before, name) for v in followed)
        assert audit[name] == changes, name
    moved = sum(
        v.before is not None and v.row.incident_state != v.before.incident_state for v in followed
    )
    waits = {key[1] for key in STATES if key[0] == "3"}
    held = sum(
        row["fieldname"] == "hold_reason" and {row["oldvalue"], row["newvalue"]} <= waits
        for row in rows(servicenow, "sys_audit")
    )
    # From one kind of waiting to another, the state stays "3".
    assert audit["state"] + held == moved
    assert audit["incident_state"] == 0


def test_history_equals_the_same_rows_written_one_by_one(clock: Clock) -> None:
    loaded, stepped = instance(clock, Plan(history=1)), instance(clock, Plan(history=0))
    assert stepped.step(5_998) == 5_998
    times = {"opened_at", "closed_at", "resolved_at"}

    def told(servicenow: ServiceNow) -> list[tuple[str, ...]]:
        names = ("documentkey", "record_checkpoint", "fieldname", "oldvalue", "newvalue", "user")
        found = rows(servicenow, "sys_audit")
        return sorted(tuple(r[n] for n in names) for r in found if r["fieldname"] not in times)

    def held(servicenow: ServiceNow) -> list[dict[str, str]]:
        moments = times | {"sys_created_on", "sys_updated_on"}
        found = [
            {name: value for name, value in row.items() if name not in moments}
            for row in rows(servicenow, "incident")
        ]
        return sorted(found, key=lambda row: row["sys_id"])

    assert told(loaded) == told(stepped)
    assert held(loaded) == held(stepped)


def test_history_is_shifted_as_a_whole_to_end_now(clock: Clock) -> None:
    servicenow = instance(clock, Plan(history=0.9))
    cut = in_order(read(rows=5_998))[: int(5_998 * 0.9)]
    shift = clock() - cut[-1].at
    last = {version.row.number: version for version in cut}
    records = {row["number"]: row for row in rows(servicenow, "incident")}
    assert records.keys() == last.keys()
    for number, version in last.items():
        record = records[number]
        assert record["sys_updated_on"] == (version.at + shift).strftime(TIME_FORMAT)
        opened = moment(version.row.opened_at) + shift
        assert record["opened_at"] == opened.strftime(TIME_FORMAT)
    assert max(row["sys_updated_on"] for row in records.values()) == "2026-03-02 10:00:00"


def test_an_update_that_changes_nothing_is_stamped_and_leaves_no_trace(clock: Clock) -> None:
    servicenow = instance(clock, Plan(history=0, rows=10))
    order = in_order(read(rows=10))
    idle = next(
        i
        for i, v in enumerate(order)
        if v.before
        and v.row[14:32] == v.before[14:32]
        and v.row.incident_state == v.before.incident_state
    )
    servicenow.step(idle)
    before, audited = servicenow.record(order[idle].row.number), len(rows(servicenow, "sys_audit"))
    clock.move(seconds=1)
    servicenow.step()
    after = servicenow.record(order[idle].row.number)
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"sys_mod_count", "sys_updated_on", "sys_updated_by"}
    assert {"sys_mod_count", "sys_updated_on"} <= changed
    assert len(rows(servicenow, "sys_audit")) == audited


def test_copies_repeat_the_log_under_other_numbers(clock: Clock) -> None:
    servicenow = instance(clock, Plan(rows=100, history=1, copies=3))
    found = rows(servicenow, "incident")
    once = {versions[0].row.number for versions in read(rows=100)}
    assert len({row["sys_id"] for row in found}) == len(found) == 3 * len(once)
    assert {f"INC{int(row['number'][3:]) % 1_000_000:07d}" for row in found} == once


def test_time_moves_the_replay_at_its_speed(clock: Clock) -> None:
    servicenow = instance(clock, Plan(rows=100, history=0.5, speed=60))
    pending = in_order(read(rows=100))[50:]
    assert servicenow.replay.advance() == sum(v.at == pending[0].at for v in pending)
    clock.move(minutes=10)
    due = pending[0].at + timedelta(hours=10)
    servicenow.replay.advance()
    assert servicenow.replay.remaining == sum(v.at > due for v in pending)
    servicenow.replay.speed = 0
    clock.move(days=1)
    assert servicenow.replay.advance() == 0
    servicenow.replay.speed = MAX
    servicenow.replay.advance()
    assert servicenow.replay.remaining == 0


def test_edits_of_others_stand_beside_the_replay(clock: Clock) -> None:
    servicenow = instance(clock, Plan(rows=4, history=0.25))
    servicenow.edit("INC0000045", {"category": "Mine"}, by="ann.lee")
    servicenow.step(3)
    record = servicenow.record("INC0000045")
    assert (record["category"], record["state"]) == ("Mine", "7")
    assert record["sys_mod_count"] == "5"


def test_a_deleted_incident_is_not_brought_back(clock: Clock) -> None:
    servicenow = instance(clock, Plan(rows=4, history=0.25))
    servicenow.delete("INC0000045")
    assert servicenow.step(3) == 3
    with pytest.raises(KeyError):
        servicenow.record("INC0000045")
