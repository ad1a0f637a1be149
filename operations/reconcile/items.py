"""The items of a plan, as lines."""

from collections.abc import Collection, Sequence

from domain.exchange import DriftOutcome
from domain.inbound import VendorKey
from domain.sync.drift import WHOLE_RECORD, Step
from models.coding import dumps, to_milliseconds
from models.transaction import Transaction
from operations.sync.shapes import Line
from operations.sync.writing import Writing


def item(  # noqa: PLR0913 — what is known of a difference
    to: Writing,
    step: Step,
    field: str = WHOLE_RECORD,
    *,
    incident_id: str | None = None,
    external_id: str | None = None,
    key: VendorKey | None = None,
) -> Line:
    """Return the line of an item; its plan and place are not known yet."""
    return {
        "id": to.runtime.new_id(),
        "incident_id": incident_id,
        "external_id": external_id,
        "field": field,
        "platform_value": None,
        "external_value": None,
        "platform_version": 0,
        "external_at": None if key is None else to_milliseconds(key.at),
        "external_sequence": None if key is None else key.sequence,
        "action": step.action,
        "outcome": DriftOutcome.NOT_RUN,
        "because": step.because,
    }


async def keep_items(
    tx: Transaction, plan_id: str, external_ids: Collection[str], lines: Sequence[Line]
) -> None:
    """Store the items of some records behind those there are.

    A record that changes while its list is read comes twice: the later stands (rule W5).
    Cost: three statements.
    """
    await tx.rows(
        f"""
        DELETE FROM drift_item WHERE plan_id = $1 AND {tx.one_of("external_id", "$2")}
        RETURNING id
        """,  # noqa: S608 — the inserted text is ours
        plan_id,
        dumps(sorted(external_ids)),
    )
    if not lines:
        return
    found = await tx.rows(
        "SELECT COALESCE(max(place), 0) AS last FROM drift_item WHERE plan_id = $1", plan_id
    )
    await tx.upsert(
        "drift_item",
        [
            line | {"plan_id": plan_id, "place": place}
            for place, line in enumerate(lines, start=int(found[0]["last"]) + 1)
        ],
        key=("id",),
    )
