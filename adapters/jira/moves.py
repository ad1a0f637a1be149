"""Taking an issue to a status."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.exchange import Failed
from adapters.jira.api import PLATFORM, Api, gone, is_absent
from adapters.jira.site import Site
from adapters.jira.statuses import Status, goals, listed, status
from adapters.jira.transitions import MOST_STEPS, Transition, step, transitions
from adapters.jira.values import identity, is_id
from domain.records import RecordKind
from domain.sync.retry import Fault


async def move(api: Api, site: Site, row: Mapping[str, Any], wanted: str) -> Failed | None:
    """Take an incident to a status by at most three transitions (rule K3).

    One that is already in a status that the wanted one is written as stays there.
    """
    present = status(row["fields"].get("status"))
    if present is None:
        return Failed(fault=Fault.BAD_ANSWER, detail="the answer has no status")
    known = await _statuses(api, site, row["fields"])
    if isinstance(known, Failed):
        return known
    meant = goals(wanted, known, RecordKind.INCIDENT, site.mappings)
    place = f"{PLATFORM}/issue/{identity(row.get('id'))}/transitions"
    possible: Sequence[Transition] = ()
    for _ in range(MOST_STEPS):
        if present.id in meant:
            return None
        answer = await api.get(place, {"expand": "transitions.fields"})
        if isinstance(answer, Failed):
            return gone(answer)
        possible = transitions(answer.body)
        taken = step(possible, wanted, meant, present, site)
        moved = await _take(api, place, taken, wanted) if taken else _no_way(present, wanted)
        if moved is not None:
            return _refused(moved, possible)
        present = taken.to if taken else present
    return None if present.id in meant else _refused(_no_way(present, wanted), possible)


async def _take(api: Api, place: str, taken: Transition, wanted: str) -> Failed | None:
    body = {"transition": {"id": taken.id}, "fields": taken.fields(wanted)}
    answer = await api.send("POST", place, body)
    return answer if isinstance(answer, Failed) else None


async def _statuses(api: Api, site: Site, fields: Mapping[str, Any]) -> Sequence[Status] | Failed:
    """Return the statuses of an issue's workflow; those of the site where they are hidden."""
    match fields:
        case {"project": {"id": str(project)}, "issuetype": {"id": str(kind)}} if is_id(project):
            answer = await api.get(f"{PLATFORM}/project/{project}/statuses")
            if not isinstance(answer, Failed):
                return listed(answer.body, kind) or [*site.statuses.values()]
            if not is_absent(answer):
                return answer
    return [*site.statuses.values()]


def _no_way(present: Status, wanted: str) -> Failed:
    return Failed(fault=Fault.REJECTED, detail=f"no way from {present.name} to {wanted}")


def _refused(failed: Failed, possible: Sequence[Transition]) -> Failed:
    """Say what was possible instead of a transition that cannot be made."""
    if failed.fault is not Fault.REJECTED or is_absent(failed):
        return gone(failed)
    ways = "; ".join(way.described() for way in possible) or "nothing"
    detail = f"{failed.detail}. Possible: {ways}"
    return replace(failed, fault=Fault.TRANSITION_REFUSED, detail=detail[:500])
