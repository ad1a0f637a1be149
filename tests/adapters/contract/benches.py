"""The vendors that the contract suite runs on: one line each."""

from collections.abc import Callable, Mapping
from typing import Final

from tests.adapters.conftest import Clock
from tests.adapters.contract.bench import Bench
from tests.adapters.contract.jira import jira
from tests.adapters.contract.pagerduty import pagerduty
from tests.adapters.contract.servicenow import servicenow

BENCHES: Final[Mapping[str, Callable[[Clock], Bench]]] = {
    "jira": jira,
    "pagerduty": pagerduty,
    "servicenow": servicenow,
}
