"""The demo's ServiceNow, seen by its own doors: the Table API, and the door for tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """Where it is, and what opens it."""

    url: str
    user: str
    password: str = field(repr=False)

    async def rows(
        self, table: str, columns: Sequence[str], *, query: str = "", display: str = "false"
    ) -> list[Row]:
        """Return all rows that match, as its Table API answers."""
        asked = {
            "sysparm_query": query,
            "sysparm_fields": ",".join(columns),
            "sysparm_display_value": display,
            "sysparm_exclude_reference_link": "true",
            "sysparm_limit": "10000",
        }
        async with self._client() as client:
            answer = await client.get(f"/api/now/table/{table}", params=asked)
        assert answer.status_code == 200, answer.text
        rows: list[Row] = answer.json()["result"]
        return rows

    async def create(self, table: str, **fields: str) -> str:
        """Add a row by its Table API, and return its sys_id."""
        async with self._client() as client:
            answer = await client.post(f"/api/now/table/{table}", json=fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["result"]["sys_id"])

    async def edit(self, table: str, sys_id: str, **fields: str) -> None:
        """Edit a row by its Table API."""
        async with self._client() as client:
            answer = await client.patch(f"/api/now/table/{table}/{sys_id}", json=fields)
        assert answer.status_code == 200, answer.text

    async def tell(self, verb: str, **body: object) -> Any:  # noqa: ANN401 — as the verb has it
        """Use the door for tests."""
        async with self._client() as client:
            answer = await client.post(f"/_control/{verb}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    async def step(self, rows: int) -> int:
        """Let its people make their next changes; return how many are left."""
        return int((await self.tell("step", rows=rows))["remaining"])

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.url, auth=(self.user, self.password), trust_env=False, timeout=30
        )
