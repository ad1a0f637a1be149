"""Names of people and services, as issues tell them along the way.

Issues show the name with each id, so that few have to be asked for; services
have no other place where their names could be read.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from adapters.exchange import Failed, Named
from adapters.jira.api import PLATFORM, Api, is_absent
from adapters.jira.values import COMPONENTS, PEOPLE, is_id, service
from domain.inbound import Reference

# What one connection keeps in memory at most.
_MOST: Final = 50_000


class Directory:
    """The names seen on one connection."""

    def __init__(self, api: Api) -> None:
        """Know nobody yet."""
        self._api = api
        self._named: dict[Reference, Named] = {}

    def learn(self, issues: Iterable[object], places: Collection[str]) -> None:
        """Remember who and what issues name; places: of the fields that name services."""
        if len(self._named) > _MOST:
            self._named.clear()
        for named in _named(issues, places):
            self._named[named.reference] = named

    def learn_people(self, names: Mapping[Reference, str]) -> None:
        """Remember what people were called, where nothing newer is known."""
        for reference, name in names.items():
            self._named.setdefault(reference, Named(reference=reference, name=name))

    async def names(self, wanted: Collection[Reference]) -> list[Named] | Failed:
        """Return the names of those that are known here or at the site."""
        found: list[Named] = []
        for reference in wanted:
            named = self._named.get(reference) or await self._asked(reference)
            if isinstance(named, Failed):
                return named
            if named is not None:
                self._named[reference] = named
                found.append(named)
        return found

    async def _asked(self, reference: Reference) -> Named | Failed | None:
        key = reference.external_id
        if reference.table == PEOPLE:
            answer = await self._api.get(f"{PLATFORM}/user", {"accountId": key})
        elif reference.table == COMPONENTS and is_id(key):
            answer = await self._api.get(f"{PLATFORM}/component/{key}")
        else:
            return None
        if isinstance(answer, Failed):
            return None if is_absent(answer) else answer
        return _person(answer.body) if reference.table == PEOPLE else _service(answer.body)


def names_in(issues: Iterable[object], places: Collection[str]) -> list[Named]:
    """Return what issues say that things are called.

    Not people without an address: reading them may tell it, and by it they are
    known elsewhere.
    """
    return [one for one in _named(issues, places) if one.reference.table != PEOPLE or one.email]


def _named(issues: Iterable[object], places: Collection[str]) -> Iterator[Named]:
    for issue in issues:
        match issue:
            case {"fields": Mapping() as fields}:
                for place, value in fields.items():
                    yield from _told(value, is_service=place in places)


def _told(value: object, *, is_service: bool) -> Iterator[Named]:
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, Mapping):
            named = _person(part) or (_service(part) if is_service else None)
            if named is not None:
                yield named


def _person(part: Mapping[str, Any]) -> Named | None:
    match part:
        case {"accountId": str(key), "displayName": str(name)} if key and name:
            email = part.get("emailAddress")
            return Named(
                reference=Reference(table=PEOPLE, external_id=key),
                name=name,
                email=email if isinstance(email, str) and email else None,
            )
        case _:
            return None


def _service(part: Mapping[str, Any]) -> Named | None:
    match part:
        case {"id": str(key), "name": str(name)} if key and name:
            return Named(reference=service(key), name=name)
        case _:
            return None
