from collections.abc import Callable
from pathlib import Path

import pytest

from simulators.demo.instance import Demo, Secrets
from simulators.servicenow.replay import Plan
from tests.simulators.conftest import Clock

# Some hundred incidents.
ROWS = 800
SECRETS = Secrets(servicenow="secret", jira="secret", pagerduty="secret")
Begin = Callable[..., Demo]


@pytest.fixture
def begin(clock: Clock, tmp_path: Path) -> Begin:
    """Start a demo whose log waits for steps; kept: in the test's folder, to go on with."""

    def begun(*, history: float = 1, rows: int = ROWS, is_kept: bool = False) -> Demo:
        return Demo(
            now=clock,
            secrets=SECRETS,
            plan=Plan(rows=rows, history=history, world=True),
            folder=tmp_path if is_kept else None,
        )

    return begun
