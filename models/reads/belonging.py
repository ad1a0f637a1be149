"""Which records belong to which others, and how those are read for many owners at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from domain.records import RecordKind, RelationName
from models.coding import dumps
from models.reads.conditions import Conditions
from models.reads.keyset import Column, Keyset
from models.reads.mirrored import TABLES, Mirrored
from models.reads.scope import Scope
from models.reads.statement import one_of, rows

R = TypeVar("R")


class Belonging(Protocol):
    """A way in which records belong to others. It can be a key of a mapping."""

    def pairs(self, conditions: Conditions, scope: Scope, owners: Collection[str]) -> str:
        """Return a SELECT of ``owner`` and ``member``, ids of both; its values go into conditions.

        Cost: an index probe an owner.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OnService:
    """The records of a kind belong to the services that they affect or concern."""

    kind: RecordKind

    def pairs(self, conditions: Conditions, scope: Scope, owners: Collection[str]) -> str:
        """Read them by the service."""
        table = TABLES[self.kind]
        wanted = one_of("asset_id", conditions.put(dumps(sorted(owners))))
        return f"SELECT asset_id AS owner, {table}_id AS member FROM {table}_asset WHERE {wanted}"  # noqa: S608 — names and places


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOf:
    """Services belong to the records of a kind that affect or concern them."""

    kind: RecordKind

    def pairs(self, conditions: Conditions, scope: Scope, owners: Collection[str]) -> str:
        """Read them by the record."""
        table = TABLES[self.kind]
        wanted = one_of(f"{table}_id", conditions.put(dumps(sorted(owners))))
        return f"SELECT {table}_id AS owner, asset_id AS member FROM {table}_asset WHERE {wanted}"  # noqa: S608 — names and places


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointed:
    """Records point to others; the vendors' relations that say so must be in scope.

    source, target: the kinds at the two ends.
    is_backward: those that point belong to those that are pointed to, else the
        other way round.
    """

    names: tuple[RelationName, ...]
    source: RecordKind
    target: RecordKind
    is_backward: bool = False

    def pairs(self, conditions: Conditions, scope: Scope, owners: Collection[str]) -> str:
        """Join the target's link by integration and external id."""
        near, far = "p.from_id", f"l.{TABLES[self.target]}_id"
        owner, member = (far, near) if self.is_backward else (near, far)
        # An expression is no index's column: forwards, relations are found by where they
        # come from, and not by their name and kind, which many have.
        name, to_kind = (
            ("p.name", "p.to_kind") if self.is_backward else ("(p.name || '')", "(p.to_kind || '')")
        )
        return f"""
            SELECT DISTINCT {owner} AS owner, {member} AS member
            FROM relation p JOIN {TABLES[self.target]}_link l
                ON l.integration_id = p.integration_id AND l.external_id = p.to_external_id
            WHERE {name} IN ({conditions.put_all(self.names)})
                AND p.from_kind = {conditions.put(self.source)}
                AND {to_kind} = {conditions.put(self.target)}
                AND {one_of(owner, conditions.put(dumps(sorted(owners))))}
                AND {conditions.seen(scope, "p.integration_id")}
            """  # noqa: S608 — names and places


@dataclass(frozen=True, slots=True, kw_only=True)
class SentOf:
    """Tickets that were sent to us are part of the incident that their sender names.

    is_backward: the tickets belong to the incident, else it belongs to them.
    """

    is_backward: bool = False

    def pairs(self, conditions: Conditions, scope: Scope, owners: Collection[str]) -> str:
        """Read the ticket's own column."""
        owner, member = ("incident_id", "id") if self.is_backward else ("id", "incident_id")
        return f"""
            SELECT {owner} AS owner, {member} AS member FROM ticket
            WHERE incident_id IS NOT NULL
                AND {one_of(owner, conditions.put(dumps(sorted(owners))))}
            """  # noqa: S608 — names and places


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """Records belong together in any of some ways."""

    ways: tuple[Belonging, ...]

    def pairs(self, conditions: Conditions, scope: Scope, owners: Collection[str]) -> str:
        """Read all of them, each pair once."""
        return " UNION ".join(way.pairs(conditions, scope, owners) for way in self.ways)


@dataclass(frozen=True, slots=True, kw_only=True)
class Members(Generic[R]):
    """The records of a kind that belong to owners, and their order. Deleted ones are left out."""

    mirrored: Mirrored[R]
    belonging: Belonging
    key: tuple[Column, ...]

    async def all(self, scope: Scope, owners: Collection[str]) -> dict[str, list[R]]:
        """Return all records of each owner, the least key first.

        Cost: one statement; an index probe a record.
        """
        conditions, table = self._present(scope)
        pairs = self.belonging.pairs(conditions, scope, owners)
        order = ", ".join(f"r.{column.name}" for column in self.key)
        found = await rows(
            f"""
            SELECT {self.mirrored.columns}, m.owner FROM ({pairs}) AS m
            JOIN {table} r ON r.id = m.member WHERE {conditions.where} ORDER BY {order}
            """,  # noqa: S608 — names and places
            *conditions.values,
        )
        return self._by_owner(found, owners)

    async def pages(
        self, scope: Scope, owners: Collection[str], keyset: Keyset
    ) -> dict[str, list[R]]:
        """Return a page of the records of each owner, in the direction of reading.

        Cost: one statement; it reads all records of these owners.
        """
        conditions, table = self._present(scope)
        pairs = self.belonging.pairs(conditions, scope, owners)
        keyset.restrict(conditions, self.key, "r")
        found = await rows(
            f"""
            SELECT * FROM (
                SELECT {self.mirrored.columns}, m.owner, row_number() OVER (
                    PARTITION BY m.owner ORDER BY {keyset.order_by(self.key, "r")}
                ) AS place
                FROM ({pairs}) AS m JOIN {table} r ON r.id = m.member WHERE {conditions.where}
            ) AS ranked WHERE place <= {conditions.put(keyset.limit)} ORDER BY owner, place
            """,  # noqa: S608 — names and places
            *conditions.values,
        )
        return self._by_owner(found, owners)

    async def counts(self, scope: Scope, owners: Collection[str]) -> dict[str, int]:
        """Count the records of each owner. Cost: one statement that reads all of them."""
        conditions, table = self._present(scope)
        pairs = self.belonging.pairs(conditions, scope, owners)
        found = await rows(
            f"""
            SELECT m.owner, count(*) AS n FROM ({pairs}) AS m JOIN {table} r ON r.id = m.member
            WHERE {conditions.where} GROUP BY m.owner
            """,  # noqa: S608 — names and places
            *conditions.values,
        )
        return {row["owner"]: int(row["n"]) for row in found}

    def _present(self, scope: Scope) -> tuple[Conditions, str]:
        conditions = self.mirrored.visible(scope)
        conditions.empty("r.deleted_at")
        return conditions, self.mirrored.table

    def _by_owner(
        self, found: Sequence[dict[str, Any]], owners: Collection[str]
    ) -> dict[str, list[R]]:
        records: dict[str, list[R]] = {owner: [] for owner in owners}
        for row in found:
            records[row["owner"]].append(self.mirrored.record_of(row))
        return records
