"""Gathers the reads of many fields into one statement each."""

from functools import cached_property, partial
from typing import Any, Final, TypeVar

from strawberry.dataloader import DataLoader

from domain.access.roles import Actor
from domain.records import RecordKind, RunPhase
from domain.sync.ownership import Claim
from gql.conflicts.loaders import ConflictLoaders
from gql.dead_letters.loaders import LetterLoaders
from gql.integrations.webhook_loaders import WebhookLoaders
from gql.loading import Each, Read
from gql.reconcile.loaders import DriftLoaders
from gql.sla.loaders import SlaLoaders
from gql.sync.loaders import SyncLoaders
from gql.tickets.loaders import TicketLoaders
from models.reads.asset import SERVICES, Service
from models.reads.belonging import Members
from models.reads.change import CHANGES, Change
from models.reads.edit import Edit, edit_counts, edit_pages, edits, last_edits
from models.reads.event import EVENTS, Event
from models.reads.field_override import FieldOverride, overrides_of
from models.reads.incident import INCIDENTS, Incident
from models.reads.integration import (
    CredentialInfo,
    Integration,
    UnmappedValue,
    credentials_of,
    integrations,
    unmapped_values_of,
)
from models.reads.keyset import Keyset
from models.reads.link import Link, links_of
from models.reads.note import Note, note_counts, note_pages
from models.reads.related_change import Nearby, nearby_changes
from models.reads.revision import Revision, revisions
from models.reads.scope import Scope
from models.reads.sync_run import Run, Source, run_counts, run_pages, runs, sources_of
from models.reads.ticket import TICKETS, Ticket
from models.reads.user_map import unmapped_users_of
from operations.access.scope import scope_of
from operations.incidents.explain import Recorded, recorded
from operations.integrations.rulings import Ruling, claims_on, rulings_of

T = TypeVar("T")

MOST_KEYS: Final = 500


