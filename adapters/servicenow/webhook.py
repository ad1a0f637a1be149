"""What the business rule on an instance tells, and how it proves to be the instance's. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

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
from adapters.exchange import HistoryAsk
from adapters.servicenow import history, notes
from adapters.servicenow.mapping import Translation
from adapters.servicenow.values import identity, raw
from domain.inbound import InboundRecord
from domain.records import RecordKind

_SIGNATURE: Final = "x-watchpane-signature"
_DELIVERY: Final = "x-watchpane-delivery"
_METHOD: Final = "sha256="
_TEST: Final = "watchpane.test"
_CREATED: Final = ".created"
_DELETED: Final = ".deleted"
# What tables other than the record's own add to it, the rule does not tell.
_COMPLETED: Final = frozenset({RecordKind.SERVICE})


class Signed:
    """The rule's own signature, of the body and nothing else."""

    credentials: tuple[str, ...] = signatures.ROTATED
    headers = frozenset({_SIGNATURE, _DELIVERY})

    def verify(
        self, delivery: RawDelivery, secrets: Mapping[str, str], now: datetime
    ) -> Verified | Rejected:
        """Compare the one signature with those that our secrets make; it bears no time."""
        del now
        held = signatures.held(secrets)
        if not held:
            return Rejected(reason=signatures.UNSET)
        told = delivery.headers.get(_SIGNATURE, "")
        if not told:
            return Rejected(reason="X-Watchpane-Signature is missing")
        if not told.startswith(_METHOD):
            return Rejected(reason="X-Watchpane-Signature is not of sha256")
        if not signatures.signed_by_one([told.removeprefix(_METHOD)], held, delivery.body):
            return Rejected(reason=signatures.WRONG)
        return Verified(
            dedup_key=signatures.delivery_id(delivery.headers.get(_DELIVERY)),
            external_id=_about(delivery),
        )

    def sample(
        self, path: str, secrets: Mapping[str, str], now: datetime, delivery_id: str
    ) -> RawDelivery | None:
        """Return a delivery of an event that no table has."""
        del now
        body = signatures.sample_body({"event": _TEST})
        headers = {_DELIVERY: delivery_id}
        for secret in signatures.held(secrets)[:1]:
            headers[_SIGNATURE] = _METHOD + signatures.signature(secret, body)
            return RawDelivery(method="POST", path=path, headers=headers, body=body)
        return None


SIGNED: Final = Signed()


def _about(delivery: RawDelivery) -> str | None:
    try:
        return identity(raw(signatures.document(delivery), "sys_id"))
    except ValueError:
        return None


def read(delivery: RawDelivery, words: Mapping[RecordKind, Translation]) -> Told:
    """Read what happened to one record.

    The rule reads the record when it runs, not when it was written: of two changes
    the later content may be told twice.
    """
    try:
        return _read(signatures.document(delivery), words)
    except ValueError as error:
        return (Unreadable(detail=str(error)),)


def _read(told: Mapping[str, Any], words: Mapping[RecordKind, Translation]) -> Told:
    """Read a body. Raises ValueError for one that names no record."""
    event, table = raw(told, "event"), raw(told, "table")
    kind = next((kind for kind, known in words.items() if known.table == table), None)
    if event == _TEST or (table and kind is None):
        return ()
    if kind is None:
        raise ValueError("the body names no table")
    sys_id = identity(raw(told, "sys_id"))
    if event.endswith(_DELETED):
        return (Deleted(kind=kind, external_id=sys_id),)
    record = words[kind].record(told.get("record"))
    if kind in _COMPLETED or not isinstance(record, InboundRecord) or record.external_id != sys_id:
        return (Hinted(kind=kind, external_id=sys_id),)
    return (_reported(told, record, words[kind]),)


def _reported(told: Mapping[str, Any], record: InboundRecord, words: Translation) -> Reported:
    """Return a record with the rows of other tables that the rule has found for it."""
    named = {"documentkey": record.external_id, "element_id": record.external_id}
    of_record = [HistoryAsk(external_id=record.external_id, since=None)]
    return Reported(
        kind=words.kind,
        record=record,
        edits=history.edits([row | named for row in _rows(told, "audit")], of_record, words),
        notes=notes.notes([row | named for row in _rows(told, "journal")], of_record),
        is_whole=raw(told, "event").endswith(_CREATED)
        and set(words.columns) <= told["record"].keys(),
    )


def _rows(told: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = told.get(name)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
