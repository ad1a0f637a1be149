"""Bugs that can be made with Jira; others have made them."""

from dataclasses import replace
from datetime import datetime, timedelta

from adapters.exchange import Failed, Page, PageAsk
from adapters.jira.manifest import JIRA
from tests.world import Pages


class AsksFromTheNewestIssue(Pages):
    """Planted: asks from the newest issue on, as if search knew at once what was written."""

    async def page(self, ask: PageAsk) -> Page | Failed:
        since = None if ask.since is None else ask.since + JIRA.overlap
        return await super().page(replace(ask, since=since))


class AsksInTheZoneOfTheAccount(Pages):
    """Planted: writes the bound as UTC text, read eight hours west as its own."""

    async def page(self, ask: PageAsk) -> Page | Failed:
        since = None if ask.since is None else _misread(ask.since)
        return await super().page(replace(ask, since=since))


def _misread(since: datetime) -> datetime:
    return since.replace(second=0, microsecond=0) + timedelta(hours=8)
