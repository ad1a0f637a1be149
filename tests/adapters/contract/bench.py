"""What the contract suite asks of a vendor's simulator: one bench a vendor.

A vendor that cannot do something says so here, or in its manifest; the suite
knows no vendor by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

import httpx

from adapters.field_map import FieldMap
from domain.inbound import MirroredValue
from domain.records import IncidentStatus, RecordKind
from simulators.limit import Limit
from simulators.misfortune import Kind
from tests.postbox import Postbox


class Deed(StrEnum):
    """A write of ours that something can go wrong with."""

    CREATE = "create"
    EDIT = "edit"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """A value that has no counterpart of ours by default.

    field: the canonical field, whose values are a closed set.
    external_field, raw: where it stands at the vendor, and what stands there.
    """

    field: str
    external_field: str
    raw: str


class Bench(Protocol):
    """A vendor to test against; everything is done as one of its users.

    unknown: a well-formed external id that no record has.
    custom: a map, not the default, that lets the title of incidents stand in
        another text field of the vendor; None where there is no such field.
    """

    credentials: Mapping[str, str]
    transport: httpx.AsyncBaseTransport
    unknown: str
    custom: FieldMap | None

    def create(self, title: str, kind: RecordKind = RecordKind.INCIDENT) -> str:
        """Add a record, and return its external id."""
        ...

    def edit(self, external_id: str, title: str, kind: RecordKind = RecordKind.INCIDENT) -> None:
        """Give a record another title."""
        ...

    def fill(self, external_id: str, external_field: str, value: str) -> None:
        """Write one text field of an incident, by the vendor's name."""
        ...

    def resolve(self, external_id: str) -> None:
        """Resolve an incident."""
        ...

    def delete(self, external_id: str, kind: RecordKind = RecordKind.INCIDENT) -> bool:
        """Delete a record; False where the vendor keeps all of that kind."""
        ...

    def make_odd(self, external_id: str) -> Odd | None:
        """Give an incident a value without counterpart; None where there can be none."""
        ...

    def titles(self) -> Sequence[str]:
        """Return the titles of all incidents."""
        ...

    def asked(self) -> int:
        """Return how many requests have been answered."""
        ...

    def skew(self, by: timedelta) -> None:
        """Put the vendor's clock ahead."""
        ...

    def befall(
        self, kind: Kind, *, detail: str = "", status: int = 0, at: Deed | None = None
    ) -> None:
        """Let something go wrong with the next request, or with the next that does this deed."""
        ...

    def blank(self) -> None:
        """Let the records of the next answer lack their time of update."""
        ...

    def limit(self, limit: Limit) -> None:
        """Refuse requests beyond a limit."""
        ...

    def revoke(self) -> None:
        """Refuse our credentials from now on."""
        ...


class WorkedBench(Bench, Protocol):
    """A vendor that tells of people and notes, also by itself, and that we can write to.

    needed: canonical fields without which the vendor creates no incident.
    """

    needed: Mapping[str, MirroredValue]

    def assign(self, external_id: str) -> str:
        """Give an incident to somebody, and return that person's name."""
        ...

    def comment(self, external_id: str, body: str) -> None:
        """Add a note to an incident, for its workers only where the vendor tells them apart."""
        ...

    def notes(self, external_id: str) -> Sequence[str]:
        """Return the bodies of an incident's notes, oldest first."""
        ...

    def subscribe(self, box: Postbox) -> Mapping[str, str]:
        """Let the vendor tell a box what happens from now on; return what it signs with."""
        ...

    async def post(self) -> None:
        """Let the vendor send what it has to tell."""
        ...

    def refuse(self, external_id: str) -> IncidentStatus:
        """Bring an incident to where a status cannot be reached, and return that status."""
        ...
