"""Integrations: what they are, and what was set for them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from domain.exchange import ConflictStrategy, ConflictWindowMode
from domain.records import Direction, IntegrationState
from models.coding import MILLISECOND, dumps, from_milliseconds, instant, loads
from models.reads.conditions import Conditions
from models.reads.keyset import ID, Column, Keyset
from models.reads.scope import Scope
from models.reads.statement import one_of, rows

KEY: Final = (Column(name="key", type=str), ID)
_COLUMNS: Final = """
    n.id, n.key, n.name, n.provider, n.base_url, n.is_enabled, n.direction,
    n.conflict_strategy, n.conflict_window_ms, n.conflict_window_mode, n.poll_interval_ms,
    n.census_interval_ms, n.requests_per_minute, n.slows_down, n.state, n.state_reason,
    n.skew_samples
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """A vendor's account.

    requests_per_minute: None where the vendor's default holds.
    slows_down: it is asked less often for a while after it said "too often".
    skew_samples: differences between the vendor's clock and ours, in milliseconds.
    """

    id: str
    key: str
    name: str
    provider: str
    base_url: str
    is_enabled: bool
    direction: Direction
    conflict_strategy: ConflictStrategy
    conflict_window: timedelta
    conflict_window_mode: ConflictWindowMode
    poll_interval: timedelta
    census_interval: timedelta
    requests_per_minute: int | None
    slows_down: bool
    state: IntegrationState
    state_reason: str | None
    skew_samples: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialInfo:
    """That a credential is there; its value is not read."""

    name: str
    set_at: datetime
    set_by: str
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmappedValue:
    """A vendor's value without a counterpart, and how often it came."""

    field: str
    value: str
    seen: int
    last_seen_at: datetime


def _integration_of(row: Mapping[str, Any]) -> Integration:
    return Integration(
        id=row["id"],
        key=row["key"],
        name=row["name"],
        provider=row["provider"],
        base_url=row["base_url"],
        is_enabled=bool(row["is_enabled"]),
        direction=Direction(row["direction"]),
        conflict_strategy=ConflictStrategy(row["conflict_strategy"]),
        conflict_window=row["conflict_window_ms"] * MILLISECOND,
        conflict_window_mode=ConflictWindowMode(row["conflict_window_mode"]),
        poll_interval=row["poll_interval_ms"] * MILLISECOND,
        census_interval=row["census_interval_ms"] * MILLISECOND,
        requests_per_minute=row["requests_per_minute"],
        slows_down=bool(row["slows_down"]),
        state=IntegrationState(row["state"]),
        state_reason=row["state_reason"],
        skew_samples=tuple(loads(row["skew_samples"])),
    )


async def integrations(scope: Scope, ids: Collection[str]) -> dict[str, Integration]:
    """Return integrations by id. Cost: one index probe an id."""
    conditions = Conditions()
    conditions.add(one_of("n.id", conditions.put(dumps(sorted(ids)))))
    return {one.id: one for one in await _selected(scope, conditions, "")}


async def integration_keyed(scope: Scope, key: str) -> Integration | None:
    """Return the integration of a key. Cost: one index probe."""
    conditions = Conditions()
    conditions.add(f"n.key = {conditions.put(key)}")
    found = await _selected(scope, conditions, "")
    return found[0] if found else None


async def integration_page(scope: Scope, keyset: Keyset) -> list[Integration]:
    """Return a page of the integrations by key, in the direction of reading.

    Cost: one statement over a table of a few rows.
    """
    conditions = Conditions()
    keyset.restrict(conditions, KEY, "n")
    limit = conditions.put(keyset.limit)
    return await _selected(scope, conditions, f"ORDER BY {keyset.order_by(KEY)} LIMIT {limit}")


async def integration_count(scope: Scope) -> int:
    """Count the integrations. Cost: one statement over a table of a few rows."""
    conditions = Conditions()
    conditions.see(scope, "n.id")
    found = await rows(
        f"SELECT count(*) AS n FROM integration n WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return int(found[0]["n"])


async def credentials_of(
    scope: Scope, integration_ids: Collection[str]
) -> dict[str, list[CredentialInfo]]:
    """Return what is known of each integration's credentials, by name. Cost: one statement."""
    conditions = Conditions()
    conditions.add(one_of("integration_id", conditions.put(dumps(sorted(integration_ids)))))
    conditions.see(scope)
    found = await rows(
        f"""
        SELECT integration_id, name, set_at, set_by, last_used_at FROM credential
        WHERE {conditions.where} ORDER BY name
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    credentials: dict[str, list[CredentialInfo]] = {one: [] for one in integration_ids}
    for row in found:
        credentials[row["integration_id"]].append(
            CredentialInfo(
                name=row["name"],
                set_at=from_milliseconds(row["set_at"]),
                set_by=row["set_by"],
                last_used_at=instant(row["last_used_at"]),
            )
        )
    return credentials


async def unmapped_values_of(
    scope: Scope, integration_ids: Collection[str]
) -> dict[str, list[UnmappedValue]]:
    """Return each integration's values without a counterpart, by field and value.

    Cost: one statement.
    """
    conditions = Conditions()
    conditions.add(one_of("integration_id", conditions.put(dumps(sorted(integration_ids)))))
    conditions.see(scope)
    found = await rows(
        f"""
        SELECT integration_id, field, value, seen, last_seen_at FROM unmapped_value
        WHERE {conditions.where} ORDER BY field, value
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    values: dict[str, list[UnmappedValue]] = {one: [] for one in integration_ids}
    for row in found:
        values[row["integration_id"]].append(
            UnmappedValue(
                field=row["field"],
                value=row["value"],
                seen=row["seen"],
                last_seen_at=from_milliseconds(row["last_seen_at"]),
            )
        )
    return values


async def _selected(scope: Scope, conditions: Conditions, tail: str) -> list[Integration]:
    conditions.see(scope, "n.id")
    found = await rows(
        f"SELECT {_COLUMNS} FROM integration n WHERE {conditions.where} {tail}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return [_integration_of(row) for row in found]
