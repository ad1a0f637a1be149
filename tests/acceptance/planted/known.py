"""Bugs that the seeded lives must find, by vendor; each stands between worker and vendor."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from adapters.contract import Vendor
from tests.acceptance.planted import jira, pagerduty, servicenow
from tests.acceptance.planted.pages import MovesTheWatermarkFirst, StopsAtAShortPage

# Each takes the page size.
Plant = Callable[[Vendor, int], Vendor]
PLANTED: Final[Mapping[tuple[str, str], Plant]] = MappingProxyType(
    {
        ("servicenow", "skips equal times"): servicenow.SkipsEqualTimes,
        ("servicenow", "has no overlap"): servicenow.HasNoOverlap,
        ("servicenow", "stops at a short page"): StopsAtAShortPage,
        ("servicenow", "moves the watermark first"): MovesTheWatermarkFirst,
        ("jira", "asks from the newest issue"): jira.AsksFromTheNewestIssue,
        ("jira", "asks in the account's zone"): jira.AsksInTheZoneOfTheAccount,
        ("jira", "stops at a short page"): StopsAtAShortPage,
        ("pagerduty", "takes the time of creation for that of update"): pagerduty.AsksByCreation,
        ("pagerduty", "reads the newest page of the log"): pagerduty.ReadsTheNewestPage,
        ("pagerduty", "trusts the log"): pagerduty.TrustsTheLog,
    }
)
