"""The page of the simulators tells all that they take."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import httpx
import pytest
import typer
from starlette.types import ASGIApp

from simulators.__main__ import cli
from simulators.jira.instance import Jira
from simulators.jira.login import Account as JiraAccount
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account as PagerDutyAccount
from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.login import Account
from simulators.slack.instance import Slack
from tests.docs.documents import table

_PAGE: Final = "docs/how-to/run-the-simulator.md"
_EVERYWHERE: Final = {"--host", "--port", "--die-with-stdin"}
_MAIL: Final = "ada@example.com"
_BASIC: Final = httpx.BasicAuth(_MAIL, "secret")
_PROOFS: Final[dict[str, dict[str, Any]]] = {
    "pagerduty": {"headers": {"Authorization": "Token token=secret"}},
    "slack": {"headers": {"Authorization": "Bearer secret"}},
}


def _now() -> datetime:
    return datetime(2026, 3, 2, 9, tzinfo=UTC)


_SITES: Final[dict[str, Callable[[], ASGIApp]]] = {
    "servicenow": lambda: (
        ServiceNow(now=_now, account=Account(user=_MAIL, password="secret")).app  # noqa: S106 — of a simulator
    ),
    "jira": lambda: Jira(now=_now, account=JiraAccount(email=_MAIL, token="secret")).app,  # noqa: S106 — of a simulator
    "pagerduty": lambda: (
        PagerDuty(now=_now, account=PagerDutyAccount(token="secret", email=_MAIL)).app  # noqa: S106 — of a simulator
    ),
    "slack": lambda: Slack(now=_now, token="secret").app,  # noqa: S106 — of a simulator
}


def _names(head: str) -> list[str]:
    """Return what the first column of a table names."""
    cells = [row[0] for row in table(_PAGE, head=head)]
    return [name.strip("` ") for cell in cells for name in cell.split(",")]


@pytest.mark.parametrize("vendor", ["servicenow", "jira", "pagerduty", "slack", "demo"])
def test_every_option_is_told(vendor: str) -> None:
    command = typer.main.get_command(cli).commands[vendor]  # type: ignore[attr-defined]  # — a group has commands, and this is one
    taken = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    assert set(_names(vendor)) == taken - _EVERYWHERE - {"--no-die-with-stdin"}


@pytest.mark.parametrize("vendor", _SITES)
async def test_every_verb_of_a_control_door_is_told(vendor: str) -> None:
    transport = httpx.ASGITransport(app=_SITES[vendor]())
    async with httpx.AsyncClient(transport=transport, base_url="http://vendor") as client:
        proof = _PROOFS.get(vendor, {"auth": _BASIC})
        answer = await client.post("/_control/no-such-verb", **proof)
    taken = answer.json()["error"].removeprefix("one of ").split(", ")
    shared = [verb for verb in _names("verb") if (vendor, verb) != ("slack", "webhook")]
    assert sorted(shared + _names(f"{vendor} verb")) == sorted(taken)
