"""The demo's simulators: the same place and password at each start."""

import socket

from im.processes.simulate import Greeting, Seat


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


def test_a_seat_does_not_show_its_password() -> None:
    assert "canary" not in repr(Seat(port=1, password="canary"))  # noqa: S106 — not a real one


async def test_the_first_json_line_is_the_greeting_and_a_restart_changes_nothing() -> None:
    greeting = Greeting()
    greeting.hear("INFO: starting")
    greeting.hear('{"vendor":"servicenow","url":"http://x","user":"admin","password":"p"}')
    greeting.hear('{"vendor":"servicenow","url":"http://other"}')
    facts = await greeting.facts(seconds=1)
    assert facts["url"] == "http://x"
