"""Everything that writing a page needs and that only the vendor knows.

Runs before the page's transaction: no transaction is open while a vendor is called.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.contract import Failed, History, HistoryAsk, Named, Page, Vendor
from domain.records import (
    InboundEdit,
    InboundRecord,
    MirroredValue,
    RecordKind,
    Reference,
)
from models.reads.links import KnownVersion, known_names, known_versions

# Names that one run keeps in memory at most.
_MOST_NAMES = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A page with the history of its records and the names of what they refer to.

    changed: the records that are new, or not of the version that is mirrored.
    named: directory entries that were not stored yet.
    """

    page: Page
    changed: Sequence[InboundRecord]
    edits: Mapping[str, Sequence[InboundEdit]]
    names: Mapping[Reference, str]
    named: Sequence[Named]


@dataclass(slots=True, kw_only=True)
class Gatherer:
    """Gathers page after page of one run, and remembers the names it has seen.

    behind: how far the vendor's clock has stepped back during the run.
    """

    vendor: Vendor
    integration_id: str
    kind: RecordKind
    overlap: timedelta
    behind: timedelta = timedelta(0)
    names: dict[Reference, str] = field(default_factory=dict)

    def follow(self, clock_step: timedelta) -> None:
        """Expect changes as far back as the vendor's clock has just stepped (rule W7)."""
        self.behind += clock_step

    async def gather(self, page: Page) -> Gathered | Failed:
        """Read the history of the page's changed records, and the names in both.

        Cost: one read of the page's links; vendor calls only for changed records.
        """
        known = await known_versions(
            self.integration_id, [record.external_id for record in page.records]
        )
        changed = [
            record
            for record in page.records
            if (seen := known.get(record.external_id)) is None or seen.key != record.key
        ]
        history = await self._history(changed, known)
        if isinstance(history, Failed):
            return history
        named = await self._name(references(changed, history.edits))
        if isinstance(named, Failed):
            return named
        edits: dict[str, list[InboundEdit]] = {}
        for edit in history.edits:
            edits.setdefault(edit.record_external_id, []).append(edit)
        return Gathered(page=page, changed=changed, edits=edits, names=self.names, named=named)

    async def _history(
        self, changed: Sequence[InboundRecord], known: Mapping[str, KnownVersion]
    ) -> History | Failed:
        if not changed:
            return History(edits=())
        return await self.vendor.history(
            self.kind,
            [
                HistoryAsk(
                    external_id=record.external_id,
                    since=self._history_since(known.get(record.external_id)),
                )
                for record in changed
            ],
        )

    def _history_since(self, seen: KnownVersion | None) -> datetime | None:
        if seen is None or seen.history_through is None:
            return None
        return seen.history_through - self.overlap - self.behind

    async def _name(self, wanted: set[Reference]) -> Sequence[Named] | Failed:
        if len(self.names) > _MOST_NAMES:
            self.names.clear()
        missing = {reference for reference in wanted if reference not in self.names}
        if missing:
            self.names |= await known_names(self.integration_id, missing)
            missing -= self.names.keys()
        if not missing:
            return ()
        named = await self.vendor.names(missing)
        if isinstance(named, Failed):
            return named
        self.names |= {entry.reference: entry.name for entry in named}
        # What the vendor no longer knows keeps its id for a name.
        gone = missing - self.names.keys()
        self.names |= {reference: reference.external_id for reference in gone}
        return named


def references(records: Iterable[InboundRecord], edits: Iterable[InboundEdit]) -> set[Reference]:
    """Return everything that the records and edits point to."""
    found: set[Reference] = set()
    for record in records:
        for value in record.fields.values():
            found.update(_references_in(value))
    for edit in edits:
        found.update(_references_in(edit.before))
        found.update(_references_in(edit.after))
    return found


def _references_in(value: MirroredValue) -> Iterable[Reference]:
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, tuple):
        yield from (part for part in value if isinstance(part, Reference))
