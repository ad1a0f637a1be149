"""What was written to a vendor and judged of it, as a link's ``dealings`` keep it by field.

Keys stand as milliseconds since 1970 and the vendor's count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.inbound import VendorKey
from domain.records import FieldValue
from domain.sync.field import Accepted, Ack, Field, Sent
from models.coding import dumps, from_milliseconds, to_milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealing:
    """What a link keeps of one field, as ``Field`` has it."""

    in_key: VendorKey | None
    ack: Ack | None
    sent: tuple[Sent, ...]
    accepted: Accepted | None


def dealing(stored: Mapping[str, Any], *, base: FieldValue) -> Dealing:
    """Read what is stored of a field that the vendor holds as ``base``; nothing of a new one."""
    at = stored.get("in")
    return Dealing(
        in_key=None if at is None else _key(at),
        ack=_ack(stored.get("ack"), base=base),
        sent=tuple(_sent(one) for one in stored.get("sent", ())),
        accepted=_accepted(stored.get("accepted")),
    )


def written(one: Field) -> dict[str, Any]:
    """Return what is to be stored of a field."""
    kept: dict[str, Any] = {
        "in": None if one.in_key is None else _pair(one.in_key),
        "ack": None if one.ack is None else _as_ack(one.ack),
        "sent": [_as_sent(sent) for sent in one.sent],
    }
    if one.accepted is not None:
        kept["accepted"] = {
            "version": one.accepted.version,
            "value": one.accepted.value,
            "key": _pair(one.accepted.key),
        }
    return kept


def created(sent: Mapping[str, Sent], key: VendorKey, *, forms: Mapping[str, FieldValue]) -> str:
    """Return the dealings of a link whose record was created with these values of ours.

    forms: what the vendor has made of them.
    """
    return dumps(
        {
            name: {
                "in": None,
                "ack": _as_ack(Ack(version=one.version, key=key, form=forms.get(name))),
                "sent": [_as_sent(replace(one, key=key))],
            }
            for name, one in sent.items()
        }
    )


def _key(stored: Sequence[int]) -> VendorKey:
    at, sequence = stored
    return VendorKey(at=from_milliseconds(at), sequence=sequence)


def _pair(key: VendorKey) -> list[int]:
    return [to_milliseconds(key.at), key.sequence]


def _ack(stored: Sequence[Any] | None, *, base: FieldValue) -> Ack | None:
    """Read what was acknowledged; where its form was not kept, it is what the vendor holds."""
    if stored is None:
        return None
    version, at, sequence, *form = stored
    return Ack(version=version, key=_key((at, sequence)), form=form[0] if form else base)


def _as_ack(ack: Ack) -> list[Any]:
    return [ack.version, *_pair(ack.key), ack.form]


def _sent(stored: Mapping[str, Any]) -> Sent:
    return Sent(
        version=stored["version"],
        value=stored["value"],
        over=stored["over"],
        key=None if stored["key"] is None else _key(stored["key"]),
    )


def _as_sent(sent: Sent) -> dict[str, Any]:
    return {
        "version": sent.version,
        "value": sent.value,
        "over": sent.over,
        "key": None if sent.key is None else _pair(sent.key),
    }


def _accepted(stored: Mapping[str, Any] | None) -> Accepted | None:
    if stored is None:
        return None
    return Accepted(version=stored["version"], value=stored["value"], key=_key(stored["key"]))
