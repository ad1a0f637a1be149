"""What is told, in words that fit into one line. Pure."""

from datetime import timedelta
from typing import Final

from adapters.channels.contract import AlertNotice, Maintenance, Notice, PolicyNotice

_MINUTE: Final = timedelta(minutes=1)
# Enough of a hash to tell two versions apart.
_LONGEST_VERSION: Final = 12
_LONGEST_FAULT: Final = 400


def line(text: str, longest: int) -> str:
    """Return a text as one line, cut to a length."""
    words = " ".join(text.split())
    return words if len(words) <= longest else f"{words[: longest - 1]}…"


def span(duration: timedelta) -> str:
    """Return a duration to the minute, such as "3 d 4 h", "2 h 5 min" or "45 s"."""
    if duration < _MINUTE:
        return f"{duration // timedelta(seconds=1)} s"
    hours, minutes = divmod(duration // _MINUTE, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else ""]
    # Beside days, minutes tell nothing.
    parts.append(f"{minutes} min" if minutes and not days else "")
    return " ".join(part for part in parts if part)


def left(notice: AlertNotice) -> str:
    """Return what is left of the target, or by how much it was missed."""
    if notice.left > timedelta(0):
        return f"{span(notice.left)} left"
    return f"{span(-notice.left)} overdue"


def used(notice: AlertNotice) -> str:
    """Return how much of the target is used."""
    # Cut, not rounded: 99.97 % is not all of it.
    return f"{int(notice.percent * 10) / 10:g} % of {span(notice.target)}"


def window(change: Maintenance) -> str:
    """Return a change with the end of its window."""
    until = "" if change.ends_at is None else f", until {change.ends_at:%Y-%m-%d %H:%M} UTC"
    return f"{line(change.number, 40)} {line(change.title, 120)}{until}"


def heading(notice: PolicyNotice) -> str:
    """Return in a few words what became of the file."""
    return "Service levels refused" if notice.fault else "Service levels good again"


def in_force(notice: PolicyNotice) -> str:
    """Return which service levels hold, and since when."""
    words = "Still in force" if notice.fault else "In force"
    since = f"{notice.in_force_since:%Y-%m-%d %H:%M} UTC"
    return f"{words}: version {notice.version[:_LONGEST_VERSION]}, since {since}"


def summary(notice: Notice) -> str:
    """Return all that matters in a sentence."""
    if isinstance(notice, PolicyNotice):
        fault = f": {line(notice.fault, _LONGEST_FAULT)}" if notice.fault else ""
        return f"{heading(notice)}: {line(notice.path, 200)}{fault}. {in_force(notice)}"
    return (
        f"{notice.level}: {notice.number} {line(notice.title, 120)} ({notice.priority}), "
        f"{notice.clock} {used(notice)} used, {left(notice)}"
    )
