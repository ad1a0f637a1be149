"""What a caller is told when something goes wrong: one table for the whole graph.

A mutation's payload names what the caller can mend; all else is an error of the
answer, with a code that is stable and public.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Final

import strawberry
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.relay.types import GlobalIDValueError

from domain.errors import BadCursor, Refused
from gql.declined import Code, Shown

# A refusal's own code is shown as it is, but for the one whose public name
# outside a mutation's payload is another.
_SHOWN_AS: Final[Mapping[str, str]] = MappingProxyType({"INVALID": Code.BAD_INPUT})


@strawberry.enum(description="Why a mutation was refused; tolerate values added later.")
class UserErrorCode(Enum):
    """A refusal that the caller can act on."""

    INVALID = strawberry.enum_value("INVALID", description="The input is wrong at `path`.")
    NOT_FOUND = strawberry.enum_value(
        "NOT_FOUND", description="There is no such record, or none that you may see."
    )
    FORBIDDEN = strawberry.enum_value("FORBIDDEN", description="Your roles do not allow this.")
    STALE_VERSION = strawberry.enum_value(
        "STALE_VERSION", description="The record changed since you read it: read it again."
    )
    ALREADY_RESOLVED = strawberry.enum_value(
        "ALREADY_RESOLVED", description="The conflict was decided before."
    )
    OPEN_CONFLICT = strawberry.enum_value(
        "OPEN_CONFLICT", description="The field has an open conflict: decide that first."
    )
    DIRECTION_FORBIDS = strawberry.enum_value(
        "DIRECTION_FORBIDS", description="The integration's direction does not allow this write."
    )
    PLAN_STALE = strawberry.enum_value(
        "PLAN_STALE",
        description="The plan or what it was made by is out of date: make another.",
    )
    PLAN_TOO_LARGE = strawberry.enum_value(
        "PLAN_TOO_LARGE",
        description="The plan heals so much that its hash has to be confirmed.",
    )
    INTEGRATION_DISABLED = strawberry.enum_value(
        "INTEGRATION_DISABLED", description="The integration is switched off."
    )
    INTEGRATION_PARKED = strawberry.enum_value(
        "INTEGRATION_PARKED", description="The vendor refuses the integration's credentials."
    )
    IDEMPOTENCY_MISMATCH = strawberry.enum_value(
        "IDEMPOTENCY_MISMATCH", description="This key was used with another content."
    )
    LIMIT_EXCEEDED = strawberry.enum_value(
        "LIMIT_EXCEEDED", description="The request exceeds a limit that the message names."
    )
    UNAVAILABLE = strawberry.enum_value(
        "UNAVAILABLE", description="Something that this needs is away: try again later."
    )


@strawberry.enum(description="What happened otherwise than expected; tolerate values added later.")
class WarningCode(Enum):
    """A remark on something that was done."""

    OWNED_EXTERNALLY = strawberry.enum_value(
        "OWNED_EXTERNALLY",
        description="The vendor owns this field: the edit is not sent and its next value wins.",
    )
    OWNER_OVERRIDDEN = strawberry.enum_value(
        "OWNER_OVERRIDDEN", description="A later write won over the field's owner."
    )
    NOT_SENT = strawberry.enum_value(
        "NOT_SENT", description="The change stays here: no integration takes this field."
    )
    CONFLICT_OPEN = strawberry.enum_value(
        "CONFLICT_OPEN", description="The field keeps its value until its conflict is decided."
    )
    NO_OWNERSHIP_RULES = strawberry.enum_value(
        "NO_OWNERSHIP_RULES",
        description="The integration goes both ways, and nobody has said who owns which field.",
    )
    PAYLOAD_DIFFERS = strawberry.enum_value(
        "PAYLOAD_DIFFERS", description="The same event came before with another content."
    )
    LATE_EVENT = strawberry.enum_value(
        "LATE_EVENT", description="The event is older than what is known of its record."
    )
    ALREADY_RUNNING = strawberry.enum_value(
        "ALREADY_RUNNING", description="Such a run was under way; it is the one returned."
    )
    POLICY_UNCHANGED = strawberry.enum_value(
        "POLICY_UNCHANGED", description="The policy file is the one already in force."
    )


@strawberry.type(description="A refusal that the caller can act on. Nothing was changed by it.")
class UserError:
    """One refusal in a mutation's payload."""

    message: str = strawberry.field(description="What is wrong and what to do, for a person.")
    code: UserErrorCode = strawberry.field(description="The same for a program.")
    path: list[str] = strawberry.field(
        description='Points into `input`, for example ["events", "3", "priority"].'
    )


@strawberry.type(description="Something done, but not as one might expect. Never a failure.")
class Warning:  # noqa: A001 — the graph's name for it
    """One remark in a mutation's payload."""

    message: str = strawberry.field(description="What happened, for a person.")
    code: WarningCode = strawberry.field(description="The same for a program.")
    path: list[str] = strawberry.field(
        description="Points into `input`, at what the remark is about."
    )


def user_errors(refused: Refused) -> list[UserError]:
    """Show a refusal in a mutation's payload.

    Raises the refusal again when nobody but an operator can mend it (no token,
    no room to write): it then becomes an error of the whole answer.
    """
    code = "INVALID" if isinstance(refused, BadCursor) else refused.code
    if code not in UserErrorCode.__members__:
        raise refused
    return [UserError(message=refused.message, code=UserErrorCode[code], path=list(refused.path))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One error as the caller sees it, and the failure behind it if that is hidden."""

    shown: Shown
    hidden: BaseException | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Errors of one operation: what the caller sees, and what is to be logged."""

    shown: Sequence[Shown]
    hidden: Sequence[BaseException] = field(default=())


def report(errors: Sequence[GraphQLError], *, correlation_id: str, otherwise: Code) -> Report:
    """Give every error its code, and hide those that are our own failures.

    otherwise: the code of an error of GraphQL itself that has none; it depends
        on the phase, which the error does not know.
    """
    told = [_tell(error, correlation_id, otherwise) for error in errors]
    return Report(
        shown=[one.shown for one in told],
        hidden=[one.hidden for one in told if one.hidden is not None],
    )


def _tell(error: GraphQLError, correlation_id: str, otherwise: Code) -> Told:
    cause = _innermost(error)
    formatted: Shown = dict(error.formatted)
    match cause:
        case Refused():
            code = _SHOWN_AS.get(cause.code, cause.code)
            formatted["message"] = cause.message
        case GraphQLSyntaxError():
            code = Code.GRAPHQL_PARSE_FAILED
        case GraphQLError():
            code = (cause.extensions or {}).get("code", otherwise)
        case GlobalIDValueError():
            code = Code.BAD_INPUT
            formatted["message"] = "This is not an id of this graph."
        case _:
            formatted["message"] = "Internal error."
            formatted["extensions"] = {"code": Code.INTERNAL, "correlationId": correlation_id}
            return Told(shown=formatted, hidden=cause)
    formatted["extensions"] = {**formatted.get("extensions", {}), "code": code}
    return Told(shown=formatted)


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, GraphQLError) and error.original_error is not None:
        error = error.original_error
    return error
