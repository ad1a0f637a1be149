"""A policy that is wrong in one place is refused, and told where and what to write."""

from typing import Final

import pytest

from domain.sla.document import BadPolicy
from operations.sla.policy_text import read_policy
from tests.operations.sla.written import TEXT, changed

ALWAYS: Final = "always: {always: true}"
BERLIN: Final = "timezone: Europe/Berlin"
MONDAY: Final = "{mon: [09:00-17:00]"
HOLIDAYS: Final = "[2026-12-25, 2026-12-26]"
FIRST: Final = "- name: premium-critical\n    when: {tier: [PREMIUM], priority: [P1]}"
PREMIUM: Final = "{tier: [PREMIUM], priority: [P1]}"
INCIDENTS: Final = "{subject: [INCIDENT], priority: [P1, P2]}"
LONG: Final = "resolution: {target: 4h, calendar: always}"
# What stands in the file, what is written instead (¦ marks the fault), and what is said of it.
WRONG: Final = [
    ("version: 1\n", "version: ¦2\n", "write 1"),
    ("version: 1\n", "version: ¦1.0\n", "write 1"),
    ("version: 1\n", "version:¦\n", "write 1"),
    ("version: 1\n", "version: ¦[1]\n", "has to be a version"),
    ("version: 1\n", "¦Version: 1\n", 'no "Version"'),
    ("version: 1\n", "version: 1\n¦verison: 1\n", 'no "verison"; it has version'),
    ("version: 1\n", "version: 1\n¦version: 1\n", '"version" stands in line'),
    ("version: 1\n", "version: 1\n? ¦[a]\n: 1\n", "a key is a plain text"),
    ("version: 1\n", "version: 1\n? ¦{a: b}\n: 1\n", "a key is a plain text"),
    ("version: 1\n", "version: 1\n¦<<: {end: x}\n", 'no "<<"'),
    ("alert_at: 0.85 ", "alert_at: ¦0 ", "between 0 and 1"),
    ("alert_at: 0.85 ", "alert_at: ¦1 ", "between 0 and 1"),
    ("alert_at: 0.85 ", "alert_at: ¦1.5 ", "between 0 and 1"),
    ("alert_at: 0.85 ", "alert_at: ¦-0.85 ", "as in 0.85"),
    ("alert_at: 0.85 ", "alert_at: ¦85% ", "as in 0.85"),
    ("alert_at: 0.85 ", "alert_at: ¦8_5 ", "as in 0.85"),
    ("alert_at: 0.85 ", "alert_at: ¦.85 ", "as in 0.85"),
    ("alert_at: 0.85 ", "alert_at: ¦8.5e-1 ", "as in 0.85"),
    ("alert_at: 0.85 ", "alert_at: ¦.nan ", "as in 0.85"),
    ("alert_at: 0.85 ", "alert_at: ¦0,85 ", "as in 0.85"),
    ("alert_at: 0.85 ", "alert_at: ¦no ", "as in 0.85"),
    ("alert_at: 0.85 ", "alert_at: ¦\u0660.\u0668\u0665 ", "as in 0.85"),
    ("alert_at: 0.85 ", "alert_at: ¦{at: 0.85} ", "has to be a part"),
    ("alert_at: 0.85 ", "¦allert_at: 0.85 ", 'thresholds has no "allert_at"'),
    ("[1.5, 2.0] ", "[¦1.0, 2.0] ", "rises, from above 1 on"),
    ("[1.5, 2.0] ", "[2.0, ¦1.5] ", "rises, from above 1 on"),
    ("[1.5, 2.0] ", "[2.0, ¦2.00] ", "rises, from above 1 on"),
    ("[1.5, 2.0] ", "[1.5, ¦100] ", "a part of the target"),
    ("[1.5, 2.0] ", "¦1.5 ", "is a list; write [] for none"),
    ("[1.5, 2.0] ", "[1.5, ¦[2.0]] ", "has to be a part"),
    ("dedup_window: 15m ", "dedup_window: ¦15 ", "a duration, as in 15m"),
    ("dedup_window: 15m ", "dedup_window: ¦15min ", "a duration, as in 15m"),
    ("dedup_window: 15m ", "dedup_window: ¦-15m ", "a duration, as in 15m"),
    ("dedup_window: 15m ", "dedup_window: ¦1.5h ", "a duration, as in 15m"),
    ("dedup_window: 15m ", "dedup_window: ¦15M ", "a duration, as in 15m"),
    ("dedup_window: 15m ", "dedup_window: ¦9999999m ", "a duration, as in 15m"),
    ("[PENDING, ON_HOLD] ", "[PENDING, ¦ON HOLD] ", '"ON HOLD" is none of OPEN, PENDING'),
    ("[PENDING, ON_HOLD] ", "[PENDING, ¦pending] ", '"pending" is none of'),
    ("[PENDING, ON_HOLD] ", "[PENDING, ¦PENDING] ", '"PENDING" twice'),
    ("[PENDING, ON_HOLD] ", "¦PENDING ", "is a list"),
    ("pause_on: [PENDING, ON_HOLD] ", "pause_on:¦ ", "is a list; write [] for none"),
    ("[PENDING, ON_HOLD] ", "[¦[PENDING]] ", "this is none of"),
    ("[PENDING, ON_HOLD] ", "[¦CANCELLED] ", '"CANCELLED" is none of OPEN, PENDING'),
    ("[PENDING, ON_HOLD] ", "[¦NEW] ", '"NEW" is none of OPEN, PENDING'),
    ("clocks:\n  pause_on: [PENDING", "clocks:\n  ¦pause_on: [CLOSED", "both pause and stop"),
    ("[RESOLVED, CLOSED]", "¦[]", "is empty"),
    ("on_reopen: resume ", "on_reopen: ¦reset ", '"reset" is none of resume, restart, count'),
    ("on_reopen: resume ", "on_reopen: ¦RESUME ", '"RESUME" is none of'),
    (ALWAYS, "always: ¦{}", 'a calendar lacks "timezone"; add it'),
    (ALWAYS, "always: ¦true", "a calendar is a table"),
    (ALWAYS, "always: {always: ¦yes}", "leave always out"),
    (ALWAYS, "always: {always: ¦True}", "leave always out"),
    (ALWAYS, "always: {always: ¦false}", "leave always out"),
    (ALWAYS, "always: {always: true, ¦timezone: UTC}", 'no "timezone"'),
    (ALWAYS, "always: {always: true}\n  ¦always: {always: true}", "stands in line"),
    (ALWAYS, "always: {always: true}\n  ¦my hours: {always: true}", "a name is made of"),
    (ALWAYS, "always: {always: true}\n  ¦'': {always: true}", "a name is made of"),
    (BERLIN, "timezone: ¦Europe/Berlim", 'no time zone is called "Europe/Berlim"'),
    (BERLIN, "timezone: ¦Europe", 'no time zone is called "Europe"'),
    (BERLIN, "timezone: ¦+01:00", "a time zone, as in Europe/Berlin"),
    (BERLIN, "timezone: ¦../../etc/passwd", "a time zone, as in Europe/Berlin"),
    (BERLIN, "timezone: ¦Europe/../Berlin", "a time zone, as in Europe/Berlin"),
    (BERLIN, "timezone: ¦/etc/localtime", "a time zone, as in Europe/Berlin"),
    (BERLIN, "timezone:¦", "a time zone, as in Europe/Berlin"),
    (BERLIN, "¦time_zone: Europe/Berlin", 'no "time_zone"; it has timezone, weekly'),
    (BERLIN, f"{BERLIN}\n    ¦timezone: UTC", "stands in line"),
    (MONDAY, "{¦monday: [09:00-17:00]", 'no "monday"; it has mon, tue'),
    (MONDAY, "{mon: ¦09:00-17:00", "is a list"),
    (MONDAY, "{mon: [¦9:00-17:00]", "as in 09:00-17:00"),
    (MONDAY, "{mon: [¦09:00–17:00]", "as in 09:00-17:00"),  # noqa: RUF001 — a dash is meant
    (MONDAY, "{mon: [¦09:00-17:60]", "as in 09:00-17:00"),
    (MONDAY, "{mon: [¦09:00-24:01]", "as in 09:00-17:00"),
    (MONDAY, "{mon: [¦24:00-24:00]", "as in 09:00-17:00"),
    (MONDAY, "{mon: [¦540]", "as in 09:00-17:00"),
    (MONDAY, "{mon: [¦17:00-09:00]", "ends before it begins; split it at 24:00"),
    (MONDAY, "{mon: [¦09:00-09:00]", "ends before it begins"),
    (MONDAY, "{mon: [09:00-17:00, ¦16:59-18:00]", "begins before the hours in front of it end"),
    (MONDAY, "{mon: [13:00-17:00, ¦09:00-12:00]", "begins before the hours in front of it end"),
    (MONDAY, "{mon: [], ¦mon: [09:00-17:00]", "stands in line"),
    (HOLIDAYS, "[¦2026-02-29]", "there is no day 2026-02-29"),
    (HOLIDAYS, "[¦2026-13-01]", "there is no day 2026-13-01"),
    (HOLIDAYS, "[¦0000-01-01]", "there is no day"),
    (HOLIDAYS, "[¦25.12.2026]", "a date, as in 2026-12-25"),
    (HOLIDAYS, "[¦2026-12-25T00:00:00Z]", "a date, as in 2026-12-25"),
    (HOLIDAYS, "[2026-12-25, ¦2026-12-25]", "twice"),
    (HOLIDAYS, "¦2026-12-25", "is a list"),
    (FIRST, f"- ¦when: {PREMIUM}", 'a policy lacks "name"'),
    (FIRST, "- ¦name: premium-critical", 'a policy lacks "when"'),
    (FIRST, f"- ¦premium-critical\n  - name: second\n    when: {PREMIUM}", "a policy is a table"),
    (FIRST, f"- name: ¦premium critical\n    when: {PREMIUM}", "a name of letters"),
    (FIRST, f"- name: ¦{'n' * 65}\n    when: {PREMIUM}", "n…"),
    (FIRST, f"{FIRST}\n  - ¦name: premium-critical\n    when: {PREMIUM}", "twice"),
    (FIRST, f"{FIRST}\n    ¦resolve: 4h", 'no "resolve"'),
    (PREMIUM, "¦PREMIUM", "when is a table"),
    (PREMIUM, "{¦tiers: [PREMIUM]}", 'no "tiers"; it has subject, tier, priority'),
    (PREMIUM, "{tier: ¦PREMIUM}", "is a list"),
    (PREMIUM, "{tier: ¦[]}", "is empty; leave it out"),
    (PREMIUM, "{tier: [¦'']}", "the name of a tier"),
    (PREMIUM, "{tier: [PREMIUM, ¦PREMIUM]}", "twice"),
    (PREMIUM, "{priority: [¦P0]}", '"P0" is none of P1, P2'),
    (PREMIUM, "{priority: [¦1]}", '"1" is none of'),
    (PREMIUM, "{priority: ¦[]}", "is empty"),
    (INCIDENTS, "{subject: [¦INCIDENTS]}", '"INCIDENTS" is none of TICKET, INCIDENT'),
    (INCIDENTS, "{subject: ¦[]}", "is empty"),
    (LONG, "resolution: {target: ¦4, calendar: always}", "a duration, as in 15m, 4h or 3d"),
    (LONG, "resolution: {target: ¦0m, calendar: always}", "a duration, as in 15m, 4h or 3d"),
    (LONG, "resolution: {target: ¦04h, calendar: always}", "a duration, as in 15m, 4h or 3d"),
    (LONG, "resolution: {target: ¦1w, calendar: always}", "a duration, as in 15m, 4h or 3d"),
    (LONG, "resolution: {target: ¦367d, calendar: always}", "no target is longer than 366d"),
    (LONG, "resolution: {target: 4h, calendar: ¦allways}", 'called "allways"; there are always'),
    (LONG, "resolution: {target: 4h, calendar: ¦}", "the name of a calendar"),
    (LONG, "resolution: ¦{target: 4h}", 'a promise lacks "calendar"'),
    (LONG, "resolution: ¦{calendar: always}", 'a promise lacks "target"'),
    (LONG, "resolution: ¦4h", "a promise is a table"),
    (LONG, "resolution: {target: 4h, calendar: always, ¦pause: x}", 'no "pause"'),
    ("when: {}\n", "when: ¦{tier: [GOLD]}\n", "the last policy fits everything; give it"),
    ("  ALERT: [slack]", "  ¦ALARM: [slack]", 'no "ALARM"; it has ALERT, BREACH, ESCALATION'),
    ("  ALERT: [slack]", "  ALERT: ¦slack", "is a list"),
    ("  ALERT: [slack]", "  ALERT: [¦https://hooks.example.com/x]", "the name of a channel"),
    ("  ALERT: [slack]", "  ALERT: [slack, ¦slack]", "twice"),
]


@pytest.mark.parametrize(("old", "new", "told"), WRONG)
def test_a_wrong_policy_is_refused_where_it_is_wrong(old: str, new: str, told: str) -> None:
    content, place = changed(old, new)
    with pytest.raises(BadPolicy) as refused:
        read_policy(content)
    found = refused.value.place
    assert (found.line, found.column) == place
    assert told in refused.value.message
    assert refused.value.message.startswith(f"line {place[0]}, column {place[1]}: ")


def test_the_example_is_right() -> None:
    assert read_policy(TEXT.encode()).rules[-1].name == "unmeasured"
