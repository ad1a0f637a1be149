"""A connection test: what works, and what to do about what does not."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from adapters.exchange import Check, Checked, Failed
from adapters.field_map import Mappings
from adapters.pagerduty import directory
from adapters.pagerduty.api import Api
from adapters.pagerduty.reading import is_identity, text
from adapters.pagerduty.terms import Ranked
from domain.records import RecordKind
from domain.sync.retry import Fault

_LARGEST_SKEW: Final = timedelta(seconds=60)
_FORBIDDEN: Final = 403
_REACH: Final[dict[Fault, str]] = {
    Fault.UNREACHABLE: "Check the base URL, and that this host may reach it.",
    Fault.TIMED_OUT: "PagerDuty is too slow; see its status page and try again later.",
    Fault.BAD_ANSWER: "Check the base URL: https://api.pagerduty.com, or that of the region.",
    Fault.VENDOR_ERROR: "PagerDuty reports an error of its own; try again later.",
    Fault.REJECTED: "Check the base URL: https://api.pagerduty.com, or that of the region.",
    Fault.THROTTLED: "Try again later, or use a key that nothing else uses.",
    Fault.GONE: "Check the base URL.",
    Fault.TRANSITION_REFUSED: "Try again.",
}
_SIGN_IN: Final = "Check the key, or the client's id and secret, and that nobody has deleted it."
_READ: Final = "Give the key or the client the right to read them (scope {scope})."
_LISTS: Final = {
    "read what happened": ("/log_entries", "incidents.read"),
    "read changes": ("/change_events", "change_events.read"),
    "read services": ("/services", "services.read"),
}
_READABLE: Final = "They can be read."
# Roles of people who only look on.
_ONLOOKERS: Final = frozenset({"observer", "read_only_user", "read_only_limited_user"})
# Fields of an incident that not every one has.
_SELDOM: Final = frozenset({"body", "priority", "resolved_at", "incident_type"})
# The closed sets of the vendor; priorities are the account's own.
_VALUES: Final[Mapping[str, frozenset[str]]] = {
    "status": frozenset({"triggered", "acknowledged", "resolved"}),
    "urgency": frozenset({"high", "low"}),
}
_NO_INCIDENT: Final = "There is no incident to try it with."


async def check(api: Api, mappings: Mappings, writer: str) -> Checked:
    """Try the steps in order; without a sign-in there are no others.

    writer: the e-mail address in whose name we write.
    """
    found = await api.rows("/incidents", (("date_range", "all"),), limit=1)
    if isinstance(found, Failed):
        return Checked(checks=_stopped(found))
    sample = found.rows[0] if found.rows and isinstance(found.rows[0], Mapping) else {}
    return Checked(
        checks=(
            Check(name="reach", is_ok=True, detail="The account answers."),
            Check(name="sign-in", is_ok=True, detail="The credentials are accepted."),
            Check(name="read incidents", is_ok=True, detail=_READABLE),
            *[await _read(api, name) for name in _LISTS],
            await _alerts(api, sample),
            await _write(api, writer),
            await _mapping(api, mappings, sample),
            _clock(found.answer.skew),
        ),
        latency=found.answer.latency,
        skew=found.answer.skew,
    )


def _stopped(failed: Failed) -> tuple[Check, ...]:
    """Return the steps up to the one that failed."""
    if failed.fault is not Fault.UNAUTHORISED:
        return (_failed("reach", failed, _REACH[failed.fault]),)
    reach = Check(name="reach", is_ok=True, detail="The account answers.")
    if failed.status != _FORBIDDEN:
        return (reach, _failed("sign-in", failed, _SIGN_IN))
    sign_in = Check(name="sign-in", is_ok=True, detail="The credentials are accepted.")
    advice = _READ.format(scope="incidents.read")
    return (reach, sign_in, _failed("read incidents", failed, advice))


def _failed(name: str, failed: Failed, advice: str) -> Check:
    return Check(name=name, is_ok=False, detail=f"{failed.detail}. {advice}")


async def _read(api: Api, name: str) -> Check:
    path, scope = _LISTS[name]
    found = await api.rows(path, limit=1)
    if isinstance(found, Failed):
        advice = _READ.format(scope=scope)
        if found.fault is not Fault.UNAUTHORISED:
            advice = _REACH[found.fault]
        return _failed(name, found, advice)
    return Check(name=name, is_ok=True, detail=_READABLE)


async def _alerts(api: Api, sample: Mapping[str, object]) -> Check:
    """Try the alerts of any incident: there is no list of all."""
    name, external_id = "read alerts", text(sample, "id")
    if not is_identity(external_id):
        return Check(name=name, is_ok=True, detail=_NO_INCIDENT)
    found = await api.rows(f"/incidents/{external_id}/alerts", limit=1)
    if isinstance(found, Failed):
        return _failed(name, found, _READ.format(scope="incidents.read"))
    return Check(name=name, is_ok=True, detail=_READABLE)


async def _write(api: Api, writer: str) -> Check:
    """See whether the user in whose name we write can write; a key does not tell its rights."""
    name = "write"
    if not writer:
        detail = "Incidents cannot be written: set the credential from, a user's e-mail address."
        return Check(name=name, is_ok=False, detail=detail)
    found = await api.rows("/users", (("query", writer),))
    if isinstance(found, Failed):
        return _failed(name, found, _READ.format(scope="users.read"))
    users = [row for row in found.rows if isinstance(row, Mapping)]
    roles = [text(u, "role") for u in users if text(u, "email").lower() == writer.lower()]
    if not roles:
        detail = f"No user has the address {writer}: set the credential from to one that has."
        return Check(name=name, is_ok=False, detail=detail)
    if roles[0] in _ONLOOKERS:
        detail = f"{writer} has the role {roles[0]}: name a user who may change incidents."
        return Check(name=name, is_ok=False, detail=detail)
    detail = f"Incidents are written as {writer}. Whether the key may write shows at the first."
    return Check(name=name, is_ok=True, detail=detail)


async def _mapping(api: Api, mappings: Mappings, sample: Mapping[str, object]) -> Check:
    """Compare the mapped fields and values with those of the account."""
    name = "mapping"
    ranked = await directory.priorities(api)
    if isinstance(ranked, Failed):
        return _failed(name, ranked, "Try again; PagerDuty failed meanwhile.")
    faults = [*_unknown_fields(mappings, sample), *_unknown_values(mappings, ranked)]
    if faults:
        detail = f"{'; '.join(faults)}. Correct the field mappings of this integration."
        return Check(name=name, is_ok=False, detail=detail)
    told = f"{len(ranked)} priorities" if ranked else "no priorities: urgency tells the severity"
    return Check(name=name, is_ok=True, detail=f"All mapped fields exist; {told}.")


def _unknown_fields(mappings: Mappings, sample: Mapping[str, object]) -> Iterable[str]:
    """Tell the mapped fields that an incident does not have, where there is one to see."""
    known = sample.keys() | _SELDOM
    for entry in mappings.of(RecordKind.INCIDENT):
        if sample and entry.external_field not in known:
            yield f"incidents have no field {entry.external_field} for {entry.field}"


def _unknown_values(mappings: Mappings, ranked: Sequence[Ranked]) -> Iterable[str]:
    """Tell the mapped values that do not exist; a rank may be beyond the account's last."""
    names = {named for one in ranked for named in (one.external_id, one.name)}
    for entry in mappings.of(RecordKind.INCIDENT):
        for value in entry.values:
            if entry.external_field == "priority":
                is_known = value in names or value.isdecimal()
            else:
                is_known = value in _VALUES.get(entry.external_field, {value})
            if not is_known:
                yield f"{entry.external_field} has no value {value}"


def _clock(skew: timedelta) -> Check:
    seconds = skew.total_seconds()
    if abs(skew) <= _LARGEST_SKEW:
        detail = f"The clocks differ by {seconds:.1f} s."
    else:
        side = "ahead of" if seconds > 0 else "behind"
        detail = (
            f"PagerDuty's clock is {abs(seconds):.0f} s {side} ours. Its times are corrected"
            " by that, but ours should be set right."
        )
    return Check(name="clock", is_ok=True, detail=detail)
