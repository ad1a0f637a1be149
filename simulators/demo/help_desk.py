"""A help desk that sends its tickets to the product through its graph, as any program may.

Each ticket is made so long ago that most of the time for an answer is used. Some are
answered in time, some too late; all are resolved in the end.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from simulators.company import CUSTOMERS, SERVICES

PREFIX: Final = "HD-"
# How often its people look at their tickets, and every how many looks new ones are there.
LOOK: Final = timedelta(seconds=20)
LOOKS_PER_BATCH: Final = 12
# Of new tickets, how far the alert is away: one is late already, two will soon be.
_AHEAD: Final = (timedelta(seconds=-5), timedelta(seconds=40), timedelta(seconds=100))
# Parts of the time for an answer: answered in time, answered too late, and resolved.
_IN_TIME, _LATE, _DONE = 0.95, 1.2, 2.0
_PATIENCE: Final = 10.0
_PROMISED: Final = """
query Promised {
    sla {
        alertPercent
        rules { subjects tiers priorities response { target calendar } }
        calendars { name always }
    }
}
"""
_OPEN: Final = """
query Open($filter: TicketFilter!) {
    tickets(first: 100, filter: $filter) {
        edges { node { sourceId status priority tier createdAt } }
    }
}
"""
_SEND: Final = """
mutation HelpDeskSends($input: IngestTicketsInput!) {
    ingestTickets(input: $input) { userErrors { message } }
}
"""
_PART: Final = re.compile(r"([0-9.]+)([HMS])")
_UNITS: Final = {
    "H": timedelta(hours=1),
    "M": timedelta(minutes=1),
    "S": timedelta(seconds=1),
}
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Who is promised an answer within how much time, and when an alert is raised."""

    tier: str
    priority: str
    response: timedelta
    alert_part: float


class HelpDesk:
    """People who make tickets, and work on them."""

    def __init__(self, *, ready: Path, now: Callable[[], datetime]) -> None:
        """Send to the product that this file tells of, as soon as there is one.

        ready: JSON with the product's ``url`` and a ``token``.
        """
        self._ready = ready
        self._now = now
        self._looks = 0

    async def run(self) -> None:
        """Look after the tickets without end; what does not answer is asked again later."""
        async with httpx.AsyncClient(trust_env=False, timeout=_PATIENCE) as client:
            while True:
                with suppress(OSError, ValueError, KeyError, TypeError, httpx.HTTPError):
                    await self._look(client)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK.total_seconds() if self._looks else 1):
                        await asyncio.Event().wait()

    async def _look(self, client: httpx.AsyncClient) -> None:
        facts = json.loads(self._ready.read_bytes())

        async def ask(query: str, **variables: object) -> Any:  # noqa: ANN401 — JSON
            answer = await client.post(
                f"{facts['url']}/graphql",
                json={"query": query, "variables": variables},
                headers={"Authorization": f"Bearer {facts['token']}"},
            )
            return answer.json()["data"]

        promise = promised((await ask(_PROMISED))["sla"])
        if promise is None:
            return
        wanted = {"status": ["NEW", "OPEN"], "tier": [promise.tier], "priority": [promise.priority]}
        found = await ask(_OPEN, filter=wanted)
        tickets = [edge["node"] for edge in found["tickets"]["edges"]]
        events = list(worked_on(tickets, promise, self._now()))
        if self._looks % LOOKS_PER_BATCH == 0:
            events += made(promise, self._now())
        if events:
            await ask(_SEND, input={"events": events})
        self._looks += 1


def promised(sla: Json) -> Promise | None:
    """Return the soonest answer that is promised around the clock; None without any."""
    always = {one["name"] for one in sla["calendars"] if one["always"]}
    found = [
        Promise(
            tier=rule["tiers"][0],
            priority=rule["priorities"][0],
            response=_duration(rule["response"]["target"]),
            alert_part=sla["alertPercent"] / 100,
        )
        for rule in sla["rules"]
        if rule["tiers"] and rule["priorities"]
        if not rule["subjects"] or "TICKET" in rule["subjects"]
        if rule["response"] is not None and rule["response"]["calendar"] in always
    ]
    return min(found, key=lambda one: one.response, default=None)


def made(promise: Promise, now: datetime) -> list[dict[str, object]]:
    """Return new tickets, of most of whose time for an answer nothing is left soon."""
    events: list[dict[str, object]] = []
    for place, ahead in enumerate(_AHEAD):
        number = int(now.timestamp()) * len(_AHEAD) + place
        customer = CUSTOMERS[number % len(CUSTOMERS)]
        service = SERVICES[number % len(SERVICES)]
        created = now - promise.alert_part * promise.response + ahead
        events.append(
            {
                "id": f"{PREFIX}{number}",
                "title": f"{customer.name}: {service.name} does not answer",
                "tier": promise.tier,
                "priority": promise.priority,
                "status": "NEW",
                "createdAt": created.isoformat(),
                "updatedAt": created.isoformat(),
            }
        )
    return events


def worked_on(
    tickets: Sequence[Json], promise: Promise, now: datetime
) -> Iterator[dict[str, object]]:
    """Yield what has become of the help desk's own tickets meanwhile."""
    for ticket in tickets:
        if not ticket["sourceId"].startswith(PREFIX):
            continue
        age = now - datetime.fromisoformat(ticket["createdAt"])
        # One of three waits for its answer until it is too late.
        is_late = int(ticket["sourceId"].removeprefix(PREFIX)) % len(_AHEAD) == 0
        if age >= _DONE * promise.response:
            status = "RESOLVED"
        elif age >= (_LATE if is_late else _IN_TIME) * promise.response:
            status = "OPEN"
        else:
            continue
        if status != ticket["status"]:
            yield {
                "id": ticket["sourceId"],
                "tier": ticket["tier"],
                "priority": ticket["priority"],
                "status": status,
                "createdAt": ticket["createdAt"],
                "updatedAt": now.isoformat(),
            }


def _duration(text: str) -> timedelta:
    """Read a duration as the graph writes it: PT4H15M."""
    return sum((float(number) * _UNITS[unit] for number, unit in _PART.findall(text)), timedelta())
