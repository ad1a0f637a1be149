"""Lists of one kind of record, page by page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from models.reads.conditions import Conditions
from models.reads.keyset import Column, Keyset
from models.reads.mirrored import Mirrored
from models.reads.scope import Scope
from models.reads.search import keep_found
from models.reads.statement import rows

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What orders a list.

    key: the columns, which are an index; the id is last.
    walks: columns, each of which begins an index that goes on with the key.
    """

    key: tuple[Column, ...]
    walks: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        """The column that is compared first."""
        return self.key[0].name


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Any of some values of a closed set in one column; None asks nothing, an empty list for none.

    every: the whole set.
    """

    column: str
    wanted: Collection[str] | None
    every: type[StrEnum]


class Filter(Protocol):
    """What the records of a list must all have."""

    @property
    def search(self) -> str | None:
        """The words that they must have."""
        ...

    def choices(self) -> Sequence[Choice]:
        """Return what is asked of columns of closed sets."""
        ...

    def restrict(self, conditions: Conditions, order: Order | None) -> None:
        """Add all other conditions; the order's index shall stay the one that is walked."""
        ...


async def page(
    scope: Scope, mirrored: Mirrored[R], wanted: Filter, order: Order, keyset: Keyset
) -> list[R]:
    """Return a page of the records that are not deleted, in the direction of reading.

    Cost: one statement (two with a search); it walks the order's index until the
    page is full. Each value of a closed set that the filter names is walked in
    its own index where there is one, for a page at most, and the walks are
    merged, so that a rare value costs no more than a frequent one. A filter by
    services reads all their records.
    """
    conditions = mirrored.visible(scope)
    conditions.empty("r.deleted_at")
    await keep_found(conditions, mirrored.kind, wanted.search)
    keyset.restrict(conditions, order.key, "r")
    walked = _walked(wanted, order)
    _restrict(conditions, wanted, order, walked=walked)
    ordered = f"ORDER BY {keyset.order_by(order.key)}"
    sql = f"SELECT {mirrored.columns} FROM {mirrored.table} r WHERE {conditions.where}"  # noqa: S608 — names and places
    if walked is not None:
        most = f"{ordered} LIMIT {conditions.put(keyset.limit + keyset.skip)}"
        values = sorted(set(walked.wanted or ()))
        walks = [f"{sql} AND r.{walked.column} = {conditions.put(one)} {most}" for one in values]
        sql = " UNION ALL ".join(f"SELECT * FROM ({walk}) AS walk" for walk in walks)  # noqa: S608 — as above
    limit, skip = conditions.put(keyset.limit), conditions.put(keyset.skip)
    found = await rows(f"{sql} {ordered} LIMIT {limit} OFFSET {skip}", *conditions.values)
    return [mirrored.record_of(row) for row in found]


async def count(scope: Scope, mirrored: Mirrored[Any], wanted: Filter) -> int:
    """Count the records that are not deleted. Cost: reads an index entry of each."""
    conditions = await listed(scope, mirrored, wanted)
    found = await rows(
        f"SELECT count(*) AS n FROM {mirrored.table} r WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return int(found[0]["n"])


async def listed(scope: Scope, mirrored: Mirrored[Any], wanted: Filter) -> Conditions:
    """Return what a record, alias ``r``, is in a list by: it is in scope, there, and such.

    Cost: one statement with a search, else none.
    """
    conditions = mirrored.visible(scope)
    conditions.empty("r.deleted_at")
    await keep_found(conditions, mirrored.kind, wanted.search)
    _restrict(conditions, wanted, None, walked=None)
    return conditions


async def matches(scope: Scope, mirrored: Mirrored[Any], wanted: Filter, record_id: str) -> bool:
    """Say whether a record, deleted or not, is such and in scope. Cost: one index probe."""
    conditions = mirrored.visible(scope)
    conditions.add(f"r.id = {conditions.put(record_id)}")
    await keep_found(conditions, mirrored.kind, wanted.search)
    _restrict(conditions, wanted, None, walked=None)
    found = await rows(
        f"SELECT 1 AS n FROM {mirrored.table} r WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return bool(found)


def _walked(wanted: Filter, order: Order) -> Choice | None:
    """Return the choice whose values are walked one by one."""
    return next(
        (choice for choice in wanted.choices() if choice.wanted and choice.column in order.walks),
        None,
    )


def _restrict(
    conditions: Conditions, wanted: Filter, order: Order | None, *, walked: Choice | None
) -> None:
    for choice in wanted.choices():
        if choice != walked:
            _keep_to(conditions, choice)
    wanted.restrict(conditions, order)


def _keep_to(conditions: Conditions, choice: Choice) -> None:
    """Name the values that are not wanted: an index would be left unused by that.

    SQLite, told what is wanted, would take the column's index and sort the rest.
    """
    wanted = choice.wanted
    if wanted is None:
        return
    unwanted = [value for value in choice.every if value not in wanted]
    if unwanted:
        conditions.add(f"r.{choice.column} NOT IN ({conditions.put_all(unwanted)})")


def keep_span(
    conditions: Conditions, column: str, start: int | None, end: int | None, order: Order | None
) -> None:
    """Keep to rows whose instant is in a span, in milliseconds, half open.

    An expression is no index's column: the order's own index is walked then.
    """
    name = f"r.{column}" if order is None or order.first == column else f"(r.{column} + 0)"
    if start is not None:
        conditions.add(f"{name} >= {conditions.put(start)}")
    if end is not None:
        conditions.add(f"{name} < {conditions.put(end)}")


def keep_services(conditions: Conditions, table: str, service_ids: Collection[str] | None) -> None:
    """Keep to rows that affect or concern any of some services."""
    if service_ids is not None:
        services = conditions.put_all(sorted(service_ids))
        conditions.add(
            f"r.id IN (SELECT {table}_id FROM {table}_asset WHERE asset_id IN ({services}))"  # noqa: S608 — names and places
        )
