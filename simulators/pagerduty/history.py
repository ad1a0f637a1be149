"""A made-up past: incidents with the log that they would have left."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from simulators.pagerduty import fields, status
from simulators.pagerduty.drafts import Agent, Draft
from simulators.pagerduty.incidents import Incidents
from simulators.pagerduty.store import Selection

_BATCH: Final = 1_000
_TROUBLES: Final = (
    "answers slowly",
    "fails health checks",
    "is out of disk space",
    "lags behind its queue",
    "refuses connections",
    "returns errors",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """How much happened.

    incidents: how many; entries: log entries of each, at least 4.
    days: over which they are spread evenly, up to now.
    still_open: share of them that is acknowledged and not resolved.
    seed: the same seed makes the same past.
    """

    incidents: int
    entries: int = 10
    days: float = 90
    still_open: float = 0.01
    seed: int = 0

    def write(self, incidents: Incidents) -> None:
        """Add this past: 100,000 incidents with a million log entries take half a minute."""
        drafts = self._drafts(incidents)
        while batch := list(islice(drafts, _BATCH)):
            with incidents.store.together():
                entries = (entry for draft in batch for entry in incidents.journal.named(draft))
                incidents.store.fill("log_entry", entries)
                incidents.store.fill("incident", (draft.incident for draft in batch))

    def _drafts(self, incidents: Incidents) -> Iterator[Draft]:
        chance = random.Random(self.seed)  # noqa: S311 — a past that can be repeated
        services = incidents.store.page("service", Selection())
        (owner,) = incidents.store.page("user", Selection(), limit=1)
        agent = Agent(kind="user", id=owner["id"], name=owner["name"], channel="website")
        first, now = incidents.store.newest("incident") + 1, incidents.now()
        step = timedelta(days=self.days) / max(1, self.incidents)
        for index in range(self.incidents):
            service = chance.choice(services)
            at = now - step * (self.incidents - index)
            asked = {
                "title": f"{service['name']} {chance.choice(_TROUBLES)}",
                "urgency": chance.choice(("high", "low")),
            }
            incident = fields.blank(first + index, at, service, asked)
            draft = Draft(incident=incident, agent=agent, at=at)
            is_open = chance.random() < self.still_open
            yield self._lived(draft, incidents, now, is_open=is_open)

    def _lived(self, draft: Draft, incidents: Incidents, now: datetime, *, is_open: bool) -> Draft:
        """Let an incident be called for, acknowledged, talked about, and resolved."""
        pause = min(timedelta(minutes=3), (now - draft.at) / self.entries)
        status.trigger(draft)
        incidents.calling.by_policy(draft)
        draft.at += pause
        status.acknowledge(draft, None)
        while len(draft.entries) < self.entries - (not is_open):
            draft.at += pause
            channel = {"type": "note", "summary": "Still looking."}
            draft.log("annotate", f"Note added {draft.agent.by}.", channel=channel)
        if not is_open:
            draft.at += pause
            status.resolve(draft)
        draft.incident |= {
            "updated_at": draft.entries[-1]["created_at"],
            "alert_counts": {"all": 0, "triggered": 0, "resolved": 0},
            "pending_actions": [],
            "due_at": None,
        }
        return draft
