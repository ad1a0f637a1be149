"""A watched world that tells of its alerts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from adapters.channels.contract import Way
from adapters.channels.registry import opened
from models.reads.statement import rows
from operations.runtime import Runtime
from operations.sla.notify import notify_due
from simulators.slack.instance import Slack
from tests.adapters.channels.telling import UNSET
from tests.operations.sla.watched import Watched, at

TOKEN: Final = "canary-token"  # noqa: S105 — of a simulator


@dataclass(kw_only=True)
class Speaking:
    """Alerts of a watched world, and a Slack that hears of them."""

    watched: Watched
    slack: Slack = field(init=False)

    def __post_init__(self) -> None:
        clock = self.watched.clock
        self.slack = Slack(now=clock.now, token=TOKEN)
        self.use(slack_webhook_url=f"https://canary.example.com{self.slack.path}")

    def use(self, app: Any = None, **settings: str) -> None:  # noqa: ANN401 — an ASGI application
        """Set channels; those over HTTP lead to an application, without one to Slack."""
        way = Way(
            settings={**UNSET, **settings},
            now=self.watched.clock.now,
            deadline=timedelta(seconds=5),
            transport=httpx.ASGITransport(app=app or self.slack.app),
        )
        self.watched.world.channels = opened(way)
        self.watched.world.start("worker-1")

    def worker(self, owner: str) -> Runtime:
        """Start another worker, with channels of its own that lead to the same places."""
        return self.watched.world.start(owner)

    async def raise_alerts(self, *keys: str, time: str = "13:24") -> None:
        """Let some tickets reach their ALERT, all at 13:24."""
        for key in keys or ("T-1",):
            await self.watched.send("10:00", "NEW", key=key)
        await self.watched.look("10:01", time)

    async def tell(self, runtime: Runtime | None = None) -> int:
        """Send what is due."""
        return await notify_due(runtime or self.watched.runtime)

    @property
    def arrived(self) -> Counter[str]:
        """How often each message has arrived at Slack, by its id."""
        return self.slack.channel.ids

    def move_to(self, time: str) -> datetime:
        """Let it be a time of the day."""
        self.watched.clock.at = at(time)
        return self.watched.clock.at


async def notifications() -> Sequence[Mapping[str, Any]]:
    """Return the messages, in the order of their ids."""
    return await rows("SELECT * FROM notification ORDER BY id")


async def states() -> list[tuple[str, str, int]]:
    """Return of each message its channel, its state and how often it has failed."""
    return [(row["channel"], row["state"], row["attempt"]) for row in await notifications()]
