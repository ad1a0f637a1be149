"""A vendor, as far as one field of one record goes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from domain.inbound import VendorKey
from domain.records import FieldValue

SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the vendor's own history.

    shown_at: from when on it can be read; the record shows the change at once.
    """

    id: int
    value: FieldValue
    key: VendorKey
    is_ours: bool
    shown_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The record as it stood, as a pull or a webhook shows it."""

    value: FieldValue
    key: VendorKey


@dataclass(slots=True, kw_only=True)
class Vendor:
    """Stamps by whole seconds of its own clock; counts its versions, or does not.

    outgoing: the webhooks under way, in the order in which they were sent.
    """

    value: FieldValue
    at: datetime
    skew: timedelta = timedelta(0)
    counts: bool = True
    has_history: bool = True
    rows: list[Row] = field(default_factory=list)
    outgoing: list[Shown] = field(default_factory=list)
    _versions: int = 1

    @property
    def shown(self) -> Shown:
        """The record as it stands."""
        return Shown(value=self.value, key=self._key)

    @property
    def _key(self) -> VendorKey:
        return VendorKey(at=self.at, sequence=self._versions if self.counts else 0)

    def change(
        self,
        value: FieldValue,
        *,
        now: datetime,
        is_ours: bool = False,
        lag: timedelta = timedelta(0),
    ) -> Shown:
        """Set the value, and return the record; what changes nothing makes no version."""
        if value == self.value:
            return self.shown
        self.value = value
        self.touch(now)
        if self.has_history:
            row = Row(
                id=len(self.rows), value=value, key=self._key, is_ours=is_ours, shown_at=now + lag
            )
            self.rows.append(row)
        return self.shown

    def touch(self, now: datetime) -> None:
        """Make a version of the record; another field may have changed."""
        stamp = now + self.skew
        self.at = max(self.at, stamp - (stamp - datetime.min.replace(tzinfo=stamp.tzinfo)) % SECOND)
        self._versions += 1
        self.outgoing.append(self.shown)

    def history(self, now: datetime) -> list[Row]:
        """Return the lines that can be read by now."""
        return [row for row in self.rows if row.shown_at <= now]
