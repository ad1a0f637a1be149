"""Asks operations, and turns their refusals into a payload's user errors."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from domain.access.roles import Actor
from domain.errors import Refused
from gql.context import Context
from gql.errors import UserError, user_errors
from gql.loaders import Loaders
from operations.runtime import Runtime

A = TypeVar("A")
T = TypeVar("T")


async def attempt(
    context: Context,
    operation: Callable[[Runtime, Actor, A], Awaitable[T]],
    ask: Callable[[], A],
) -> tuple[T | None, list[UserError]]:
    """Return the operation's answer, or why it was refused.

    ask: makes the request, and may refuse as well.
    What is read afterwards for the payload is read anew: an earlier mutation of the
    same request may have read what this one has changed.
    """
    try:
        done = await operation(context.runtime, context.actor, ask())
    except Refused as refused:
        return None, user_errors(refused)
    context.loaders = Loaders(context.actor)
    context.as_of = context.runtime.now()
    return done, []