class Loaders:
    """The reads of one operation, or of one event of a subscription.

    They remember what they read, hence live no longer than that. A key without
    a row, or with one out of the actor's scope, gives None.
    """

    def __init__(self, actor: Actor) -> None:
        """Read as this actor."""
        self._actor = actor

    @cached_property
    def scope(self) -> Scope:
        """What the actor may see. Raises Forbidden."""
        return scope_of(self._actor)

    @cached_property
    def incidents(self) -> DataLoader[str, Incident | None]:
        """Incidents by id."""
        return self._loader(INCIDENTS.by_id)

    @cached_property
    def changes(self) -> DataLoader[str, Change | None]:
        """Changes by id."""
        return self._loader(CHANGES.by_id)

    @cached_property
    def events(self) -> DataLoader[str, Event | None]:
        """Events by id."""
        return self._loader(EVENTS.by_id)

    @cached_property
    def tickets(self) -> DataLoader[str, Ticket | None]:
        """Tickets by id."""
        return self._loader(TICKETS.by_id)

    @cached_property
    def services(self) -> DataLoader[str, Service | None]:
        """Services by id."""
        return self._loader(SERVICES.by_id)

    @cached_property
    def integrations(self) -> DataLoader[str, Integration | None]:
        """Integrations by id."""
        return self._loader(integrations)

    @cached_property
    def runs(self) -> DataLoader[str, Run | None]:
        """Sync runs by id."""
        return self._loader(runs)

    @cached_property
    def edits(self) -> DataLoader[str, Edit | None]:
        """Edits by id."""
        return self._loader(edits)

    @cached_property
    def conflicts(self) -> ConflictLoaders:
        """Conflicts."""
        return ConflictLoaders(self._loader)

    @cached_property
    def histories(self) -> TicketLoaders:
        """What tickets went through."""
        return TicketLoaders(self._loader)

    @cached_property
    def sla(self) -> SlaLoaders:
        """Clocks and alerts."""
        return SlaLoaders(self._loader)

    @cached_property
    def webhooks(self) -> WebhookLoaders:
        """What vendors have told by themselves."""
        return WebhookLoaders(self._loader)

    @cached_property
    def links(self) -> Each[RecordKind, list[Link]]:
        """Links by record, of one kind."""
        return Each(lambda kind: self._loader(partial(links_of, kind=kind)))

    @cached_property
    def members(self) -> Each[Members[Any], list[Any]]:
        """All records that belong to an owner."""
        return Each(lambda members: self._loader(members.all))

    @cached_property
    def member_pages(self) -> Each[tuple[Members[Any], Keyset], list[Any]]:
        """Pages of the records that belong to an owner."""
        return Each(lambda asked: self._loader(partial(asked[0].pages, keyset=asked[1])))

    @cached_property
    def member_counts(self) -> Each[Members[Any], int]:
        """How many records belong to an owner; None for none."""
        return Each(lambda members: self._loader(members.counts))

    @cached_property
    def nearby_changes(self) -> DataLoader[str, list[Nearby] | None]:
        """The changes around the beginning of an incident."""
        return self._loader(nearby_changes)

    @cached_property
    def note_pages(self) -> Each[Keyset, list[Note]]:
        """Pages of notes, by incident."""
        return Each(lambda keyset: self._loader(partial(note_pages, keyset=keyset)))

    @cached_property
    def note_counts(self) -> DataLoader[str, int | None]:
        """How many notes an incident has; None for none."""
        return self._loader(note_counts)

    @cached_property
    def last_edits(self) -> DataLoader[str, dict[str, Edit] | None]:
        """The last accepted edit of each field, by incident."""
        return self._loader(last_edits)

    @cached_property
    def revisions(self) -> DataLoader[str, dict[str, Revision] | None]:
        """The versions of the fields that have one, by incident."""
        return self._loader(revisions)

    @cached_property
    def recorded(self) -> Each[str, Recorded]:
        """All that is recorded of a field, by the field's name and incident."""
        return Each(lambda field: self._loader(partial(recorded, field=field)))

    @cached_property
    def edit_counts(self) -> DataLoader[str, int | None]:
        """How many edits an incident has; None for none."""
        return self._loader(edit_counts)

    @cached_property
    def credentials(self) -> DataLoader[str, list[CredentialInfo] | None]:
        """What is known of credentials, by integration."""
        return self._loader(credentials_of)

    @cached_property
    def unmapped_values(self) -> DataLoader[str, list[UnmappedValue] | None]:
        """Values without a counterpart, by integration."""
        return self._loader(unmapped_values_of)

    @cached_property
    def unmapped_users(self) -> Each[frozenset[str], list[str]]:
        """Names of people who are no users, by the vendor's tables of people and integration."""
        return Each(lambda people: self._loader(partial(unmapped_users_of, people=people)))

    @cached_property
    def overrides(self) -> DataLoader[str, list[FieldOverride] | None]:
        """Fields that are mapped by a setting, by integration."""
        return self._loader(overrides_of)

    @cached_property
    def rulings(self) -> DataLoader[str, list[Ruling] | None]:
        """Which side decides which field, by integration."""
        return self._loader(rulings_of)

    @cached_property
    def claims(self) -> DataLoader[str, list[Claim] | None]:
        """The rules of ownership that bear on an incident."""
        return self._loader(claims_on)

    @cached_property
    def sync(self) -> SyncLoaders:
        """What goes between here and the vendors."""
        return SyncLoaders(self._loader)

    @cached_property
    def letters(self) -> LetterLoaders:
        """Dead letters."""
        return LetterLoaders(self._loader)

    @cached_property
    def drift(self) -> DriftLoaders:
        """Plans of reconciliation, and schedules."""
        return DriftLoaders(self._loader)

    @cached_property
    def sources(self) -> DataLoader[str, list[Source] | None]:
        """How far each kind is mirrored, by integration."""
        return self._loader(sources_of)

    @cached_property
    def edit_pages(self) -> Each[Keyset, list[Edit]]:
        """Pages of edits, by incident."""
        return Each(lambda keyset: self._loader(partial(edit_pages, keyset=keyset)))

    @cached_property
    def run_pages(self) -> Each[tuple[RunPhase | None, Keyset], list[Run]]:
        """Pages of runs of one phase or of all, by integration."""
        return Each(lambda asked: self._loader(partial(run_pages, phase=asked[0], keyset=asked[1])))

    @cached_property
    def run_counts(self) -> Each[RunPhase | None, int]:
        """How many runs of one phase or of all an integration has; None for none."""
        return Each(lambda phase: self._loader(partial(run_counts, phase=phase)))

    def _loader(self, read: Read[T]) -> DataLoader[str, T | None]:
        async def load(keys: list[str]) -> list[T | None]:
            found = await read(self.scope, keys)
            return [found.get(key) for key in keys]

        return DataLoader(load, max_batch_size=MOST_KEYS)
