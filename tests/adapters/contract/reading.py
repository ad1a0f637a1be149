"""How the suite reads a vendor: as a worker does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from adapters.contract import Manifest, Vendor
from adapters.exchange import CensusAsk, CensusPage, Failed, Found, Page, PageAsk
from domain.inbound import InboundRecord
from domain.records import RecordKind
from domain.sync.watermark import advance, lower_bound

FIRST = PageAsk(kind=RecordKind.INCIDENT, since=None, position=None, size=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """All that one run has read, and where the next begins."""

    pages: list[Page]
    watermark: datetime | None

    @property
    def records(self) -> list[InboundRecord]:
        return [record for page in self.pages for record in page.records]

    @property
    def latest(self) -> dict[str, InboundRecord]:
        return {record.external_id: record for record in self.records}


async def pull(  # noqa: PLR0913 — what a run can be asked for
    vendor: Vendor,
    about: Manifest,
    *,
    kind: RecordKind = RecordKind.INCIDENT,
    watermark: datetime | None = None,
    position: str | None = None,
    after_page: Callable[[], object] = lambda: None,
) -> Pull:
    """Read page after page, from a watermark on, or from a position of an earlier run.

    after_page: what happens in the world meanwhile.
    """
    since = lower_bound(watermark, overlap=about.overlap, resolution=about.operand_resolution)
    pages: list[Page] = []
    while not pages or position is not None:
        assert len(pages) < 100
        page = await vendor.page(
            PageAsk(kind=kind, since=since, position=position, size=10, is_thorough=True)
        )
        assert isinstance(page, Page), page
        assert not page.faulty
        pages.append(page)
        watermark = advance(watermark, last_row_at=page.through, vendor_now=page.served_at)
        position = page.position
        after_page()
    return Pull(pages=pages, watermark=watermark)


async def one(
    vendor: Vendor, external_id: str, kind: RecordKind = RecordKind.INCIDENT
) -> InboundRecord:
    found = await vendor.read(kind, [external_id])
    assert isinstance(found, Found), found
    (record,) = found.records
    return record


async def census(vendor: Vendor, kind: RecordKind) -> list[str]:
    ids: list[str] = []
    position: str | None = None
    while True:
        page = await vendor.census(CensusAsk(kind=kind, position=position))
        assert isinstance(page, CensusPage), page
        ids += page.external_ids
        position = page.position
        if position is None:
            return ids


async def failed(vendor: Vendor) -> Failed:
    page = await vendor.page(FIRST)
    assert isinstance(page, Failed), page
    return page
