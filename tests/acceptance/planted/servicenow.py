"""Bugs that can be made with ServiceNow."""

import json
from dataclasses import replace
from datetime import timedelta

from adapters.exchange import Failed, Page, PageAsk
from tests.world import Pages


class SkipsEqualTimes(Pages):
    """Planted: goes on behind the last row's time, not behind the row (``>``)."""

    async def page(self, ask: PageAsk) -> Page | Failed:
        page = await super().page(ask)
        if isinstance(page, Failed) or page.position is None:
            return page
        position = json.loads(page.position) | {"sys_id": "z" * 32}
        return replace(page, position=json.dumps(position))


class HasNoOverlap(Pages):
    """Planted: asks from the watermark on, as if rows were visible when stamped."""

    async def page(self, ask: PageAsk) -> Page | Failed:
        since = None if ask.since is None else ask.since + timedelta(seconds=30)
        return await super().page(replace(ask, since=since))
