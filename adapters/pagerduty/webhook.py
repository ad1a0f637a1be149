"""What an account's webhook subscriptions tell, and how they prove to be its own. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from adapters import signatures
from adapters.delivery import (
    Deleted,
    Hinted,
    RawDelivery,
    Rejected,
    Reported,
    Told,
    Unreadable,
    Verified,
)
from adapters.exchange import Named
from adapters.pagerduty.directory import name_of
from adapters.pagerduty.incidents import incident
from adapters.pagerduty.reading import (
    agent_of,
    child,
    children,
    identity,
    is_identity,
    text,
    time_of,
)
from adapters.pagerduty.terms import Terms
from domain.inbound import InboundRecord
from domain.records import RecordKind

_SIGNATURE: Final = "x-pagerduty-signature"
_VERSION: Final = "v1="
# A rotation needs two.
_MOST_SIGNATURES: Final = 16
_TEST: Final = "pagey.ping"
_ANNOTATED: Final = "incident.annotated"
_SERVICE_DELETED: Final = "service.deleted"
_OF_INCIDENTS: Final = "incident."
_OF_SERVICES: Final = "service."


class Signed:
    """The signatures of a subscription: one for each of its secrets."""

    credentials: tuple[str, ...] = signatures.ROTATED
    headers = frozenset({_SIGNATURE})

    def verify(
        self, delivery: RawDelivery, secrets: Mapping[str, str], now: datetime
    ) -> Verified | Rejected:
        """Look for one signature that one of our secrets makes; none bears a time."""
        del now
        held = signatures.held(secrets)
        if not held:
            return Rejected(reason=signatures.UNSET)
        header = delivery.headers.get(_SIGNATURE, "")
        if not header:
            return Rejected(reason="X-PagerDuty-Signature is missing")
        parts = header.split(",", _MOST_SIGNATURES)
        if len(parts) > _MOST_SIGNATURES:
            return Rejected(reason="X-PagerDuty-Signature has too many signatures")
        stripped = [part.strip() for part in parts]
        told = [part.removeprefix(_VERSION) for part in stripped if part.startswith(_VERSION)]
        if not told:
            return Rejected(reason="X-PagerDuty-Signature has no signature of version 1")
        if not signatures.signed_by_one(told, held, delivery.body):
            return Rejected(reason=signatures.WRONG)
        try:
            event = child(signatures.document(delivery), "event")
        except ValueError:
            event = {}
        return Verified(
            dedup_key=signatures.delivery_id(event.get("id")), external_id=_about(event)
        )

    def sample(
        self, path: str, secrets: Mapping[str, str], now: datetime, delivery_id: str
    ) -> RawDelivery | None:
        """Return what PagerDuty sends when somebody tries a subscription."""
        event = {"id": delivery_id, "event_type": _TEST, "occurred_at": now.isoformat()}
        body = signatures.sample_body({"event": event})
        made = [_VERSION + signatures.signature(one, body) for one in signatures.held(secrets)]
        if not made:
            return None
        return RawDelivery(
            method="POST", path=path, headers={_SIGNATURE: ",".join(made)}, body=body
        )


SIGNED: Final = Signed()


def _about(event: Mapping[str, object]) -> str | None:
    """Return the id of the incident or the service that an event is about."""
    subject = _subject(event)
    found = "" if subject is None else text(subject, "id")
    return found if is_identity(found) else None


def read(delivery: RawDelivery, terms: Terms) -> Told:
    """Read what happened, to an incident or a service; other events are of no interest.

    An event has the vendor's time of it in milliseconds, an incident that of its
    update in whole seconds: they are compared with each other, so seconds it is.
    """
    try:
        return _read(child(signatures.document(delivery), "event"), terms)
    except ValueError as error:
        return (Unreadable(detail=str(error)),)


def _read(event: Mapping[str, object], terms: Terms) -> Told:
    """Read an event. Raises ValueError for one that names nothing that it is about."""
    name, data = text(event, "event_type"), child(event, "data")
    if not name:
        raise ValueError("the body tells no event")
    subject = _subject(event)
    if subject is None:
        return ()
    if name.startswith(_OF_SERVICES):
        kind = Deleted if name == _SERVICE_DELETED else Hinted
        return (kind(kind=RecordKind.SERVICE, external_id=identity(subject)),)
    if subject is not data:
        found, is_full = identity(subject), name == _ANNOTATED
        return (Hinted(kind=RecordKind.INCIDENT, external_id=found, is_full=is_full),)
    return (_reported(event, data, terms),)


def _subject(event: Mapping[str, object]) -> Mapping[str, object] | None:
    """Return the incident or the service that an event is about; None of anything else.

    What happens to an incident may be told of a part of it, which names it.
    """
    name, data = text(event, "event_type"), child(event, "data")
    if name.startswith(_OF_SERVICES):
        return data
    if not name.startswith(_OF_INCIDENTS):
        return None
    return data if text(data, "type") == "incident" else child(data, "incident")


def _reported(
    event: Mapping[str, object], data: Mapping[str, object], terms: Terms
) -> Reported | Hinted:
    hint = Hinted(kind=RecordKind.INCIDENT, external_id=identity(data))
    # Payloads of before 2026 lack it: an incident would seem to begin with each event.
    if not text(data, "created_at"):
        return hint
    try:
        at = None if "updated_at" in data else time_of(event, "occurred_at").replace(microsecond=0)
    except ValueError:
        return hint
    record = incident(data, terms, at)
    if not isinstance(record, InboundRecord):
        return hint
    author = agent_of(event) or record.author
    return Reported(
        kind=RecordKind.INCIDENT, record=replace(record, author=author), named=list(_named(data))
    )


def _named(data: Mapping[str, object]) -> Iterator[Named]:
    """Give the names of what an incident points to.

    Not of people: an event leaves out their addresses, by which they are known elsewhere.
    """
    rows = [("team", row) for row in children(data, "teams")]
    rows += [(name, child(data, name)) for name in ("service", "escalation_policy")]
    for table, row in rows:
        if (named := name_of(row, table)) is not None:
            yield named
