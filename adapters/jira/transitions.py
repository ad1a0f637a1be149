"""Which transition leads an issue nearer to a status. Pure; tables before code.

Only those of the present status are known, so the way is found step by step,
each strictly nearer to the goal than the one before.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from adapters.jira.site import Site
from adapters.jira.statuses import Status, meaning, status
from domain.records import RecordKind

MOST_STEPS: Final = 3
_RESOLUTION: Final = "resolution"
# What an incident may pass on the way to a status, the nearest first.
_WAY: Final[Mapping[str, tuple[str, ...]]] = {
    "NEW": ("IN_PROGRESS", "ACKNOWLEDGED", "ON_HOLD"),
    "ACKNOWLEDGED": ("IN_PROGRESS", "NEW", "ON_HOLD"),
    "IN_PROGRESS": ("ACKNOWLEDGED", "NEW", "ON_HOLD"),
    "ON_HOLD": ("IN_PROGRESS", "ACKNOWLEDGED", "NEW"),
    "RESOLVED": ("IN_PROGRESS", "ACKNOWLEDGED", "ON_HOLD", "NEW"),
    "CLOSED": ("RESOLVED", "IN_PROGRESS", "ACKNOWLEDGED", "ON_HOLD", "NEW"),
    "CANCELLED": ("IN_PROGRESS", "ACKNOWLEDGED", "ON_HOLD", "NEW"),
}
# What a resolution may be called, for an issue that is cancelled and for any other.
_CANCELLED: Final = ("won't", "cancel", "declin", "duplicate", "reject")
_DONE: Final = ("done", "fixed", "resolved", "complete")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A way from the present status.

    resolutions: what its screen offers, id and name; wants: the fields that it
    cannot be taken without and that nothing fills.
    """

    id: str
    name: str
    to: Status
    resolutions: Sequence[tuple[str, str]]
    wants: Sequence[str]

    def fields(self, wanted: str) -> dict[str, Any]:
        """Return what its screen is filled with: a resolution, where it asks for one."""
        if not self.resolutions or self.to.category != "done":
            return {}
        hints = _CANCELLED if wanted == "CANCELLED" else _DONE
        fitting = (key for key, name in self.resolutions if any(h in name.lower() for h in hints))
        return {_RESOLUTION: {"id": next(fitting, self.resolutions[0][0])}}

    def described(self) -> str:
        """Return how a person knows it."""
        wants = f", which wants {', '.join(self.wants)}" if self.wants else ""
        return f"{self.name} (to {self.to.name}{wants})"


def transitions(answer: Mapping[str, Any]) -> list[Transition]:
    """Read the transitions of an issue, with the fields of their screens."""
    told = answer.get("transitions")
    found: list[Transition] = []
    for entry in told if isinstance(told, list) else ():
        match entry:
            case {"id": str() | int() as key, "to": to, **rest} if (
                rest.get("isAvailable") is not False and (leads := status(to)) is not None
            ):
                fields = rest.get("fields")
                screen = fields if isinstance(fields, Mapping) else {}
                found.append(
                    Transition(
                        id=str(key),
                        name=str(rest.get("name") or key),
                        to=leads,
                        resolutions=_resolutions(screen.get(_RESOLUTION)),
                        wants=_wants(screen),
                    )
                )
    return found


def step(
    found: Sequence[Transition], wanted: str, goals: Collection[str], present: Status, site: Site
) -> Transition | None:
    """Return the transition to a goal, else the one that leads nearest; None for neither."""
    passable = [one for one in found if not one.wants]
    for one in passable:
        if one.to.id in goals:
            return one
    way = _WAY.get(wanted, ())
    here = _distance(present, way, site)
    nearer = [(_distance(one.to, way, site), number) for number, one in enumerate(passable)]
    distance, number = min(nearer, default=(here, 0))
    return passable[number] if distance < here else None


def _distance(found: Status, way: Sequence[str], site: Site) -> int:
    ours = meaning(found, RecordKind.INCIDENT, site.mappings)
    return way.index(ours) if ours in way else len(way)


def _resolutions(field: object) -> list[tuple[str, str]]:
    match field:
        case {"allowedValues": [*choices]}:
            return [
                (str(one["id"]), str(one.get("name") or ""))
                for one in choices
                if isinstance(one, Mapping) and one.get("id")
            ]
        case _:
            return []


def _wants(screen: Mapping[str, Any]) -> list[str]:
    return [
        str(field.get("name") or name)
        for name, field in screen.items()
        if isinstance(field, Mapping)
        and field.get("required") is True
        and field.get("hasDefaultValue") is not True
        and not (name == _RESOLUTION and _resolutions(field))
    ]
