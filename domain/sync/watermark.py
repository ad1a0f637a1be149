"""Up to where a vendor's records are mirrored, and where the next run begins."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# A row may be stamped this long before others can see it (rule W3).
SETTLING: Final = timedelta(seconds=2)
# What an answer tells may be so much older than its date: no request takes longer.
READING: Final = timedelta(seconds=30)
# Where a manifest names none (rule W4).
DEFAULT_OVERLAP: Final = timedelta(seconds=120)
# How many clock differences are kept (rule T5).
SKEW_SAMPLES: Final = 20


def lower_bound(
    watermark: datetime | None, *, overlap: timedelta, resolution: timedelta
) -> datetime | None:
    """Return the earliest update time that the next run asks for (rules W1, T4).

    Rounded down to what the vendor's query can express; None asks for all.
    """
    if watermark is None:
        return None
    start = watermark - overlap
    return start - (start - _EPOCH) % resolution


def advance(
    watermark: datetime | None, *, last_row_at: datetime | None, vendor_now: datetime
) -> datetime | None:
    """Return the watermark after a page (rule W3).

    last_row_at: update time of the page's last row, None for an empty page.
    vendor_now: the ``Date`` of the page's answer.
    It never falls.
    """
    if last_row_at is None:
        return watermark
    reached = min(last_row_at, vendor_now - SETTLING)
    return reached if watermark is None else max(watermark, reached)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skew:
    """How far a vendor's clock is ahead of ours: the last 20 differences, in ms."""

    samples: tuple[int, ...] = ()

    @property
    def value(self) -> timedelta:
        """The median of the samples; zero until there is one."""
        return timedelta(milliseconds=median(self.samples)) if self.samples else timedelta(0)

    def seen(self, sample: timedelta) -> "Skew":
        """Return the skew with one more sample."""
        milliseconds = round(sample / timedelta(milliseconds=1))
        return Skew(samples=(*self.samples, milliseconds)[-SKEW_SAMPLES:])


def skew_sample(*, sent_at: datetime, answered_at: datetime, date: datetime) -> timedelta:
    """Return one difference between a vendor's clock and ours (rule T5).

    ``date`` has whole seconds, so half a second is its best guess of the rest.
    """
    midpoint = sent_at + (answered_at - sent_at) / 2
    return date + timedelta(milliseconds=500) - midpoint


def step_back(skew: Skew, sample: timedelta, *, overlap: timedelta) -> timedelta | None:
    """Return how far the vendor's clock has just stepped back, if it has (rule W7).

    Only a jump against what was known counts, and only beyond half of the
    overlap: a clock that is merely behind needs nothing. What was known is the
    last sample, not the median, which a clock that went ahead for a few answers,
    and stamped rows meanwhile, has not moved yet.
    """
    if not skew.samples:
        return None
    jump = sample - timedelta(milliseconds=skew.samples[-1])
    return -jump if jump < -overlap / 2 else None
