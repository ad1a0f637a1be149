"""Verdicts that were kept, judged again in a way of its own."""

from collections.abc import Mapping

from domain.exchange import ConflictStatus, ConflictStrategy
from domain.records import MergeReason, Owner
from domain.sync.field import Policy
from models.reads.statement import rows
from operations.sync.terms import Terms, terms_of_all


async def misjudged(ids: Mapping[str, str]) -> list[str]:
    """Return edits that an owner should have kept out, and conflicts that the earlier side won.

    ids: of the integrations, by their keys.
    """
    terms = await terms_of_all()
    linked = list(ids.values())
    edits = await rows(
        """
        SELECT integration_id, field FROM edit
        WHERE accepted AND reason = $1 AND field IN ('title', 'description', 'labels', 'status')
        """,
        MergeReason.NEWER,
    )
    taken = [
        f"{row['field']} was taken from {row['integration_id']}, which does not own it"
        for row in edits
        if _is_ours(terms[row["integration_id"]].policy(row["field"], linked))
    ]
    conflicts = await rows("SELECT * FROM conflict WHERE resolved_by LIKE 'strategy:%'")
    return taken + [
        f"conflict {row['number']} over {row['field']} ended as {row['status']}"
        for row in conflicts
        if not _is_right(row, terms[row["integration_id"]], linked)
    ]


def _is_ours(policy: Policy) -> bool:
    """Say whether the platform owns a field; a vendor that owned it may have been joined later."""
    return policy.owned.owner is Owner.PLATFORM and policy.owned.by is None


def _is_right(row: Mapping[str, object], terms: Terms, linked: list[str]) -> bool:
    """Say whether the later side won, the vendor's of equals; owners have rules of their own."""
    is_owned = terms.policy(str(row["field"]), linked).owned.owner is not None
    if is_owned or row["strategy"] == ConflictStrategy.MANUAL_REVIEW:
        return True
    grain = max(int(terms.resolution.total_seconds() * 1000), 1)
    ours, theirs = (int(str(row[f"{side}_edited_at"])) for side in ("platform", "external"))
    is_ours = ours // grain > theirs // grain
    wanted = ConflictStatus.RESOLVED_PLATFORM if is_ours else ConflictStatus.RESOLVED_EXTERNAL
    return row["status"] == wanted
