"""A connection test: what works, and what to do about what does not."""

from datetime import timedelta
from typing import Final

from adapters.exchange import Check, Checked, Failed
from adapters.http import Answer
from adapters.jira import jql, search
from adapters.jira.api import PLATFORM, Api
from adapters.jira.maps import MAPPINGS, STATUS
from adapters.jira.site import Site
from domain.records import RecordKind
from domain.sync.retry import Fault

_LARGEST_SKEW: Final = timedelta(seconds=60)
_SIGN_IN: Final = (
    "Check the e-mail address and its API token, or authorise the app again; the account must be"
    " active."
)
_REACH: Final[dict[Fault, str]] = {
    Fault.UNREACHABLE: "Check the base URL, and that this host may reach it.",
    Fault.TIMED_OUT: "The site is too slow; try again later.",
    Fault.BAD_ANSWER: (
        "Check the base URL: the site's own without a path, or with OAuth the gateway's with"
        " /ex/jira/ and the site's id."
    ),
    Fault.VENDOR_ERROR: "The site reports an error of its own; try again later.",
    Fault.REJECTED: "Check the base URL, and that the site is a Jira Cloud one.",
    Fault.THROTTLED: "Try again later, or let the integration ask less often.",
}
_KINDS: Final = {
    RecordKind.INCIDENT: "incidents",
    RecordKind.CHANGE: "changes",
    RecordKind.TICKET: "tickets",
}
_PERMISSIONS: Final = {
    "CREATE_ISSUES": "Create issues",
    "EDIT_ISSUES": "Edit issues",
    "TRANSITION_ISSUES": "Transition issues",
    "ASSIGN_ISSUES": "Assign issues",
    "ADD_COMMENTS": "Add comments",
}


_DEFAULTS: Final = frozenset(entry.external_field for entry in MAPPINGS)


async def check(api: Api) -> Checked:
    """Try the steps in order; those behind a failed sign-in are not tried."""
    answer = await api.get(f"{PLATFORM}/myself")
    if isinstance(answer, Failed):
        return Checked(checks=_stopped(answer))
    site = await api.site()
    checks = [
        Check(name="reach", is_ok=True, detail="The site answers."),
        Check(name="sign-in", is_ok=True, detail=f"The credentials are those of {_name(answer)}."),
    ]
    if isinstance(site, Failed):
        advice = _REACH.get(site.fault, "Let the account see fields, priorities and statuses.")
        checks.append(_failed("read", site, advice))
    else:
        checks += [await _read(api, site, kind) for kind in _KINDS]
        checks += [await _write(api, site), _mapping(site)]
    return Checked(checks=(*checks, _clock(answer.skew)), latency=answer.latency, skew=answer.skew)


def _stopped(failed: Failed) -> tuple[Check, ...]:
    """Return the steps up to the one that failed."""
    if failed.fault is not Fault.UNAUTHORISED:
        advice = _REACH.get(failed.fault, "Check the base URL.")
        return (_failed("reach", failed, advice),)
    reach = Check(name="reach", is_ok=True, detail="The site answers.")
    return (reach, _failed("sign-in", failed, _SIGN_IN))


def _failed(name: str, failed: Failed, advice: str) -> Check:
    return Check(name=name, is_ok=False, detail=f"{failed.detail}. {advice}")


def _name(answer: Answer) -> str:
    return str(answer.body.get("displayName") or "an account without a name")


async def _read(api: Api, site: Site, kind: RecordKind) -> Check:
    """Look for one issue of a kind, as a pull does."""
    name, things = f"read {_KINDS[kind]}", _KINDS[kind]
    where = [*search.conditions(kind, site), jql.updated_from(None)]
    found = await search.first(api, where, "updated DESC", 1)
    if isinstance(found, Failed):
        types = ", ".join(site.mappings.values(kind, "issueType"))
        return _failed(
            name,
            found,
            f"Map issueType of {things} to types that the site has (now: {types}), and project to"
            " keys of projects that the account may browse.",
        )
    detail = f"There are {things} to read." if found else f"There are no {things} to be seen yet."
    return Check(name=name, is_ok=True, detail=detail)


async def _write(api: Api, site: Site) -> Check:
    """Ask for the rights of the account, where incidents are or anywhere."""
    query = {"permissions": ",".join(_PERMISSIONS)}
    projects = site.projects(RecordKind.INCIDENT)
    if projects:
        query["projectKey"] = projects[0]
    answer = await api.get(f"{PLATFORM}/mypermissions", query)
    told = {} if isinstance(answer, Failed) else answer.body.get("permissions")
    if not isinstance(told, dict) or not told:
        detail = "Whether incidents can be written cannot be seen without writing."
        return Check(name="write", is_ok=True, detail=detail)
    missing = [label for key, label in _PERMISSIONS.items() if not _has(told.get(key))]
    if missing:
        detail = (
            f"The account may not: {', '.join(missing)}. Give its role these permissions in the"
            " project, or let the integration only read."
        )
        return Check(name="write", is_ok=False, detail=detail)
    return Check(name="write", is_ok=True, detail="Incidents can be written.")


def _has(permission: object) -> bool:
    return isinstance(permission, dict) and permission.get("havePermission") is True


def _mapping(site: Site) -> Check:
    """Look for mapped fields and values that the site does not have.

    Of those that no setting has named, some sites have not all: that is no fault.
    """
    missing = [entry for entry in site.mappings.maps if site.field_id(entry.external_field) is None]
    wrong = [
        f"{entry.field} of {entry.kind} stands at {entry.external_field!r}, which is no field of"
        " the site: name a field's id"
        for entry in missing
        if entry.external_field not in _DEFAULTS
    ]
    wrong += _unknown_values(site)
    if wrong:
        return Check(name="mapping", is_ok=False, detail=f"{'; '.join(wrong)}.")
    absent = sorted({entry.external_field for entry in missing})
    left = f" The site does not have: {', '.join(absent)}." if absent else ""
    return Check(name="mapping", is_ok=True, detail=f"The mapped fields are there.{left}")


def _unknown_values(site: Site) -> list[str]:
    """Return what is wrong with the values of those closed sets that the site lists."""
    statuses = {known for one in site.statuses.values() for known in (one.id, one.name.casefold())}
    priorities = {known for one in site.priorities for known in (one.id, one.name.casefold())}
    listed = {
        "status": statuses.union(*STATUS.values()),
        "priority": priorities | {f"#{place}" for place in range(1, 10)},
    }
    return [
        f"{entry.field} of {entry.kind} names {value!r}, which is no {entry.external_field} of the"
        f" site: name one of its own"
        for entry in site.mappings.maps
        if (known := listed.get(entry.external_field))
        for value in entry.values
        if value.casefold() not in known
    ]


def _clock(skew: timedelta) -> Check:
    seconds = skew.total_seconds()
    if abs(skew) <= _LARGEST_SKEW:
        detail = f"The clocks differ by {seconds:.1f} s."
    else:
        side = "ahead of" if seconds > 0 else "behind"
        detail = (
            f"The site's clock is {abs(seconds):.0f} s {side} ours. Its times are corrected by"
            " that, but ours should be looked at."
        )
    return Check(name="clock", is_ok=True, detail=detail)
