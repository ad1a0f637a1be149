"""Say that a vendor's record is this incident."""

from dataclasses import dataclass
from functools import partial

from adapters.contract import Vendor
from adapters.exchange import Failed
from adapters.registry import manifest
from domain.access.roles import Actor
from domain.errors import Invalid, NotFound, Unavailable
from domain.records import RecordKind
from models.sealed import CannotOpen
from models.tables.incident import IncidentLinkRow, IncidentRow
from models.tables.integration import IntegrationRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action
from operations.incidents.find import find
from operations.incidents.move import move
from operations.runtime import Runtime
from operations.sync.connect import connected
from operations.sync.gather import Gathered, Gatherer
from operations.sync.mirror import drafted, written
from operations.sync.shapes import SHAPES
from operations.sync.writing import Writing

_INCIDENT = SHAPES[RecordKind.INCIDENT]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkIncident:
    """Which incident, and which record of which integration."""

    incident_id: str
    integration_id: str
    external_id: str


async def link_incident(runtime: Runtime, actor: Actor, ask: LinkIncident) -> str:
    """Join a vendor's record to an incident; return the incident's id.

    A record that is mirrored as an incident of its own moves over with all that
    came from there; what is left without any record is deleted. One that is not
    mirrored yet is read from the vendor first. The incident keeps its values: the
    record fills in only what was empty.
    Raises NotFound, Forbidden, Invalid when the incident has a record of this
    integration already, and Unavailable when the vendor must be asked and fails.
    """
    if await commit(partial(_join_known, runtime=runtime, actor=actor, ask=ask)):
        await runtime.wake("events")
        return ask.incident_id
    gathered, provider = await _read(runtime, ask)

    async def write(tx: Transaction) -> None:
        incident, integration = await _checked(actor, ask)
        to = Writing(
            runtime=runtime,
            tx=tx,
            shape=_INCIDENT,
            integration_id=integration.id,
            provider=provider,
        )
        (line,) = await tx.rows(
            f"SELECT {', '.join(_INCIDENT.record_columns)} FROM incident WHERE id = $1",  # noqa: S608 — names are ours
            incident.id,
        )
        same = {ask.external_id: line}
        await written(to, gathered, await drafted(to, gathered, same=same))

    await commit(write)
    await runtime.wake("events")
    return ask.incident_id


async def _join_known(
    tx: Transaction, *, runtime: Runtime, actor: Actor, ask: LinkIncident
) -> bool:
    """Join a record that is mirrored; False when it is not."""
    incident, integration = await _checked(actor, ask)
    link = await IncidentLinkRow.get_or_none(
        integration_id=integration.id, external_id=ask.external_id
    )
    if link is None:
        return False
    if link.incident_id != incident.id:  # type: ignore[attr-defined]  # — Tortoise adds it
        await move(runtime, tx, link, into=incident, by=actor.name)
    return True


async def _checked(actor: Actor, ask: LinkIncident) -> tuple[IncidentRow, IntegrationRow]:
    """Return what is to be joined. Raises what ``link_incident`` does."""
    incident, integration = await find(
        actor,
        Action.LINK_INCIDENT,
        incident_id=ask.incident_id,
        integration_id=ask.integration_id,
    )
    other = await IncidentLinkRow.get_or_none(
        incident_id=incident.id, integration_id=integration.id
    )
    if other is not None and other.external_id != ask.external_id:
        raise Invalid(
            f"{incident.number} has a record at {integration.key} already, {other.external_key};"
            " unlink that first",
            path=("integrationId",),
        )
    return incident, integration


async def _read(runtime: Runtime, ask: LinkIncident) -> tuple[Gathered, str]:
    """Read a record that is not mirrored yet. Raises NotFound and Unavailable."""
    integration = await IntegrationRow.get(id=ask.integration_id)
    try:
        async with connected(runtime, integration) as vendor:
            return await _read_from(vendor, ask, integration)
    except CannotOpen as error:
        raise Unavailable(str(error), path=("integrationId",)) from None


async def _read_from(
    vendor: Vendor, ask: LinkIncident, integration: IntegrationRow
) -> tuple[Gathered, str]:
    found = await vendor.read(RecordKind.INCIDENT, [ask.external_id])
    if isinstance(found, Failed):
        raise Unavailable(f"{integration.key}: {found.detail}", path=("integrationId",))
    if not found.records:
        raise NotFound(f"incident of {integration.key}", ask.external_id, path=("externalId",))
    about = manifest(integration.provider)
    gatherer = Gatherer(
        vendor=vendor,
        about=about,
        integration_id=integration.id,
        kind=RecordKind.INCIDENT,
        is_full=True,
    )
    gathered = await gatherer.gather_found(found)
    if isinstance(gathered, Failed):
        raise Unavailable(f"{integration.key}: {gathered.detail}", path=("integrationId",))
    return gathered, about.key
