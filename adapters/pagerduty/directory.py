"""What the account has to say of people, policies, teams, services and priorities."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from adapters.exchange import Failed, Named
from adapters.pagerduty.api import Api
from adapters.pagerduty.reading import child, identity, is_identity, text
from adapters.pagerduty.terms import Ranked
from domain.inbound import Reference

# Where the things stand that references name, by their table.
_LISTS: Final = {
    "user": "/users",
    "escalation_policy": "/escalation_policies",
    "team": "/teams",
    "service": "/services",
}
# More than these are read as a list: a hundred names a call.
_FEW: Final = 10
_NOT_PAID_FOR: Final = 402
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404


async def priorities(api: Api) -> tuple[Ranked, ...] | Failed:
    """Return the account's priorities, the most severe first.

    An account that does not pay for them, or uses none, has none.
    """
    found = await api.all_rows("/priorities")
    if isinstance(found, Failed):
        return () if found.status == _NOT_PAID_FOR else found
    return tuple(
        Ranked(external_id=text(row, "id"), name=text(row, "name") or text(row, "summary"))
        for row in found
        if isinstance(row, Mapping) and is_identity(text(row, "id"))
    )


async def names(api: Api, references: Collection[Reference]) -> Sequence[Named] | Failed:
    """Return the names; of a list that we may not read, none."""
    named: list[Named] = []
    for table in _LISTS:
        ids = sorted({r.external_id for r in references if r.table == table})
        found = await _named(api, table, [one for one in ids if is_identity(one)])
        if isinstance(found, Failed):
            if found.status != _FORBIDDEN:
                return found
            continue
        named += found
    return named


async def _named(api: Api, table: str, ids: Sequence[str]) -> list[Named] | Failed:
    rows = await (_each(api, table, ids) if len(ids) <= _FEW else api.all_rows(_LISTS[table]))
    if isinstance(rows, Failed):
        return rows
    known = {found.reference.external_id: found for row in rows if (found := name_of(row, table))}
    return [known[one] for one in ids if one in known]


async def _each(api: Api, table: str, ids: Sequence[str]) -> list[object] | Failed:
    rows: list[object] = []
    for one in ids:
        answer = await api.get(f"{_LISTS[table]}/{one}")
        if not isinstance(answer, Failed):
            rows.append(child(answer.body, table))
        elif answer.status != _NOT_FOUND:
            return answer
    return rows


def name_of(row: object, table: str) -> Named | None:
    """Read what a thing is called; None where it has no id or no name."""
    if not isinstance(row, Mapping):
        return None
    try:
        pointer = Reference(table=table, external_id=identity(row))
    except ValueError:
        return None
    name = text(row, "name") or text(row, "summary")
    return Named(reference=pointer, name=name, email=text(row, "email") or None) if name else None
