"""Take an alert on."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.access.roles import Actor
from domain.events.entry import AlertEventKind
from models.coding import to_milliseconds
from operations.runtime import Runtime
from operations.sla.answer import Line, answer


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeAlert:
    """Which alert."""

    alert_id: str


async def acknowledge_alert(runtime: Runtime, actor: Actor, ask: AcknowledgeAlert) -> str:
    """Note that somebody has taken an alert on; return its id (rule S10).

    Its clock escalates no more in this cycle; it alerts and breaches all the same. The
    first who does it is kept, and doing it again changes nothing.
    Raises NotFound and Forbidden.
    """
    now_ms = to_milliseconds(runtime.now())

    def said(alert: Line) -> Mapping[str, object]:
        if alert["acknowledged_at"] is not None:
            return {}
        return {"acknowledged_at": now_ms, "acknowledged_by": actor.name}

    await answer(runtime, actor, ask.alert_id, said, kind=AlertEventKind.ACKNOWLEDGED)
    return ask.alert_id
