"""Bugs that can be made with any vendor."""

from dataclasses import replace

from adapters.exchange import Failed, Page, PageAsk
from models.coding import to_milliseconds
from models.transaction import Transaction, commit
from tests.world import Pages


class StopsAtAShortPage(Pages):
    """Planted: takes a page that is shorter than asked for the last."""

    async def page(self, ask: PageAsk) -> Page | Failed:
        page = await super().page(ask)
        if isinstance(page, Failed) or len(page.records) == self.size:
            return page
        return replace(page, position=None)


class MovesTheWatermarkFirst(Pages):
    """Planted: commits the watermark of a page before its rows, and starts from there."""

    async def page(self, ask: PageAsk) -> Page | Failed:
        page = await super().page(ask)
        if isinstance(page, Failed) or not page.records:
            return page
        reached = page.records[-1].key.at

        async def write(tx: Transaction) -> None:
            await tx.rows(
                """
                UPDATE watermark SET watermark = $1
                WHERE kind = $2 AND (watermark IS NULL OR watermark < $1) RETURNING id
                """,
                to_milliseconds(reached),
                ask.kind,
            )

        await commit(write)
        return page
