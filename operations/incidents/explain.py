"""Gather what is recorded of a field, so that its value can be explained."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.exchange import WarningCode
from domain.records import FieldValue
from domain.sync.explain import MOST_EDITS, Case, Dispute, Judged, Waiting
from domain.sync.ownership import Claim, Owned, holder, owned, why_not_sent
from models.reads import edit as edit_reads
from models.reads.explain import Held, disputes, held, made_here, waiting
from models.reads.ownership import claimants
from models.reads.revision import Revision, revisions
from models.reads.scope import Scope
from operations.integrations.rulings import claims_of_all
from operations.sync.terms import written_fields

# What an integration out of sight is called.
_UNSEEN = "another integration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What is recorded of one field of an incident, as far as the reader may see it.

    edits: the last ones, the latest first, then an older one that gave the value.
    held: what the vendors hold. names: of the integrations in sight, by id.
    unsent: why edits of ours do not go to a vendor, by its integration's key.
    copied_from: the integration of the oldest link, by id; None for what was made here.
    """

    field: str
    edits: Sequence[edit_reads.Edit]
    disputes: Sequence[Dispute]
    waiting: Sequence[Waiting]
    held: Sequence[Held]
    owned: Owned
    unsent: Mapping[str, WarningCode]
    names: Mapping[str, str]
    copied_from: str | None
    revision: Revision | None

    @property
    def version(self) -> int:
        """The field's version, 0 while only its one vendor has ever changed it."""
        return 0 if self.revision is None else self.revision.version

    @property
    def shown_edits(self) -> Sequence[edit_reads.Edit]:
        """The edits that a reader is shown."""
        return self.edits[:MOST_EDITS]

    def case(self, value: FieldValue, *, made_at: datetime) -> Case:
        """Return the case of a field that has this value; ``made_at`` is the record's."""
        return Case(
            field=self.field,
            value=value,
            owned=self.owned,
            owner_key=self._name(self.owned.by),
            edits=[self._judged(edit) for edit in self.edits],
            disputes=self.disputes,
            waiting=self.waiting,
            copied_from=self._name(self.copied_from),
            made_at=made_at,
            unsent=self.unsent,
        )

    def _judged(self, edit: edit_reads.Edit) -> Judged:
        return Judged(
            id=edit.id,
            before=edit.before,
            value=edit.after,
            version=edit.version,
            at=edit.at,
            by=edit.by,
            side=self._name(edit.integration_id),
            source=edit.source,
            accepted=edit.accepted,
            reason=edit.reason,
            warning=edit.warning,
        )

    def _name(self, integration_id: str | None) -> str | None:
        return None if integration_id is None else self.names.get(integration_id, _UNSEEN)


async def recorded(
    scope: Scope, incident_ids: Collection[str], *, field: str
) -> dict[str, Recorded]:
    """Return what is recorded of a field of each incident. Cost: nine statements."""
    edits = await edit_reads.field_edits(scope, incident_ids, field=field, most=MOST_EDITS)
    links = await held(incident_ids, field=field)
    conflicts = await disputes(scope, incident_ids, field=field)
    writes = await waiting(scope, incident_ids, field=field)
    versions = await revisions(scope, incident_ids)
    names = {one.id: one.key for one in await claimants() if scope.has(one.key)}
    rules = await claims_of_all()
    untouched = [one for one in incident_ids if not any(edit.accepted for edit in edits[one])]
    ours = await made_here(untouched) if untouched else frozenset()
    found: dict[str, Recorded] = {}
    for one in versions:
        linked = {link.integration_id for link in links[one]}
        claims = [claim for claim in rules if claim.integration_id in linked]
        found[one] = Recorded(
            field=field,
            edits=edits[one],
            disputes=conflicts[one],
            waiting=writes[one],
            held=[link for link in links[one] if link.integration_id in names],
            owned=holder(field, claims),
            unsent=_unsent(field, links[one], claims, names),
            names=names,
            copied_from=None if one in ours else _oldest(links[one]),
            revision=versions[one].get(field),
        )
    return found


def _oldest(links: Sequence[Held]) -> str | None:
    return links[0].integration_id if links else None


def _unsent(
    field: str, links: Sequence[Held], claims: Sequence[Claim], names: Mapping[str, str]
) -> dict[str, WarningCode]:
    """Return why our edits of a field do not go to some of its vendors, by key."""
    found: dict[str, WarningCode] = {}
    for link in links:
        code = why_not_sent(link.direction, owned(field, link.integration_id, claims).owner)
        if code is None and field not in written_fields(link.provider):
            code = WarningCode.NOT_SENT
        if code is not None and link.integration_id in names:
            found[names[link.integration_id]] = code
    return found
