"""The graph as a program asks it over HTTP."""

from base64 import b64decode
from dataclasses import dataclass, field
from typing import Any

import httpx

Data = dict[str, Any]

_PAGE = """
query($after: String) {
  incidents(first: 100, after: $after, orderBy: {field: NUMBER, direction: ASC}) {
    totalCount pageInfo { hasNextPage endCursor } edges { node { %s } }
  }
}
"""
_RUNS = """
query($key: String!) {
  integration(by: {key: $key}) { id runs(first: 5) { edges { node { id phase status } } } }
}
"""


class Refused(Exception):  # noqa: N818 — named like the product's own
    """The graph answered with errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Where it is, and who asks."""

    url: str
    token: str = field(repr=False)

    async def ask(self, query: str, **variables: object) -> Data:
        """Return the data of an answer; raise Refused when it has errors."""
        headers = {"authorization": f"Bearer {self.token}"}
        async with httpx.AsyncClient(trust_env=False, timeout=30, headers=headers) as client:
            body = {"query": query, "variables": variables}
            answer = (await client.post(f"{self.url}/graphql", json=body)).json()
        if answer.get("errors"):
            raise Refused(answer["errors"])
        data: Data = answer["data"]
        return data

    async def change(self, mutation: str, kind: str, input: Data, select: str) -> Data:
        """Return the payload of a mutation; raise Refused when it says why not."""
        head = f"mutation($input: {kind}!) {{ payload: {mutation}(input: $input)"
        data = await self.ask(f"{head} {{ {select} userErrors {{ message }} }} }}", input=input)
        payload: Data = data["payload"]
        if payload["userErrors"]:
            raise Refused(payload["userErrors"])
        return payload

    async def incidents(self, fields: str) -> list[Data]:
        """Return every incident by number, page after page."""
        found: list[Data] = []
        after = None
        while True:
            page = (await self.ask(_PAGE % fields, after=after))["incidents"]
            found += [edge["node"] for edge in page["edges"]]
            if not page["pageInfo"]["hasNextPage"]:
                assert len(found) == page["totalCount"]
                return found
            after = page["pageInfo"]["endCursor"]

    async def count(self) -> int:
        """Return how many incidents there are."""
        return int(
            (await self.ask("{ incidents(first: 1) { totalCount } }"))["incidents"]["totalCount"]
        )

    async def integration(self, key: str) -> Data:
        """Return an integration's id and its last runs, the last one first."""
        found = (await self.ask(_RUNS, key=key))["integration"]
        return {"id": found["id"], "runs": [edge["node"] for edge in found["runs"]["edges"]]}


def key_of(global_id: str) -> str:
    """Return the key that the database knows a thing by."""
    return b64decode(global_id).decode().partition(":")[2]
