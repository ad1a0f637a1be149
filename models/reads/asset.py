"""Services and configuration items."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.records import RecordKind, ServiceCriticality
from models.coding import from_milliseconds, instant
from models.reads.conditions import Conditions
from models.reads.keyset import ID, Column
from models.reads.mirrored import Mirrored
from models.reads.page import Choice, Order

_COLUMNS: Final = """
    r.id, r.name, r.criticality, r.is_configuration_item, r.created_at, r.updated_at, r.deleted_at
"""
BY_NAME: Final = Order(key=(Column(name="name", type=str), ID))


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service or configuration item, as its vendor names it."""

    id: str
    name: str
    criticality: ServiceCriticality
    is_configuration_item: bool
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


def _service_of(row: Mapping[str, Any]) -> Service:
    return Service(
        id=row["id"],
        name=row["name"],
        criticality=ServiceCriticality(row["criticality"]),
        is_configuration_item=bool(row["is_configuration_item"]),
        created_at=from_milliseconds(row["created_at"]),
        updated_at=from_milliseconds(row["updated_at"]),
        deleted_at=instant(row["deleted_at"]),
    )


SERVICES: Final = Mirrored(kind=RecordKind.SERVICE, columns=_COLUMNS, record_of=_service_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFilter:
    """What services must have."""

    search: str | None = None

    def choices(self) -> Sequence[Choice]:
        """Ask nothing of columns of closed sets."""
        return ()

    def restrict(self, conditions: Conditions, order: Order | None) -> None:
        """Add nothing else."""
