"""Bugs that can be made with PagerDuty; others have made them."""

from dataclasses import replace

from adapters.exchange import Failed, Page, PageAsk
from tests.world import Pages


class AsksByCreation(Pages):
    """Planted: asks for incidents since a time, which are those created since."""

    async def page(self, ask: PageAsk) -> Page | Failed:
        page = await super().page(replace(ask, since=None))
        if isinstance(page, Failed) or ask.since is None:
            return page
        since = ask.since
        return replace(page, records=[row for row in page.records if row.created_at >= since])


class ReadsTheNewestPage(Pages):
    """Planted: takes the first page of a list that begins with the newest for the whole."""

    async def page(self, ask: PageAsk) -> Page | Failed:
        page = await super().page(ask)
        if isinstance(page, Failed) or ask.since is None:
            return page
        return replace(page, records=page.records[-self.size :])


class TrustsTheLog(Pages):
    """Planted: never looks for what the log leaves out."""

    async def page(self, ask: PageAsk) -> Page | Failed:
        return await super().page(replace(ask, is_thorough=False))
