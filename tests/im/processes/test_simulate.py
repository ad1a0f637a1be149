"""The demo's simulators: the same place and password at each start."""

import socket
from itertools import pairwise
from pathlib import Path

from im.processes.simulate import Greeting, Listener, Seat, demo, seats
from im.settings import read

DOORS = {"jira": "http://127.0.0.1:1/webhooks/jira/demo-jira"}


def test_a_seat_is_kept_over_a_restart() -> None:
    first = Seat.kept({})
    assert Seat.kept(first.facts()) == first


def test_another_port_is_chosen_when_the_old_one_is_taken() -> None:
    first = Seat.kept({})
    with socket.create_server(("127.0.0.1", first.port)):
        second = Seat.kept(first.facts())
    assert second.port != first.port
    assert second.password == first.password


def test_damaged_facts_give_a_new_seat() -> None:
    seat = Seat.kept({"port": 99999, "password": 5})
    assert 0 < seat.port < 65536
    assert len(seat.password) >= 24


def test_each_vendor_has_a_seat_of_its_own() -> None:
    found = seats({})
    assert found.keys() == {"servicenow", "jira", "pagerduty", "slack"}
    assert len({seat.port for seat in found.values()}) == 4
    assert len({seat.password for seat in found.values()}) == 4


def test_a_folder_that_knows_one_vendor_keeps_its_seat_beside_new_ones() -> None:
    first = Seat.kept({})
    found = seats({"token": "t", "servicenow": first.facts()})
    assert found["servicenow"] == first
    assert seats({name: seat.facts() for name, seat in found.items()}) == found


def test_a_port_that_is_promised_to_another_is_not_given_again() -> None:
    first = Seat.kept({})
    assert Seat.kept(first.facts(), others={first.port}).port != first.port


def test_a_seat_does_not_show_its_password() -> None:
    assert "canary" not in repr(Seat(port=1, password="canary"))  # noqa: S106 — not a real one


def test_who_listens_has_the_same_secret_at_each_start_and_does_not_show_it() -> None:
    first = Listener.kept(None, addresses=DOORS)
    assert len(first.secret) >= 32
    assert Listener.kept(first.secret, addresses=DOORS) == first
    assert first.secret not in repr(first)
    assert len(Listener.kept(5, addresses=DOORS).secret) >= 32


async def test_the_vendors_are_told_where_to_tell_what_happens(tmp_path: Path) -> None:
    listener = Listener.kept(None, addresses=DOORS)
    words = demo(seats({}), listener, Greeting(), read({"DATA_DIR": str(tmp_path)})).argv
    given = dict(pairwise(words))
    assert given["--jira-webhook"] == DOORS["jira"]
    assert given["--webhook-secret"] == listener.secret
    assert "--pagerduty-webhook" not in given


async def test_the_first_json_line_is_the_greeting_and_a_restart_changes_nothing() -> None:
    greeting = Greeting()
    greeting.hear("INFO: starting")
    greeting.hear('{"vendor":"demo","simulators":{"jira":{"url":"http://x","token":"t"}}}')
    greeting.hear('{"vendor":"demo","simulators":{}}')
    facts = await greeting.facts(seconds=1)
    assert facts["simulators"]["jira"] == {"url": "http://x", "token": "t"}
