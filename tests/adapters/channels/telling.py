"""What channels are given in tests: an alert, and the way out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.channels.contract import AlertNotice, Maintenance, PolicyNotice, Way
from adapters.channels.registry import CHANNELS
from domain.sla.terms import AlertLevel, SlaClockKind, SlaSubjectKind

NOW: Final = datetime(2026, 3, 2, 14, tzinfo=UTC)
UNSET: Final[Mapping[str, str]] = {name: "" for kind in CHANNELS.values() for name in kind.settings}
NOTICE: Final = AlertNotice(
    id="01N",
    alert_id="01A",
    subject=SlaSubjectKind.TICKET,
    subject_id="01T",
    number="HELP-17",
    title="I cannot pay",
    priority="P1",
    clock=SlaClockKind.RESOLUTION,
    level=AlertLevel.BREACH,
    percent=104.1666,
    target=timedelta(hours=4),
    left=timedelta(minutes=-10),
    crossed_at=NOW,
    raised_at=NOW,
    breach_at=NOW,
    escalation_level=2,
    link="https://wp.example.com/graphql#ticket=01T",
    acknowledge="https://wp.example.com/graphql#acknowledge=01A",
)
REFUSED: Final = PolicyNotice(
    id="01P",
    path="/etc/watchpane/sla_config.yaml",
    fault="line 3, column 1: <ALERT> & more; write 85%",
    version="0123456789abcdef",
    in_force_since=NOW,
    at=NOW,
    link="https://wp.example.com/graphql",
)
MENDED: Final = replace(REFUSED, id="01Q", fault=None)

# Two that were under way when a level was reached.
CHANGES: Final = (
    Maintenance(number="CHG1", title="Replace a disk", ends_at=NOW),
    Maintenance(number="CHG2", title="Move", ends_at=None),
)


def way(app: ASGIApp | None = None, /, **settings: str) -> Way:
    """Return the way out, with some settings; to an application, if there is one."""
    return Way(
        settings={**UNSET, **settings},
        now=lambda: NOW,
        deadline=timedelta(seconds=5),
        transport=None if app is None else httpx.ASGITransport(app=app),
    )


@dataclass(slots=True, kw_only=True)
class Receiver:
    """A server that keeps what it is sent, and answers as it is told."""

    status: int = 204
    said: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    requests: list[tuple[Request, bytes]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.requests.append((request, await request.body()))
        await Response(self.said, self.status, dict(self.headers))(scope, receive, send)


def notices(count: int, **changes: Any) -> list[AlertNotice]:  # noqa: ANN401 — fields of a notice
    """Return alerts that differ in their ids."""
    return [replace(NOTICE, **({"id": f"{number:026}"} | changes)) for number in range(count)]
