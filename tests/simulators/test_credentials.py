from datetime import timedelta
from itertools import count

import pytest
from starlette.requests import Request

from simulators.credentials import Tokens, basic, bearer
from tests.simulators.conftest import Clock


def given(clock: Clock, lives: timedelta | None) -> Tokens[str]:
    numbers = count(1)
    return Tokens(lives, clock, lambda: f"t{next(numbers)}")


def bearing(authorization: str) -> Request:
    headers = [(b"authorization", authorization.encode())] if authorization else []
    return Request({"type": "http", "headers": headers})


def test_a_token_stands_for_its_holder_until_it_ends(clock: Clock) -> None:
    tokens = given(clock, timedelta(minutes=1))
    token = tokens.give("ann.lee")
    clock.move(seconds=59)
    assert tokens.holder(token) == "ann.lee"
    assert tokens.holder("made-up") is None
    clock.move(seconds=1)
    assert tokens.holder(token) is None


def test_a_token_without_a_life_of_its_own_never_ends(clock: Clock) -> None:
    tokens = given(clock, None)
    token = tokens.give("ann.lee")
    clock.move(days=10_000)
    assert tokens.holder(token) == "ann.lee"


def test_a_token_is_spent_once_and_a_late_one_not_at_all(clock: Clock) -> None:
    tokens = given(clock, timedelta(minutes=1))
    first, second = tokens.give("ann.lee"), tokens.give("bo.kim")
    assert [tokens.spend(first), tokens.spend(first)] == ["ann.lee", None]
    clock.move(minutes=1)
    assert tokens.spend(second) is None


def test_cleared_tokens_stand_for_nobody(clock: Clock) -> None:
    tokens = given(clock, None)
    token = tokens.give("ann.lee")
    tokens.clear()
    assert tokens.holder(token) is None


@pytest.mark.parametrize(
    ("authorization", "pair"),
    [
        ("Basic YWRtaW46c2U6Y3JldA==", ("admin", "se:cret")),
        ("basic YWRtaW4=", ("admin", "")),
        ("Basic ???", ("", "")),
        ("Basic /w==", ("", "")),
        ("Bearer YWRtaW46c2VjcmV0", None),
        ("", None),
    ],
)
def test_user_and_password_are_read_where_the_header_has_them(
    authorization: str, pair: tuple[str, str] | None
) -> None:
    assert basic(bearing(authorization)) == pair


def test_only_a_bearer_token_is_one() -> None:
    headers = ["bearer abc", "Basic abc", "abc", ""]
    assert [bearer(bearing(header)) for header in headers] == ["abc", "", "", ""]
