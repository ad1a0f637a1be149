"""Our values of an incident, as they are asked of a vendor."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.contract import Manifest
from domain.inbound import MirroredValue, Reference
from domain.records import FieldValue
from models.reads.counterpart import counterpart
from models.transaction import Transaction

_PEOPLE = "assignee"
_GROUPS = "escalationPolicy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outward:
    """Values for a vendor, and those that it has no counterpart for, with the reason."""

    fields: dict[str, MirroredValue] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


async def outward(
    about: Manifest, integration_id: str, values: Mapping[str, FieldValue]
) -> Outward:
    """Return values with people and groups as the vendor's own references.

    Somebody whom the vendor does not know cannot be sent to it.
    """
    found = Outward()
    tables = {_PEOPLE: about.people, _GROUPS: about.groups}
    for name, value in values.items():
        if name not in tables or value is None:
            found.fields[name] = value
            continue
        reference = await counterpart(integration_id, str(value), tables=tables[name])
        if reference is None:
            found.missing[name] = f'{about.name} knows nobody called "{value}"; map the user'
        else:
            found.fields[name] = reference
    return found


async def service_references(
    tx: Transaction, about: Manifest, *, integration_id: str, incident_id: str
) -> tuple[Reference, ...]:
    """Return an incident's services as this vendor knows them."""
    found = await tx.rows(
        """
        SELECT l.external_id, d."table" FROM incident_asset s
        JOIN asset_link l ON l.asset_id = s.asset_id AND l.integration_id = $1
        LEFT JOIN directory d ON d.integration_id = l.integration_id
            AND d.external_id = l.external_id
        WHERE s.incident_id = $2 AND l.gone_at IS NULL ORDER BY l.external_id
        """,
        integration_id,
        incident_id,
    )
    tables = [(row["table"] or about.service_table, row["external_id"]) for row in found]
    return tuple(
        Reference(table=table, external_id=external_id)
        for table, external_id in tables
        if table is not None
    )
