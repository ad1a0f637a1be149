"""What a policy file says, read strictly: it means one policy, or it is refused as a whole.

The form is closed (rule S14): every key is named here, and nothing is guessed.
``policy_schema.py`` tells editors the same form, by the same names.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from domain.records import Priority, TicketStatus
from domain.sla.calendar import DAY_MS, HOUR_MS, MINUTE_MS, BusinessCalendar, Opening
from domain.sla.document import (
    BadPolicy,
    Node,
    Table,
    closed,
    items,
    once,
    table,
    text,
    texts,
    word,
    words,
)
from domain.sla.policy import Rule, SlaPolicy, Target
from domain.sla.terms import AlertLevel, OnReopen, SlaSubjectKind

SECTIONS: Final = ("version", "calendars", "policies", "end")
MORE_SECTIONS: Final = ("thresholds", "dedup_window", "clocks", "notify")
THRESHOLDS: Final = ("alert_at", "escalate_at")
CLOCKS: Final = ("pause_on", "stop_on", "on_reopen")
HOURS: Final = ("timezone", "weekly")
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CONDITIONS: Final = ("subject", "tier", "priority")
PROMISES: Final = ("response", "resolution")
PROMISE: Final = ("target", "calendar")

# The others have their own meaning: NEW runs, CANCELLED ends (rule S2).
STATUSES: Final = tuple(
    status for status in TicketStatus if status not in (TicketStatus.NEW, TicketStatus.CANCELLED)
)
VERSION: Final = re.compile(r"1")
PART: Final = re.compile(r"[0-9]{1,2}(\.[0-9]{1,6})?")
SPAN: Final = re.compile(r"[1-9][0-9]{0,5}[mhd]")
WINDOW: Final = re.compile(r"(0|[1-9][0-9]{0,5})[mhd]")
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
TIER: Final = re.compile(r"\S(.{0,62}\S)?")
ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
OPENING: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)")
TRUE: Final = re.compile(r"true")
END: Final = re.compile(r"sla_config|sha256:[0-9a-f]{64}")
# No promise is for longer, and no list of policies longer.
LONGEST_MS: Final = 366 * DAY_MS
MOST_POLICIES: Final = 500
_UNITS: Final[Mapping[str, int]] = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}


def policy_of(document: Node) -> SlaPolicy:
    """Return what a document means. Raises BadPolicy at the first thing that is wrong."""
    root = closed(document, "the file", required=SECTIONS, optional=MORE_SECTIONS)
    text(root["version"], VERSION, "a version that is known; write 1")
    text(root["end"], END, "sla_config, nor sha256: and the hash that sealing writes")
    if tuple(root.entries)[-1] != "end":
        raise BadPolicy(root.key_places["end"], '"end" stands before other keys; put it last')
    calendars = {
        name: _calendar(name, node) for name, node in _named(root["calendars"], "calendars")
    }
    policy = SlaPolicy(
        calendars=tuple(calendars.values()), rules=_rules(root["policies"], calendars)
    )
    for section, read in _READERS.items():
        if section in root:
            policy = read(policy, root[section])
    return policy


def _thresholds(policy: SlaPolicy, node: Node) -> SlaPolicy:
    found = closed(node, "thresholds", optional=THRESHOLDS)
    if "alert_at" in found:
        policy = replace(policy, alert_at=_part(found["alert_at"]))
        if not 0 < policy.alert_at < 1:
            raise BadPolicy(found["alert_at"].place, "alert_at lies between 0 and 1, as in 0.85")
    if "escalate_at" in found:
        nodes = items(found["escalate_at"], "escalate_at")
        parts = tuple(map(_part, nodes))
        for one, (lower, higher) in zip(nodes, pairwise((Fraction(1), *parts)), strict=True):
            if lower >= higher:
                raise BadPolicy(one.place, "escalate_at rises, from above 1 on, as in [1.5, 2.0]")
        policy = replace(policy, escalate_at=parts)
    return policy


def _dedup_window(policy: SlaPolicy, node: Node) -> SlaPolicy:
    return replace(policy, dedup_window_ms=_span(text(node, WINDOW, "a duration, as in 15m")))


def _clocks(policy: SlaPolicy, node: Node) -> SlaPolicy:
    found = closed(node, "clocks", optional=CLOCKS)
    if "pause_on" in found:
        paused = words(found["pause_on"], "pause_on", STATUSES)
        policy = replace(policy, pause_on=frozenset(paused))
    if "stop_on" in found:
        stopped = words(found["stop_on"], "stop_on", STATUSES, at_least=1)
        policy = replace(policy, stop_on=frozenset(stopped))
    if "on_reopen" in found:
        policy = replace(policy, on_reopen=word(found["on_reopen"], tuple(OnReopen)))
    if both := policy.pause_on & policy.stop_on:
        message = f"{min(both)} cannot both pause and stop a clock; leave it out of one list"
        raise BadPolicy(found.place, message)
    return policy


def _notify(policy: SlaPolicy, node: Node) -> SlaPolicy:
    found = closed(node, "notify", optional=tuple(AlertLevel))
    channels = {
        AlertLevel(level): texts(named, "the list of channels", NAME, "the name of a channel")
        for level, named in found.entries.items()
    }
    return replace(policy, notify=channels)


_READERS: Final[Mapping[str, Callable[[SlaPolicy, Node], SlaPolicy]]] = {
    "thresholds": _thresholds,
    "dedup_window": _dedup_window,
    "clocks": _clocks,
    "notify": _notify,
}


def _named(node: Node, what: str) -> list[tuple[str, Node]]:
    """Return the entries of a table whose keys are names that people give."""
    found = table(node, what)
    for name, place in found.key_places.items():
        if not NAME.fullmatch(name):
            raise BadPolicy(place, "a name is made of letters, digits, _, . and -, 64 at most")
    return list(found.entries.items())


def _calendar(name: str, node: Node) -> BusinessCalendar:
    if "always" in table(node, "a calendar"):
        found = closed(node, "a calendar that is always open", required=("always",))
        text(found["always"], TRUE, "true; leave always out of a calendar with hours")
        return BusinessCalendar(name=name, is_always=True)
    found = closed(node, "a calendar", required=HOURS, optional=("holidays",))
    weekly = closed(found["weekly"], "weekly", optional=DAYS)
    return BusinessCalendar(
        name=name,
        timezone=_timezone(found["timezone"]),
        weekly=tuple(_openings(weekly[day]) if day in weekly else () for day in DAYS),
        holidays=_holidays(found["holidays"]) if "holidays" in found else frozenset(),
    )


def _timezone(node: Node) -> str:
    name = text(node, ZONE, "a time zone, as in Europe/Berlin")
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, KeyError):
        message = f'no time zone is called "{name}"; write one of IANA\'s, as in Europe/Berlin'
        raise BadPolicy(node.place, message) from None


def _openings(node: Node) -> tuple[Opening, ...]:
    openings: list[Opening] = []
    for one in items(node, "the hours of a day"):
        written = text(one, OPENING, "a time from, to, as in 09:00-17:00")
        opens, closes = map(_minute, written.split("-"))
        if opens >= closes:
            raise BadPolicy(one.place, f"{written} ends before it begins; split it at 24:00")
        if openings and opens < openings[-1].closes:
            raise BadPolicy(one.place, f"{written} begins before the hours in front of it end")
        openings.append(Opening(opens=opens, closes=closes))
    return tuple(openings)


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)


def _holidays(node: Node) -> frozenset[date]:
    days: dict[str, None] = {}
    for one in items(node, "holidays"):
        day = text(one, DATE, "a date, as in 2026-12-25")
        once(days, day, one, "holidays")
        try:
            date.fromisoformat(day)
        except ValueError:
            raise BadPolicy(one.place, f"there is no day {day}") from None
    return frozenset(map(date.fromisoformat, days))


def _rules(node: Node, calendars: Mapping[str, BusinessCalendar]) -> tuple[Rule, ...]:
    nodes = items(node, "policies", at_least=1)
    if len(nodes) > MOST_POLICIES:
        raise BadPolicy(nodes[MOST_POLICIES].place, f"there are at most {MOST_POLICIES} policies")
    names: dict[str, None] = {}
    rules: list[Rule] = []
    for one in nodes:
        rules.append(_rule(one, calendars))
        once(names, rules[-1].name, one, "policies")
    last = rules[-1]
    if last.subjects or last.tiers or last.priorities:
        place = table(nodes[-1], "a policy")["when"].place
        raise BadPolicy(place, "the last policy fits everything; give it when: {}")
    return tuple(rules)


def _rule(node: Node, calendars: Mapping[str, BusinessCalendar]) -> Rule:
    found = closed(node, "a policy", required=("name", "when"), optional=PROMISES)
    response, resolution = (
        _target(found[promise], calendars) if promise in found else None for promise in PROMISES
    )
    if response and resolution and response.span_ms > resolution.span_ms:
        message = "the response is due after the resolution; exchange the targets"
        raise BadPolicy(found["response"].place, message)
    name = text(found["name"], NAME, "a name of letters, digits, _, . and -")
    rule = Rule(name=name, response=response, resolution=resolution)
    return _conditioned(rule, closed(found["when"], "when", optional=CONDITIONS))


def _conditioned(rule: Rule, when: Table) -> Rule:
    """Return the rule for those only that fit its conditions."""
    if "subject" in when:
        subjects = words(when["subject"], "subject", tuple(SlaSubjectKind), at_least=1)
        rule = replace(rule, subjects=frozenset(subjects))
    if "tier" in when:
        tiers = texts(when["tier"], "tier", TIER, "the name of a tier", at_least=1)
        rule = replace(rule, tiers=frozenset(tiers))
    if "priority" in when:
        priorities = words(when["priority"], "priority", tuple(Priority), at_least=1)
        rule = replace(rule, priorities=frozenset(priorities))
    return rule


def _target(node: Node, calendars: Mapping[str, BusinessCalendar]) -> Target:
    found = closed(node, "a promise", required=PROMISE)
    span_ms = _span(text(found["target"], SPAN, "a duration, as in 15m, 4h or 3d"))
    if span_ms > LONGEST_MS:
        raise BadPolicy(found["target"].place, f"no target is longer than {LONGEST_MS // DAY_MS}d")
    name = text(found["calendar"], NAME, "the name of a calendar")
    if name not in calendars:
        some = ", ".join(calendars) or "none"
        message = f'no calendar is called "{name}"; there are {some}'
        raise BadPolicy(found["calendar"].place, message)
    return Target(span_ms=span_ms, calendar=calendars[name])


def _span(written: str) -> int:
    return int(written[:-1]) * _UNITS[written[-1]]


def _part(node: Node) -> Fraction:
    return Fraction(text(node, PART, "a part of the target, as in 0.85"))
