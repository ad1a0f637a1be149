"""Merge what deliveries tell of records: all that a round tells, or nothing of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from adapters.contract import Manifest
from adapters.delivery import Deleted, Hinted, Reported
from adapters.exchange import Failed, Notes, Page
from domain.inbound import InboundEdit, Reference
from domain.records import RecordKind
from domain.sync.retry import Fault
from domain.sync.watermark import Skew
from models.inbox import Again, end_deliveries, hold_deliveries, put_off
from models.reads.links import known_names, known_versions
from models.tables.integration import IntegrationRow
from models.transaction import Transaction, commit
from operations.metrics import Figure, count
from operations.runtime import Runtime
from operations.sync.contact import Contact
from operations.sync.gather import Gathered, Gatherer, references
from operations.sync.gone import suspect_gone
from operations.sync.identity import alone
from operations.sync.in_flight import PATIENCE, PAUSE, in_flight, without
from operations.sync.judging import Untold
from operations.sync.locks import lock_integration
from operations.sync.mirror import drafted, written
from operations.sync.rounds import Heard, needs_reading
from operations.sync.set_back import give_up
from operations.sync.shapes import SHAPES
from operations.sync.unreadable import forget_letters
from operations.sync.writing import Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What a round comes to, ready to be written.

    is_read: the records were read; gone: those told so that no read has found.
    """

    gathered: Gathered
    is_read: bool = False
    gone: frozenset[str] = frozenset()


