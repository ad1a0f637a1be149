"""One incident and its record at a vendor."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.records import FieldValue
from models.coding import loads
from models.reads.statement import rows
from operations.incidents.edit import EditIncident, Result, edit_incident
from operations.sync.push import push_due
from tests.world import ADMIN, World


@dataclass(slots=True, kw_only=True)
class Pair:
    """Both sides of an incident, whose record has this number."""

    world: World
    number: str

    async def ours(self) -> dict[str, Any]:
        """Return our incident."""
        (row,) = await rows(
            """
            SELECT i.* FROM incident i JOIN incident_link l ON l.incident_id = i.id
            WHERE l.external_key = $1
            """,
            self.number,
        )
        return row

    @property
    def theirs(self) -> dict[str, str]:
        """The vendor's record."""
        return self.world.servicenow.record(self.number)

    @property
    def issue(self) -> dict[str, Any]:
        """The vendor's record's fields, where that is a Jira site."""
        assert self.world.jira is not None
        fields: dict[str, Any] = self.world.jira.issue(self.number)["fields"]
        return fields

    async def edit(self, **fields: FieldValue) -> Result:
        """Edit as a person here."""
        ask = EditIncident(incident_id=(await self.ours())["id"], fields=fields)
        return await edit_incident(self.world.runtime, ADMIN, ask)

    async def push(self, *, after: timedelta | None = None) -> int:
        """Deliver what is due, some time later."""
        if after is not None:
            self.world.clock.move(seconds=after.total_seconds())
        return await push_due(self.world.runtime)

    async def writes(self) -> list[dict[str, Any]]:
        """Return the queued writes and what became of them, in order."""
        found = await rows("SELECT * FROM outbox ORDER BY lane_id, seq")
        return [
            row | {"tries": loads(row["tries"]), "fields": loads(row["fields"])} for row in found
        ]

    def patches(self) -> int:
        """Return how many writes the vendor has taken."""
        served = self.world.servicenow.served
        return sum(n for key, n in served.items() if key.startswith(("PATCH", "PUT", "POST")))
