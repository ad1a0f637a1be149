"""What a message tells of an alert."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.channels.contract import AlertNotice
from gql.nodes import global_id
from models.channels import Waiting
from operations.sla.notice import notice_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def waiting(**facts: object) -> Waiting:
    shown: dict[str, object] = {
        "alert_id": "01A",
        "subject_id": "01S",
        "subject": "TICKET",
        "number": "HELP-17",
        "title": "I cannot pay",
        "priority": "P1",
        "clock": "RESPONSE",
        "level": "ALERT",
        "percent": 85.0,
        "target_ms": 900_000,
        "crossed_at": 0,
        "raised_at": 0,
        "breach_at": None,
        "escalation_level": 1,
    }
    return Waiting(
        id="01N",
        due_at=NOON,
        attempt=0,
        tries=[],
        trace=None,
        facts={**shown, **facts},
        changes=[{"number": "CHG1", "title": "Replace a disk", "ends_at": None}],
    )


def alert(message: Waiting, public_url: str) -> AlertNotice:
    notice = notice_of(message, public_url)
    assert isinstance(notice, AlertNotice)
    return notice


@pytest.mark.parametrize(("kind", "name"), [("TICKET", "Ticket"), ("INCIDENT", "Incident")])
def test_records_are_named_as_the_graph_names_them(kind: str, name: str) -> None:
    notice = alert(waiting(subject=kind), "https://wp.example.com")
    assert notice.subject_id == global_id(name, "01S")
    assert notice.alert_id == global_id("Alert", "01A")
    assert notice.link == f"https://wp.example.com/graphql#{name.lower()}=01S"
    assert notice.acknowledge == "https://wp.example.com/graphql#acknowledge=01A"


@pytest.mark.parametrize(
    ("percent", "left"),
    [
        (85.0, timedelta(seconds=135)),
        (100.0, timedelta(0)),
        (100 * 900_001 / 900_000, timedelta(milliseconds=-1)),
        (250.0, timedelta(seconds=-1_350)),
    ],
)
def test_what_is_left_is_of_the_time_when_it_was_raised(percent: float, left: timedelta) -> None:
    assert alert(waiting(percent=percent), "").left == left


def test_changes_that_were_under_way_are_told() -> None:
    (change,) = alert(waiting(), "").during
    assert (change.number, change.title, change.ends_at) == ("CHG1", "Replace a disk", None)


def test_a_record_without_priority_or_title_is_told_all_the_same() -> None:
    notice = alert(waiting(priority=None, title=None), "")
    assert (notice.priority, notice.title) == ("no priority", "")
