"""What deliveries tell, parted into what can be merged at once: pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.delivery import Deleted, Hinted, Reported, Unreadable
from domain.records import EditSource, RecordKind
from models.inbox import ClaimedDelivery
from models.reads.links import KnownVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One thing that a delivery tells; ``is_last``: it tells nothing more."""

    delivery: ClaimedDelivery
    told: Reported | Hinted | Deleted
    is_last: bool

    @property
    def external_id(self) -> str:
        """Of the record that it is about."""
        if isinstance(self.told, Reported):
            return self.told.record.external_id
        return self.told.external_id

    @property
    def is_counted(self) -> bool:
        """Whether it tells the number of the record's version."""
        return isinstance(self.told, Reported) and self.told.record.key.sequence > 0

    @property
    def source(self) -> EditSource:
        """The door that it came through; a note of our own stands for what a pull has read."""
        return EditSource.PULL if self.delivery.body is None else EditSource.WEBHOOK


def needs_reading(heard: Heard, known: Mapping[str, KnownVersion]) -> bool:
    """Say whether the vendor must be asked for the record.

    A record that is taken for deleted is back only when a read shows it: what is
    told may be from before. So may what is told with the stamp of what is known, where
    the vendor does not count its versions. Of a version that a comparison has healed
    single fields from, and of those before it, only a read shows what is left of them.
    """
    if not isinstance(heard.told, Reported):
        return True
    seen, key = known.get(heard.external_id), heard.told.record.key
    if seen is None:
        return not heard.told.is_whole
    is_compared = seen.compared_at is not None and key.at <= seen.compared_at
    return seen.is_gone or is_compared or (not key.sequence and key <= seen.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What is merged in one transaction: each record once, all in the same way."""

    kind: RecordKind
    source: EditSource
    by_reading: bool
    heard: list[Heard]

    def fits(self, heard: Heard, *, by_reading: bool) -> bool:
        """Say whether there is room for one more."""
        alike = (self.kind, self.source, self.by_reading)
        return alike == (heard.told.kind, heard.source, by_reading) and all(
            heard.external_id != one.external_id for one in self.heard
        )

    def apart(self) -> list["Round"]:
        """Return a round for each of them."""
        return [replace(self, heard=[one]) for one in self.heard]


def heard_of(
    delivery: ClaimedDelivery, told: Sequence[Reported | Hinted | Deleted | Unreadable]
) -> list[Heard]:
    """Return what one delivery tells, in its order."""
    said = [one for one in told if not isinstance(one, Unreadable)]
    return [
        Heard(delivery=delivery, told=one, is_last=place == len(said))
        for place, one in enumerate(said, start=1)
    ]


def rounds(heard: Iterable[tuple[Heard, bool]]) -> list[Round]:
    """Part what was heard, each with whether its record must be read.

    What one delivery tells comes in rounds of its order. Of a record that is told of
    more than once, without a count of its versions, only a read shows what came last.
    """
    found: list[Round] = []
    latest: dict[str, int] = {}
    told: set[str] = set()
    for one, is_read in heard:
        by_reading = is_read or (one.external_id in told and not one.is_counted)
        told.add(one.external_id)
        place = latest.get(one.delivery.id, -1) + 1
        while place < len(found) and not found[place].fits(one, by_reading=by_reading):
            place += 1
        if place == len(found):
            new = Round(kind=one.told.kind, source=one.source, by_reading=by_reading, heard=[])
            found.append(new)
        found[place].heard.append(one)
        latest[one.delivery.id] = place
    return found