@dataclass(slots=True, kw_only=True)
class Hearing:
    """Merges rounds of one kind of one integration, each record once in a round.

    traces: of the deliveries, by the vendor's ids of the records that they tell of.
    incidents: after a merge, those that it was about, by the same ids.
    """

    runtime: Runtime
    integration: IntegrationRow
    about: Manifest
    contact: Contact
    kind: RecordKind
    traces: Mapping[str, str] = field(default_factory=dict)
    incidents: dict[str, str] = field(default_factory=dict)

    async def merge(self, round_: Sequence[Heard], *, by_reading: bool) -> bool | Failed:
        """Merge a round and end its deliveries; False when one is another worker's by now.

        Then nothing is written, and nothing either when the vendor cannot be asked.
        A delivery whose record is just being written to is put off.
        What turns out to need its history is read, as if it had been asked for.
        Cost: a constant number of statements; vendor calls for what is to be read,
        and for names that nobody here knows.
        """
        learnt = await (self._read(round_) if by_reading else self._told(round_))
        if isinstance(learnt, Failed):
            return learnt
        try:
            return await commit(partial(self._store, round_=round_, learnt=learnt))
        except Untold:
            # Another delivery was lost, or comes late.
            return await self.merge(round_, by_reading=True)

    async def _read(self, round_: Sequence[Heard]) -> Learnt | Failed:
        """Read the records as they stand now, with their history."""
        vendor = await self.contact.vendor()
        if isinstance(vendor, Failed):
            return vendor
        found = await vendor.read(self.kind, sorted({heard.external_id for heard in round_}))
        if isinstance(found, Failed):
            return found
        gatherer = Gatherer(
            vendor=vendor,
            about=self.about,
            integration_id=self.integration.id,
            kind=self.kind,
            is_full=any(isinstance(h.told, Hinted) and h.told.is_full for h in round_),
        )
        gathered = await gatherer.gather_found(found)
        if isinstance(gathered, Failed):
            return gathered
        # What cannot be read is suspected only where the vendor has said so itself (rule W9).
        said = {heard.external_id for heard in round_ if isinstance(heard.told, Deleted)}
        return Learnt(gathered=gathered, is_read=True, gone=found.gone & said)

    async def _told(self, round_: Sequence[Heard]) -> Learnt | Failed:
        """Take the records as they were told."""
        reports = [heard.told for heard in round_ if isinstance(heard.told, Reported)]
        records = [report.record for report in reports]
        # Of other kinds only the state is kept, whatever a delivery tells beside it.
        in_full = reports if SHAPES[self.kind].has_edits else []
        edits = [edit for report in in_full for edit in report.edits]
        notes = [note for report in in_full for note in report.notes]
        told = {named.reference: named for report in reports for named in report.named}
        wanted = references(records, edits, notes)
        names = {reference: named.name for reference, named in told.items()}
        names |= await known_names(self.integration.id, wanted)
        missing = wanted - names.keys()
        named = [one for reference, one in told.items() if reference in wanted]
        if missing:
            vendor = await self.contact.vendor()
            asked = vendor if isinstance(vendor, Failed) else await vendor.names(missing)
            if isinstance(asked, Failed):
                return asked
            named += asked
            names |= {one.reference: one.name for one in asked}
        gathered = Gathered(
            page=self._page(),
            changed=records,
            edits=_by_record(edits),
            notes=Notes(notes=notes),
            names={**_unnamed(missing), **names},
            named=named,
        )
        return Learnt(gathered=gathered)

    def _page(self) -> Page:
        """Return the page on which deliveries stand: now, by the vendor's clock."""
        skew = Skew(samples=tuple(self.integration.skew_samples)).value
        return Page(
            records=(),
            faulty=(),
            position=None,
            through=None,
            served_at=self.runtime.now() + skew,
            skew=skew,
        )

    async def _store(self, tx: Transaction, *, round_: Sequence[Heard], learnt: Learnt) -> bool:
        if not await hold_deliveries(tx, [heard.delivery for heard in round_]):
            return False
        to = Writing(
            runtime=self.runtime,
            tx=tx,
            shape=SHAPES[self.kind],
            integration_id=self.integration.id,
            provider=self.about.key,
            traces=self.traces,
        )
        # Before any record, as pulls do.
        await lock_integration(tx, self.integration.id)
        if not learnt.is_read:
            await self._check(to, round_)
        waiting = await self._wait(to, round_)
        gathered = without(learnt.gathered, waiting)
        drafts = await drafted(to, gathered, source=round_[0].source)
        await written(to, gathered, drafts)
        if self.kind is RecordKind.INCIDENT:
            self.incidents = {one.source.external_id: one.link["incident_id"] for one in drafts}
        suspected = sorted(learnt.gone - waiting)
        await suspect_gone(to, suspected, served_at=gathered.page.served_at)
        letters = [heard for heard in round_ if heard.delivery.kind is not None]
        unread = await self._bury_again(tx, letters, learnt)
        done = {
            heard.delivery.id: heard.external_id
            for heard in round_
            if heard.is_last and heard.external_id not in waiting and heard not in unread
        }
        await forget_letters(to, [one.delivery.id for one in letters if one.delivery.id in done])
        await end_deliveries(tx, done, at=self.runtime.now())
        await count(tx, self.runtime, self.integration.id, Figure.INBOUND_SUCCESS, len(done))
        return True

    async def _check(self, to: Writing, round_: Sequence[Heard]) -> None:
        """Raise Untold when another worker has learnt what makes a record to be read first."""
        await alone(to)
        ids = {heard.external_id for heard in round_}
        known = await known_versions(to.shape.table, self.integration.id, ids)
        if any(needs_reading(heard, known) for heard in round_):
            raise Untold

    async def _bury_again(
        self, tx: Transaction, letters: Sequence[Heard], learnt: Learnt
    ) -> list[Heard]:
        """Make dead letters again of those whose row still cannot be read; return them."""
        why = {one.external_id: one.detail for one in learnt.gathered.page.faulty}
        unread = [heard for heard in letters if heard.external_id in why]
        for heard in unread:
            failed = Failed(fault=Fault.BAD_ANSWER, detail=why[heard.external_id])
            await give_up(tx, runtime=self.runtime, delivery=heard.delivery, failed=failed)
        return unread

    async def _wait(self, to: Writing, round_: Sequence[Heard]) -> frozenset[str]:
        """Put off what is about records that are being written to, at most for a while (M0)."""
        now = self.runtime.now()
        patient = {h.external_id: h for h in round_ if h.delivery.received_at + PATIENCE > now}
        waiting = await in_flight(to, patient)
        for external_id in waiting:
            delivery = patient[external_id].delivery
            again = Again(due_at=now + PAUSE, attempt=delivery.attempt, tries=delivery.tries)
            await put_off(to.tx, delivery, again)
        return waiting


def _by_record(edits: Sequence[InboundEdit]) -> dict[str, list[InboundEdit]]:
    found: dict[str, list[InboundEdit]] = {}
    for edit in edits:
        found.setdefault(edit.record_external_id, []).append(edit)
    return found


def _unnamed(missing: Collection[Reference]) -> dict[Reference, str]:
    """Return ids for names: what the vendor does not know either goes by its id."""
    return {reference: reference.external_id for reference in missing}
