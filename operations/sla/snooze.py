"""Put an alert off."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.access.roles import Actor
from domain.errors import Invalid
from domain.events.entry import AlertEventKind
from models.coding import to_milliseconds
from operations.runtime import Runtime
from operations.sla.answer import Line, answer

# Who needs longer has taken it on.
LONGEST: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnoozeAlert:
    """Which alert, and until when."""

    alert_id: str
    until: datetime


async def snooze_alert(runtime: Runtime, actor: Actor, ask: SnoozeAlert) -> str:
    """Let an alert's clock not escalate until an instant; return the alert's id (rule S10).

    It alerts and breaches all the same, and what it has reached by then escalates at the
    end. The last word counts; the same again changes nothing.
    Raises NotFound, Forbidden, and Invalid for an end that has passed or is too far away.
    """
    now = runtime.now()
    if not now < ask.until <= now + LONGEST:
        message = f"until must be in the future, {LONGEST.days} days at most"
        raise Invalid(message, path=("until",))
    until_ms = to_milliseconds(ask.until)

    def said(alert: Line) -> Mapping[str, object]:
        if alert["snoozed_until"] == until_ms:
            return {}
        return {"snoozed_until": until_ms, "snoozed_by": actor.name}

    await answer(runtime, actor, ask.alert_id, said, kind=AlertEventKind.SNOOZED)
    return ask.alert_id
