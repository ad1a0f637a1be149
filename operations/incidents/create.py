"""Create an incident here, and at the vendors that a person names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.registry import manifest
from domain.access.roles import Actor
from domain.errors import DirectionForbids, Disabled, Invalid, NotFound
from domain.events.entry import NewEntry, RecordEventKind, Topic
from domain.exchange import WriteKind
from domain.inbound import InboundRecord, VendorKey
from domain.records import FieldValue, IncidentStatus, RecordKind, Severity, VendorFeature
from domain.sync.ownership import carries_out
from models.coding import dumps, to_milliseconds
from models.serial import next_numbers
from models.tables.asset import AssetRow
from models.tables.integration import IntegrationRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.access.scope import scope_of
from operations.incidents.checked import checked
from operations.incidents.edit_line import Change, edit_line
from operations.incidents.repeated import Asked, once
from operations.runtime import Runtime
from operations.sync.queue import Write, queue
from operations.sync.shapes import SHAPES
from operations.sync.terms import terms_of_all

_INCIDENT = SHAPES[RecordKind.INCIDENT]
_NUMBERED: Final = "incident"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateIncident:
    """What is broken, and which vendors are to have a record of it.

    key: the caller's own name for the request: the same again creates nothing new.
    """

    title: str
    severity: Severity
    key: str
    description: str | None = None
    service_ids: Sequence[str] = ()
    integration_ids: Sequence[str] = ()


async def create_incident(runtime: Runtime, actor: Actor, ask: CreateIncident) -> str:
    """Create an incident and queue its creation at each named vendor; return its id.

    It is called ``WP-<n>`` until its first vendor has given it a key.
    Raises Forbidden, NotFound, Invalid, Disabled, DirectionForbids, IdempotencyMismatch.
    """
    authorise(actor, Action.CREATE_INCIDENT)

    async def write(tx: Transaction) -> str:
        async def make() -> str:
            fields = checked(
                {
                    "title": ask.title,
                    "description": ask.description,
                    "severity": ask.severity,
                    "status": IncidentStatus.NEW,
                }
            )
            integrations = await _integrations(actor, ask)
            incident_id = await _insert(runtime, tx, actor, fields)
            await _concern(tx, incident_id, ask)
            for integration in integrations:
                write = Write(
                    integration_id=integration.id,
                    incident_id=incident_id,
                    kind=WriteKind.CREATE,
                    by=actor.name,
                )
                await queue(runtime, tx, write)
            return incident_id

        content = {
            "create": [ask.title, ask.description, ask.severity],
            "services": list(ask.service_ids),
            "integrations": list(ask.integration_ids),
        }
        return await once(runtime, tx, actor, Asked(key=ask.key, content=content), make)

    incident_id = await commit(write)
    await runtime.wake("push")
    await runtime.wake("events")
    return incident_id


async def _integrations(actor: Actor, ask: CreateIncident) -> list[IntegrationRow]:
    """Return the vendors that are to have it, if they all can."""
    found: list[IntegrationRow] = []
    terms = await terms_of_all() if ask.integration_ids else {}
    for place, integration_id in enumerate(dict.fromkeys(ask.integration_ids)):
        path = ("integrationIds", str(place))
        row = await IntegrationRow.get_or_none(id=integration_id)
        if row is None or not scope_of(actor).has(row.key):
            raise NotFound("integration", integration_id, path=path)
        if not row.is_enabled:
            raise Disabled(f"{row.key} is disabled; enable it first", path=path)
        if not carries_out(terms[row.id].direction):
            raise DirectionForbids(
                f"{row.key} is {row.direction}: nothing of ours goes there", path=path
            )
        if VendorFeature.CREATE not in manifest(row.provider).features:
            raise Invalid(f"incidents cannot be created at {row.key}", path=path)
        found.append(row)
    return found


async def _insert(
    runtime: Runtime, tx: Transaction, actor: Actor, fields: Mapping[str, FieldValue]
) -> str:
    """Write the incident, its first edits, and the word of it."""
    now, incident_id = runtime.now(), runtime.new_id()
    (number,) = await next_numbers(tx, _NUMBERED)
    made = InboundRecord(
        external_id="",
        external_key=f"WP-{number}",
        url="",
        key=VendorKey(at=now),
        created_at=now,
        author=actor.name,
        fields={},
        unmapped={},
    )
    line = _INCIDENT.new_line(incident_id, made, fields)
    given = {name: value for name, value in fields.items() if value is not None}
    at = to_milliseconds(now)
    line["revisions"] = dumps({name: [1, at, None, actor.name] for name in given})
    await tx.upsert("incident", [line], key=("id",))
    edits = [
        edit_line(
            runtime,
            Change(
                incident_id=incident_id,
                field=name,
                before=None,
                after=value,
                version=1,
                at=now,
                by=actor.name,
            ),
        )
        for name, value in sorted(given.items())
    ]
    await tx.upsert("edit", edits, key=("id",))
    tx.tell(
        NewEntry(
            topic=Topic.INCIDENT,
            kind=RecordEventKind.CREATED,
            occurred_at=now,
            record_id=incident_id,
            edit_ids=tuple(str(edit["id"]) for edit in edits),
        )
    )
    return incident_id


async def _concern(tx: Transaction, incident_id: str, ask: CreateIncident) -> None:
    """Link the incident to its services. Raises NotFound."""
    known = {row.id for row in await AssetRow.filter(id__in=list(ask.service_ids))}
    for place, service_id in enumerate(ask.service_ids):
        if service_id not in known:
            raise NotFound("service", service_id, path=("serviceIds", str(place)))
    await tx.upsert(
        "incident_asset",
        [{"incident_id": incident_id, "asset_id": one} for one in dict.fromkeys(ask.service_ids)],
        key=("incident_id", "asset_id"),
        overwrite=False,
    )
