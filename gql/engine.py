"""Runs operations, whichever door they came through.

graphql-core executes; Strawberry only built the schema. Its own runner would
parse and validate every request again and share one context among all events
of a subscription.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from graphql import (
    ExecutionResult,
    GraphQLError,
    OperationType,
    execute_root_selection_set,
)
from graphql.execution import Executor
from strawberry import Schema
from structlog.contextvars import bound_contextvars

from domain.access.roles import Actor
from gql.asked import Asked
from gql.cost import cost_of
from gql.declined import Code, Declined, Shown, declined, shown
from gql.documents import Documents
from gql.errors import report
from gql.frames import Frame, Frames
from gql.options import Options
from gql.persisted import PersistedQueries
from gql.plan import Plan
from gql.rate import Buckets
from gql.subscriber import SourceError, Subscriber

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class _Tally:
    """What the log says of an operation at its end."""

    outcome: str = "ANSWERED"
    cost: int = 0


class Engine:
    """Plans and runs the operations of one schema."""

    def __init__(
        self,
        schema: Schema,
        *,
        make_context: Callable[[Actor, str], object],
        options: Options,
    ) -> None:
        """``make_context`` is called for each operation and each event."""
        core = schema._schema  # noqa: SLF001 — Strawberry has no public name for it; a test pins it
        self._schema = core
        self._executor_class = schema.execution_context_class
        self._make_context = make_context
        self._options = options
        self._documents = Documents(core, options.limits)
        self._persisted = PersistedQueries()
        self._frames = Frames(options.monotonic)
        self._buckets = Buckets(options.cost_per_minute, options.monotonic)

    def plan(self, asked: Asked, *, correlation_id: str) -> Plan:
        """Find the operation that a request asks for. Raises Declined."""
        started = self._options.monotonic()
        try:
            document = self._documents.read(self._persisted.text(asked))
            operation = document.operation(asked.operation_name)
        except Declined:
            tally = _Tally(outcome="DECLINED")
            self._log(asked.operation_name, None, started, correlation_id, tally)
            raise
        self._persisted.keep(asked)
        return Plan(document=document, operation=operation, variables=asked.variables)

    async def answer(self, plan: Plan, *, actor: Actor, correlation_id: str) -> Shown:
        """Run a query or mutation to its end and return the answer.

        Raises Declined when it may not run: variables of the wrong kind, cost.
        """
        is_mutation = plan.kind is OperationType.MUTATION
        time = self._options.mutation_time if is_mutation else self._options.query_time
        with (
            bound_contextvars(correlation_id=correlation_id),
            self._tallied(plan, correlation_id) as tally,
        ):
            executor = self._admit(plan, tally, actor=actor, correlation_id=correlation_id)
            try:
                async with asyncio.timeout(time.total_seconds()):
                    result = execute_root_selection_set(executor)
                    if not isinstance(result, ExecutionResult):
                        result = await result
            except TimeoutError:
                tally.outcome = "TIMED_OUT"
                message = f"The operation took more than {time.total_seconds():g} s."
                answer: Shown = {"data": None, "errors": [shown(message, Code.TIMEOUT)]}
            else:
                answer = self._shown(result, correlation_id=correlation_id)
                if result.errors:
                    tally.outcome = "ERRORS"
            cost = {"requested": tally.cost, "limit": self._options.cost}
            return {**answer, "extensions": {"cost": cost}}

    async def events(
        self, plan: Plan, *, actor: Callable[[], Actor], correlation_id: str
    ) -> AsyncGenerator[Frame, None]:
        """Run a subscription; the caller must close the generator.

        actor: asked for each event, for rights may change while a socket is open.
        Raises Declined when it may not run, and when its source fails.
        """
        with self._tallied(plan, correlation_id) as tally:
            executor = self._admit(plan, tally, actor=actor(), correlation_id=correlation_id)
            subscriber = Subscriber(
                plan=plan,
                executor=executor,
                frames=self._frames,
                who=actor,
                context=partial(self._context, correlation_id),
                shown=partial(self._shown, correlation_id=correlation_id),
            )
            async with aclosing(subscriber.hear()) as frames:
                try:
                    async for frame in frames:
                        if frame.has_errors:
                            tally.outcome = "ERRORS"
                        yield frame
                except SourceError as error:
                    raise self._failed(error.errors, correlation_id) from error
                except Exception as error:
                    raise self._failed([_as_graphql(error)], correlation_id) from error

    def _context(self, correlation_id: str, actor: Actor) -> object:
        return self._make_context(actor, correlation_id)

    def _admit(
        self, plan: Plan, tally: _Tally, *, actor: Actor, correlation_id: str
    ) -> Executor[Any]:
        """Read the variables and charge the cost. Raises Declined."""
        executor = self._executor_class.build(
            self._schema,
            plan.document.node,
            context_value=self._make_context(actor, correlation_id),
            raw_variable_values=dict(plan.variables),
            operation_name=plan.name,
            max_coercion_errors=10,
            hide_suggestions=True,
        )
        if isinstance(executor, list):
            told = report(executor, correlation_id=correlation_id, otherwise=Code.BAD_INPUT)
            raise Declined(told.shown)
        coerced = executor.variable_values.coerced
        tally.cost = cost_of(self._schema, plan.document.node, plan.operation, coerced)
        limit = self._options.cost
        if tally.cost > limit:
            message = f"The operation may cost {tally.cost}, the limit is {limit}: ask for less."
            raise declined(message, Code.QUERY_TOO_COMPLEX)
        self._buckets.charge(actor.id, tally.cost)
        return executor

    def _shown(self, result: ExecutionResult, *, correlation_id: str) -> Shown:
        if not result.errors:
            return {"data": result.data}
        errors = self._told(result.errors, correlation_id)
        return {"data": result.data, "errors": errors}

    def _failed(self, errors: list[GraphQLError], correlation_id: str) -> Declined:
        return Declined(self._told(errors, correlation_id))

    def _told(self, errors: list[GraphQLError], correlation_id: str) -> list[Shown]:
        told = report(errors, correlation_id=correlation_id, otherwise=Code.BAD_INPUT)
        for hidden in told.hidden:
            log.error("graphql_failed", correlation_id=correlation_id, exc_info=hidden)
        return list(told.shown)

    @contextmanager
    def _tallied(self, plan: Plan, correlation_id: str) -> Iterator[_Tally]:
        started = self._options.monotonic()
        tally = _Tally()
        try:
            yield tally
        except Declined:
            tally.outcome = "DECLINED"
            raise
        except (asyncio.CancelledError, GeneratorExit):
            tally.outcome = "STOPPED"
            raise
        finally:
            self._log(plan.name, plan.kind.value, started, correlation_id, tally)

    def _log(
        self,
        operation: str | None,
        kind: str | None,
        started: float,
        correlation_id: str,
        tally: _Tally,
    ) -> None:
        log.info(
            "graphql_answered",
            operation=operation,
            kind=kind,
            latency_ms=round((self._options.monotonic() - started) * 1000, 3),
            correlation_id=correlation_id,
            outcome=tally.outcome,
            cost=tally.cost,
        )


def _as_graphql(error: Exception) -> GraphQLError:
    if isinstance(error, GraphQLError):
        return error
    return GraphQLError(str(error), original_error=error)
