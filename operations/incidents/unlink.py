"""Say that a vendor's record is not this incident after all."""

from dataclasses import dataclass

from domain.access.roles import Actor
from domain.errors import Invalid, NotFound
from domain.events.entry import NewEntry, RecordEventKind, Topic
from domain.inbound import InboundRecord, VendorKey
from domain.records import RecordKind
from models.tables.incident import IncidentLinkRow, IncidentRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action
from operations.incidents.find import find
from operations.incidents.move import move
from operations.runtime import Runtime
from operations.sync.shapes import SHAPES

_INCIDENT = SHAPES[RecordKind.INCIDENT]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlinkIncident:
    """Which incident, and whose record."""

    incident_id: str
    integration_id: str


async def unlink_incident(runtime: Runtime, actor: Actor, ask: UnlinkIncident) -> str:
    """Make the vendor's record an incident of its own; return the id of the one it left.

    The new incident begins with what the vendor last told; its notes, changes and
    services go with it. It is never joined by itself again: a record that is
    linked stays where it is (rule I3a).
    Raises NotFound, Forbidden, and Invalid when the incident has no other record.
    """

    async def write(tx: Transaction) -> None:
        incident, integration = await find(
            actor,
            Action.LINK_INCIDENT,
            incident_id=ask.incident_id,
            integration_id=ask.integration_id,
        )
        link = await IncidentLinkRow.get_or_none(
            incident_id=incident.id, integration_id=integration.id
        )
        if link is None:
            raise NotFound("link to", integration.key, path=("integrationId",))
        if await IncidentLinkRow.filter(incident_id=incident.id).count() == 1:
            raise Invalid(
                f"{link.external_key} is the only record of {incident.number}; there is"
                " nothing to part",
                path=("integrationId",),
            )
        own = await _own(runtime, tx, link, incident)
        await move(runtime, tx, link, into=own, by=actor.name)
        await _rename(tx, incident)

    await commit(write)
    await runtime.wake("events")
    return ask.incident_id


async def _own(
    runtime: Runtime, tx: Transaction, link: IncidentLinkRow, incident: IncidentRow
) -> IncidentRow:
    """Create the incident that the vendor's record alone makes."""
    record = InboundRecord(
        external_id=link.external_id,
        external_key=link.external_key,
        url=link.url,
        key=VendorKey(at=link.known_at, sequence=link.known_sequence),
        created_at=incident.created_at,
        author="",
        fields={},
        unmapped={},
    )
    line = _INCIDENT.new_line(runtime.new_id(), record, link.base)
    await tx.upsert("incident", [line], key=("id",))
    tx.tell(
        NewEntry(
            topic=Topic.INCIDENT,
            kind=RecordEventKind.CREATED,
            occurred_at=runtime.now(),
            record_id=line["id"],
        )
    )
    return await IncidentRow.get(id=line["id"])


async def _rename(tx: Transaction, incident: IncidentRow) -> None:
    """Call the incident by the key of the oldest record that it has left."""
    oldest = await IncidentLinkRow.filter(incident_id=incident.id).order_by("id").first()
    if oldest is not None and oldest.external_key != incident.number:
        await tx.rows(
            "UPDATE incident SET number = $2 WHERE id = $1 RETURNING id",
            incident.id,
            oldest.external_key,
        )
