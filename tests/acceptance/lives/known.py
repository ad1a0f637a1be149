"""What the vendors live through: one file a vendor."""

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType
from typing import Final

from tests.acceptance.lives.jira import JiraLife
from tests.acceptance.lives.life import Life
from tests.acceptance.lives.pagerduty import PagerDutyLife
from tests.acceptance.lives.servicenow import ServiceNowLife
from tests.clock import Clock

# A life begins with a clock, and with what chooses.
LIVES: Final[Mapping[str, Callable[[Clock, Random], Life]]] = MappingProxyType(
    {"servicenow": ServiceNowLife, "jira": JiraLife, "pagerduty": PagerDutyLife}
)
