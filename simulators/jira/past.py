"""A made-up past: issues that nobody has touched since they were reported."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from typing import Any, Final

from simulators.jira.instance import Jira

# Of ten issues, so many are of each type.
_TYPES: Final = (
    ("[System] Incident",) * 5 + ("[System] Service request",) * 4 + ("[System] Change",)
)
_TROUBLES: Final = ("answers slowly", "is out of disk space", "refuses connections")


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """How much was reported.

    issues: how many, the last a moment ago; days: over which they are spread evenly.
    """

    issues: int
    days: float = 90

    def write(self, site: Jira) -> None:
        """Add this past to a site whose clock is right; 100,000 issues take ten seconds."""
        site.fill(self._issues(site))
        site.switches.skew = timedelta(0)

    def _issues(self, site: Jira) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield each issue when the site's clock is where it was reported."""
        step = timedelta(days=self.days) / max(1, self.issues)
        for index, kind, trouble in zip(
            range(self.issues), cycle(_TYPES), cycle(_TROUBLES), strict=False
        ):
            site.switches.skew = step * (index - self.issues)
            yield kind, {"summary": f"Shop {index} {trouble}", "description": "Since this morning."}
