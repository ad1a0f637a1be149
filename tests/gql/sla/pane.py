"""Watched tickets, and the graph that shows them at the same time of the day."""

from dataclasses import dataclass, field
from typing import Any

from domain.access.roles import Actor
from tests.gql.asking import ADA, Graph
from tests.operations.sla.watched import Watched, at


@dataclass(kw_only=True)
class Pane:
    """A world whose tickets are watched, and what is shown of it."""

    watched: Watched
    graph: Graph = field(default_factory=Graph)

    async def ask(
        self, query: str, time: str = "", *, actor: Actor = ADA, **variables: object
    ) -> dict[str, Any]:
        """Ask at a time of the day, without one when the watch looked last."""
        if time:
            self.watched.clock.at = at(time)
        self.graph.now = self.watched.clock.at
        return await self.graph.ask(query, actor=actor, **variables)

    async def ticket(self, fields: str, time: str = "", key: str = "T-1") -> dict[str, Any]:
        """Return fields of a ticket."""
        query = f"query T($key: String!) {{ ticket(by: {{sourceId: $key}}) {{ {fields} }} }}"
        found: dict[str, Any] = (await self.ask(query, time, key=key))["ticket"]
        return found
