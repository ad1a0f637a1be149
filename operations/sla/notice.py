"""What a message tells: of an alert, or of the file of the service levels."""

from base64 import b64encode
from datetime import timedelta
from typing import Final

from adapters.channels.contract import AlertNotice, Maintenance, Notice, PolicyNotice
from domain.sla.terms import AlertLevel, SlaClockKind, SlaSubjectKind
from models.channels import Waiting
from models.coding import MILLISECOND, from_milliseconds, instant, loads

_UNSET: Final = "no priority"
_WHOLE: Final = 100


def notice_of(waiting: Waiting, public_url: str) -> Notice:
    """Return what a message tells: how things stood when it was queued.

    So each try says the same. public_url: where people find us.
    """
    if waiting.facts["alert_id"] is None:
        return _of_policy(waiting, public_url)
    return _of_alert(waiting, public_url)


def _of_policy(waiting: Waiting, public_url: str) -> PolicyNotice:
    facts = loads(waiting.facts["policy_news"])
    return PolicyNotice(
        id=waiting.id,
        path=facts["path"],
        fault=facts["fault"],
        version=facts["version"],
        in_force_since=from_milliseconds(facts["in_force_since"]),
        at=from_milliseconds(facts["at"]),
        link=f"{public_url}/graphql",
    )


def _of_alert(waiting: Waiting, public_url: str) -> AlertNotice:
    facts = waiting.facts
    subject = SlaSubjectKind(facts["subject"])
    page, target = f"{public_url}/graphql", facts["target_ms"] * MILLISECOND
    return AlertNotice(
        id=waiting.id,
        alert_id=_graph_id("Alert", facts["alert_id"]),
        subject=subject,
        subject_id=_graph_id(subject.capitalize(), facts["subject_id"]),
        number=facts["number"],
        title=facts["title"] or "",
        priority=facts["priority"] or _UNSET,
        clock=SlaClockKind(facts["clock"]),
        level=AlertLevel(facts["level"]),
        percent=facts["percent"],
        target=target,
        left=_left(target, facts["percent"]),
        crossed_at=from_milliseconds(facts["crossed_at"]),
        raised_at=from_milliseconds(facts["raised_at"]),
        breach_at=instant(facts["breach_at"]),
        escalation_level=facts["escalation_level"],
        link=f"{page}#{subject.lower()}={facts['subject_id']}",
        acknowledge=f"{page}#acknowledge={facts['alert_id']}",
        during=[
            Maintenance(
                number=change["number"], title=change["title"], ends_at=instant(change["ends_at"])
            )
            for change in waiting.changes
        ],
    )


def _graph_id(kind: str, key: str) -> str:
    """Return a record's id as the graph has it: so a receiver can ask for it, or acknowledge."""
    return b64encode(f"{kind}:{key}".encode()).decode()


def _left(target: timedelta, percent: float) -> timedelta:
    """Return what is left of a target, to the millisecond."""
    return round(target / MILLISECOND * (_WHOLE - percent) / _WHOLE) * MILLISECOND
