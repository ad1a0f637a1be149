"""How many requests of one kind are let in: so many a second, and so many at once. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """What was left at an instant, in requests and seconds."""

    left: float
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Requests a second in the long run, and how many may come at once."""

    per_second: float
    burst: int


def taken(bucket: Bucket | None, rate: Rate, *, now: float) -> Bucket | float:
    """Return what is left after one more request, or the seconds until there is room for it.

    bucket: None for a full one; now: seconds of a clock that is never put back.
    """
    left = float(rate.burst)
    if bucket is not None:
        left = min(left, bucket.left + max(0.0, now - bucket.at) * rate.per_second)
    if left < 1:
        return (1 - left) / rate.per_second
    return Bucket(left=left - 1, at=now)
