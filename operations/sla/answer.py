"""What a person says to an alert, written and told (rule S10)."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from domain.access.roles import Actor
from domain.errors import NotFound
from domain.events.entry import AlertEventKind, NewEntry, Topic
from models.reads.alerts import alerts
from models.transaction import AT_ONCE, Transaction, commit
from operations.access.authorise import Action, authorise
from operations.access.scope import scope_of
from operations.runtime import Runtime

log = structlog.get_logger()

Line = Mapping[str, Any]
# Given the alert's row: the columns that the answer sets, none if it says nothing new.
Answer = Callable[[Line], Mapping[str, object]]


async def answer(
    runtime: Runtime, actor: Actor, alert_id: str, said: Answer, *, kind: AlertEventKind
) -> None:
    """Keep an answer, and have the alert's subject looked at again.

    The subject is locked before its alert, as the watch does it; so an escalation under
    way is either raised before the answer, or not at all.
    Raises NotFound, and Forbidden. Cost: five statements.
    """
    if not await alerts(scope_of(actor), [alert_id]):
        raise NotFound("alert", alert_id, path=("id",))
    authorise(actor, Action.ANSWER_ALERT)

    async def write(tx: Transaction) -> Line | None:
        (alert,) = await _locked(tx, alert_id)
        columns = dict(said(alert))
        if not columns:
            return None
        await _keep(tx, alert, columns)
        entry = NewEntry(
            topic=Topic.ALERT,
            kind=kind,
            occurred_at=runtime.now(),
            record_id=alert_id,
            message=actor.name,
        )
        tx.tell(entry)
        return alert

    alert = await commit(write)
    if alert is not None:
        await runtime.wake("events")
        log.info(
            "alert_answered",
            operation=f"sla.{kind.lower()}",
            alert_id=alert_id,
            subject_id=alert["subject_id"],
            actor_id=actor.id,
        )


async def _locked(tx: Transaction, alert_id: str) -> list[dict[str, Any]]:
    await tx.rows(
        f"""
        SELECT s.id FROM sla_subject s
        WHERE s.id = (SELECT subject_id FROM alert WHERE id = $1) {tx.for_update}
        """,  # noqa: S608 — words of ours
        alert_id,
    )
    return await tx.rows(
        f"SELECT * FROM alert WHERE id = $1 {tx.for_update}",  # noqa: S608 — words of ours
        alert_id,
    )


async def _keep(tx: Transaction, alert: Line, columns: Mapping[str, object]) -> None:
    """Write the answer, and mark the subject to be looked at."""
    sets = ", ".join(f"{name} = ${place}" for place, name in enumerate(columns, start=2))
    await tx.rows(
        f"UPDATE alert SET {sets} WHERE id = $1 RETURNING id",  # noqa: S608 — names are ours
        alert["id"],
        *columns.values(),
    )
    await tx.rows(
        "UPDATE sla_subject SET look_at = $2 WHERE id = $1 RETURNING id",
        alert["subject_id"],
        AT_ONCE,
    )
