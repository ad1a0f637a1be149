"""Every refusal has a name on both of its ways to the caller."""

from collections.abc import Iterator

import pytest
from graphql import GraphQLEnumType, GraphQLError
from strawberry.relay.types import GlobalIDValueError

from domain import errors as domain
from gql.declined import Code
from gql.errors import UserErrorCode, WarningCode, report, user_errors
from tests.gql.board import SCHEMA

EXAMPLES: list[domain.Refused] = [
    domain.NotFound("incident", "INC1"),
    domain.Forbidden("no"),
    domain.Unauthenticated("no"),
    domain.Invalid("no", path=["events", "3"]),
    domain.BadCursor("no"),
    domain.CursorUnknown("no"),
    domain.Stale(seen=1, current=2),
    domain.Disabled("no"),
    domain.Unavailable("no"),
    domain.StorageFull("no"),
]


def every_kind(kind: type[domain.Refused] = domain.Refused) -> Iterator[type[domain.Refused]]:
    for sub in kind.__subclasses__():
        if sub.__module__ == "domain.errors":
            yield sub
            yield from every_kind(sub)


def told(error: Exception) -> tuple[str, str]:
    wrapped = GraphQLError("wrapped", original_error=GraphQLError("x", original_error=error))
    one = report([wrapped], correlation_id="c", otherwise=Code.BAD_INPUT).shown[0]
    return one["message"], one["extensions"]["code"]


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (domain.NotFound("incident", "INC1"), "NOT_FOUND"),
        (domain.Forbidden("no"), "FORBIDDEN"),
        (domain.Unauthenticated("no"), "UNAUTHENTICATED"),
        (domain.Invalid("no"), "BAD_INPUT"),
        (domain.BadCursor("no"), "BAD_CURSOR"),
        (domain.CursorUnknown("no"), "CURSOR_UNKNOWN"),
        (domain.Stale(seen=1, current=2), "STALE_VERSION"),
        (domain.Disabled("no"), "INTEGRATION_DISABLED"),
        (domain.Unavailable("no"), "UNAVAILABLE"),
        (domain.StorageFull("no"), "STORAGE_FULL"),
    ],
)
def test_a_refusal_is_shown_as_it_is(refused: domain.Refused, code: str) -> None:
    assert told(refused) == (refused.message, code)


def test_an_id_of_no_type_is_bad_input() -> None:
    assert told(GlobalIDValueError("Incorrect padding"))[1] == "BAD_INPUT"


def test_anything_else_is_hidden_and_kept_for_the_log() -> None:
    cause = KeyError("swordfish")
    wrapped = GraphQLError("swordfish", original_error=cause)
    one = report([wrapped], correlation_id="c", otherwise=Code.BAD_INPUT)
    assert one.shown[0]["message"] == "Internal error."
    assert one.shown[0]["extensions"] == {"code": "INTERNAL", "correlationId": "c"}
    assert one.hidden == [cause]


@pytest.mark.parametrize("refused", EXAMPLES, ids=lambda one: type(one).__name__)
def test_a_mutation_names_what_can_be_mended(refused: domain.Refused) -> None:
    if refused.code in ("UNAUTHENTICATED", "CURSOR_UNKNOWN", "STORAGE_FULL"):
        with pytest.raises(type(refused)):
            user_errors(refused)
        return
    (error,) = user_errors(refused)
    expected = "INVALID" if refused.code == "BAD_CURSOR" else refused.code
    assert error.code is UserErrorCode[expected]
    assert error.message == refused.message
    assert error.path == list(refused.path)


def test_every_refusal_of_the_domain_can_be_told() -> None:
    known = {*UserErrorCode.__members__, *Code, "BAD_CURSOR", "CURSOR_UNKNOWN", "STORAGE_FULL"}
    assert {kind.code for kind in every_kind()} <= known


@pytest.mark.parametrize("enum", [UserErrorCode, WarningCode])
def test_every_code_is_described(enum: type) -> None:
    shown = SCHEMA._schema.type_map[enum.__name__]
    assert isinstance(shown, GraphQLEnumType)
    assert all(value.description for value in shown.values.values())
