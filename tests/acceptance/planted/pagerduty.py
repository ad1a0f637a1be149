"""Bugs that can be made with PagerDuty; others have made them."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Final

from adapters.exchange import Failed, Page, PageAsk
from adapters.pagerduty.reading import instant, operand
from domain.records import RecordKind
from tests.world import Pages

_INCIDENT: Final = RecordKind.INCIDENT


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


class SkipsEqualTimes(Pages):
    """Planted: goes on behind the second in which the last incident was created."""

    async def page(self, ask: PageAsk) -> Page | Failed:
        page = await super().page(ask)
        if isinstance(page, Failed) or page.position is None or ask.kind is not _INCIDENT:
            return page
        position = json.loads(page.position)
        if not isinstance(position.get("all"), str):
            return page
        at, until, passed = json.loads(position["all"])
        if passed:
            at, passed = operand(instant(at) + timedelta(seconds=1)), 0
        walk = json.dumps([at, until, passed])
        return replace(page, position=json.dumps({"all": walk}))


class TrustsTheLog(Pages):
    """Planted: never looks for what the log leaves out."""

    async def page(self, ask: PageAsk) -> Page | Failed:
        return await super().page(replace(ask, is_thorough=False))
