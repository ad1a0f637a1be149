"""Query parameters that all lists share: pages, windows of time, zones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.requests import Request

from simulators.pagerduty.answers import impossible, invalid
from simulators.pagerduty.names import instant, stamp

_DEFAULT_LIMIT: Final = 25
_MOST: Final = 100
_FURTHEST: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a list is asked for; with_total: and how long the whole is."""

    limit: int
    offset: int
    with_total: bool

    def answer(self, *, more: bool, total: int | None) -> dict[str, Any]:
        """Return what stands beside the list."""
        return {"limit": self.limit, "offset": self.offset, "total": total, "more": more}


def page(request: Request) -> Page:
    """Read ``limit``, ``offset`` and ``total``; raise Refusal (400).

    A limit above 100 is cut down, an end beyond 10,000 is refused.
    """
    limit = _number(request, "limit", _DEFAULT_LIMIT, least=1)
    offset = _number(request, "offset", 0, least=0)
    limit = min(limit, _MOST)
    if offset + limit > _FURTHEST:
        raise impossible(f"Offset+limit exceeds maximum allowed value of {_FURTHEST}")
    total = request.query_params.get("total", "").lower()
    return Page(limit=limit, offset=offset, with_total=total in ("true", "1"))


def window(
    request: Request, now: datetime, zone: tzinfo, *, default: timedelta, most: timedelta
) -> tuple[str, str]:
    """Return the half-open window asked for, as stamps; raise Refusal (400).

    zone: of the account, for times without one, unless ``time_zone`` names another.
    default: what is added to the one end that is given; without any, the window
        ends now.
    """
    local = shown_in(request) or zone
    since = _time(request.query_params.get("since"), local)
    until = _time(request.query_params.get("until"), local)
    if until is None:
        until = now + timedelta(seconds=1) if since is None else since + default
    since = until - default if since is None else since
    if until < since:
        raise invalid("Until must be after since")
    if until - since > most:
        raise invalid("The time range is too large: at most 6 months may be asked for")
    return stamp(since), stamp(until)


def utc_window(request: Request) -> tuple[str, str]:
    """Return a window whose ends must be UTC; an open one where none is given.

    Raises Refusal (400).
    """
    ends = []
    for name, nothing in (("since", ""), ("until", "~")):
        text = request.query_params.get(name)
        if text and not text.endswith(("Z", "+00:00")):
            raise invalid(f"{name.capitalize()} must be a UTC ISO 8601 datetime")
        read = _time(text, UTC)
        ends.append(nothing if read is None else stamp(read))
    return ends[0], ends[1]


def shown_in(request: Request) -> tzinfo | None:
    """Return the zone that ``time_zone`` names, or None; raise Refusal (400)."""
    name = request.query_params.get("time_zone")
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise invalid("Time zone is invalid") from None


def localised(document: Any, zone: tzinfo) -> Any:  # noqa: ANN401 — JSON
    """Return a document with its times in a zone."""
    if isinstance(document, list):
        return [localised(one, zone) for one in document]
    if not isinstance(document, Mapping):
        return document
    return {
        name: instant(value).astimezone(zone).isoformat()
        if isinstance(value, str) and (name == "at" or name.endswith("_at"))
        else localised(value, zone)
        for name, value in document.items()
    }


def several(request: Request, name: str) -> list[str]:
    """Return the values of a parameter that may be repeated, with or without ``[]``."""
    asked = request.query_params
    return [*asked.getlist(f"{name}[]"), *asked.getlist(name)]


def _number(request: Request, name: str, default: int, *, least: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) < least:
        raise invalid(f"{name.capitalize()} must be a number of at least {least}")
    return int(text)


def _time(text: str | None, zone: tzinfo) -> datetime | None:
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise invalid("Since and until must be ISO 8601 datetimes") from None
    return read if read.tzinfo else read.replace(tzinfo=zone)
