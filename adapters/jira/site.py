"""What one must know of a site to read its issues: its fields, priorities and statuses. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from adapters.field_map import FieldMap, Mappings
from adapters.jira.maps import ANY
from adapters.jira.statuses import Status, status
from domain.records import RecordKind

# Told of every issue beside its fields, so not to be looked for among them.
_BESIDE: Final = frozenset({"key"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of the site: what it may be called, and whether one project alone has it."""

    id: str
    names: frozenset[str]
    is_scoped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of several values, by id and name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A site as the account sees it.

    url: of its pages; account_id: the account's own.
    priorities: the most urgent first, as the site orders them.
    """

    url: str
    account_id: str
    mappings: Mappings
    fields: Sequence[Field]
    priorities: Sequence[Choice]
    statuses: Mapping[str, Status]

    def field_id(self, name: str) -> str | None:
        """Return the id of a field by its id, type or name; None when there is none.

        Of several with one name, those of all projects come first, then the oldest.
        """
        if name in _BESIDE or any(field.id == name for field in self.fields):
            return name
        called = name.casefold()
        found = [field for field in self.fields if called in field.names]
        found.sort(key=lambda field: (field.is_scoped, len(field.id), field.id))
        return found[0].id if found else None

    def places(self, kind: RecordKind, name: str) -> list[tuple[FieldMap, str]]:
        """Return the maps of a field of ours with the ids of the fields that the site has."""
        return [
            (entry, found)
            for entry in self.mappings.of(kind)
            if entry.field == name and (found := self.field_id(entry.external_field))
        ]

    def projects(self, kind: RecordKind) -> list[str]:
        """Return the keys of the projects that issues of a kind are in; none for all."""
        return [key for key in self.mappings.values(kind, "project") if key != ANY]

    def rank(self, priority: str) -> int | None:
        """Return the place of a priority by its id, the first is 1."""
        ids = [choice.id for choice in self.priorities]
        return ids.index(priority) + 1 if priority in ids else None


def fields(answer: Mapping[str, Any]) -> list[Field]:
    """Read the answer of ``/field``."""
    return [
        Field(
            id=entry["id"],
            names=frozenset(
                str(name).casefold()
                for name in (
                    entry.get("name"),
                    entry.get("untranslatedName"),
                    _custom(entry.get("schema")),
                )
                if name
            ),
            is_scoped=bool(entry.get("scope")),
        )
        for entry in _objects(answer)
        if isinstance(entry.get("id"), str)
    ]


def choices(answer: Mapping[str, Any]) -> list[Choice]:
    """Read the answer of ``/priority``, in its order."""
    return [
        Choice(id=str(entry.get("id")), name=str(entry.get("name") or ""))
        for entry in _objects(answer)
        if entry.get("id")
    ]


def statuses(answer: Mapping[str, Any]) -> dict[str, Status]:
    """Read the answer of ``/status``, by id."""
    return {found.id: found for entry in _objects(answer) if (found := status(entry)) is not None}


def _objects(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    items = answer.get("items")
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []


def _custom(schema: object) -> object:
    return schema.get("custom") if isinstance(schema, Mapping) else None
