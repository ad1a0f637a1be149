"""The simulated vendors: each in a process of its own, full of records, and told to change."""

import subprocess
import sys
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import httpx
import orjson

from im.processes.child import leash

# Of a whole log of ServiceNow.
_LOG_INCIDENTS: Final = 24_918
_LOG_ROWS: Final = 141_712
# Of its versions, in order of time; what is left is there to be changed.
_LOG_HISTORY: Final = "0.98"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A running vendor.

    key: of the vendor; facts: where it is, and what opens it, as it greets.
    """

    key: str
    facts: Mapping[str, str]

    async def complete(self, records: int) -> None:
        """Lift its limits, and add what a command line does not: kinds in small numbers."""
        async with self._client() as client:
            if self.key == "pagerduty":
                await _tell(client, "limit")
                for number in range(records // 20):
                    await _tell(client, "change", summary=f"Deployed {number}")
                for number in range(records // 100):
                    await _tell(client, "alert", summary=f"Disk {number} is full")

    async def change(self, records: int) -> None:
        """Let so many records change, by its own people."""
        async with self._client() as client:
            await _CHANGE[self.key](client, records)

    async def requests(self) -> int:
        """Return how many requests it has answered."""
        async with self._client() as client:
            served: Mapping[str, int] = await _tell(client, "served")
        return sum(served.values())

    def _client(self) -> httpx.AsyncClient:
        url, sign_in = self.facts["url"], _SIGN_IN[self.key](self.facts)
        return httpx.AsyncClient(base_url=url, headers=sign_in, trust_env=False, timeout=300)


@contextmanager
def running(key: str, records: int) -> Iterator[Source]:
    """Run a vendor that has about so many records, and writes only when told to."""
    held = leash()
    process = subprocess.Popen(  # noqa: S603 — our own module
        [*held.prefix, sys.executable, "-m", "simulators", key, *_OPTIONS[key](records)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        pass_fds=held.inherited,
        start_new_session=True,
    )
    held.started()
    try:
        assert process.stdout is not None
        facts = orjson.loads(process.stdout.readline())
        yield Source(key=facts.pop("vendor"), facts=facts)
    finally:
        process.kill()
        process.communicate()
        held.close()


async def _tell(client: httpx.AsyncClient, verb: str, **body: object) -> Any:  # noqa: ANN401 — as the verb has it
    answer = await client.post(f"/_control/{verb}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def _log_options(records: int) -> list[str]:
    """Cut the log for few incidents, repeat it for many."""
    copies = max(1, round(records / _LOG_INCIDENTS))
    rows = 0 if records >= _LOG_INCIDENTS else _LOG_ROWS * records // _LOG_INCIDENTS
    options = ["--rows", str(rows), "--copies", str(copies), "--history", _LOG_HISTORY]
    return [*options, "--speed", "0"]


async def _step_log(client: httpx.AsyncClient, records: int) -> None:
    await _tell(client, "step", rows=records)


async def _edit_issues(client: httpx.AsyncClient, records: int) -> None:
    for number in range(1, records + 1):
        await _tell(client, "edit", key=f"OPS-{number}", fields={"summary": f"Changed {number}"})


async def _edit_incidents(client: httpx.AsyncClient, records: int) -> None:
    for number in range(1, records + 1):
        await _tell(client, "edit", key=number, fields={"title": f"Changed {number}"})


_OPTIONS: Final[Mapping[str, Callable[[int], list[str]]]] = MappingProxyType(
    {
        "jira": lambda records: ["--issues", str(records)],
        "pagerduty": lambda records: ["--incidents", str(records)],
        "servicenow": _log_options,
    }
)
_SIGN_IN: Final[Mapping[str, Callable[[Mapping[str, str]], Mapping[str, str]]]] = MappingProxyType(
    {
        "jira": lambda facts: _basic(facts["email"], facts["token"]),
        "pagerduty": lambda facts: {"Authorization": f"Token token={facts['token']}"},
        "servicenow": lambda facts: _basic(facts["user"], facts["password"]),
    }
)
_CHANGE: Final[Mapping[str, Callable[[httpx.AsyncClient, int], Awaitable[None]]]] = (
    MappingProxyType({"jira": _edit_issues, "pagerduty": _edit_incidents, "servicenow": _step_log})
)
KEYS: Final = tuple(_OPTIONS)


def _basic(user: str, password: str) -> Mapping[str, str]:
    proof = b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {proof}"}
