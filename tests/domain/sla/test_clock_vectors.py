"""The vectors of the clock, S-1 to S-24."""

from collections.abc import Mapping
from typing import Final

import pytest

from domain.sla.clock import clock
from domain.sla.policy import SlaPolicy
from domain.sla.terms import OnReopen, SlaClockKind
from tests.domain.sla.promises import (
    BERLIN,
    NEW_YORK,
    P2_ALWAYS,
    history,
    instant,
    minutes,
    policy,
    promise,
    span,
)

POLICIES: Final[Mapping[str, SlaPolicy]] = {
    "": policy(),
    "restart": policy(on_reopen=OnReopen.RESTART),
    "P2 always": policy(p2=P2_ALWAYS),
    "P1 180": policy(p1=(minutes(15), minutes(180))),
    "P1 150": policy(p1=(minutes(15), minutes(150))),
    "7 always": promise(minutes(7)),
    "120 berlin": promise(minutes(120, BERLIN)),
    "420 berlin": promise(minutes(420, BERLIN)),
    "120 newyork": promise(minutes(120, NEW_YORK)),
}
# Times are of 2026, on 2 March where no day is told; used and target are minutes:seconds.
VECTORS: Final = """
name | policy | clock | history | at | used / target | phase state cycle | next | breach
S-1 | | RESOLUTION | NEW P1 10:00 | 10:00 | 0 / 240 | RUNNING OK 1 | 13:24 | 14:00
S-2 | | RESOLUTION | NEW P1 10:00 | 13:23:59.999 | 203:59.999 / 240 | RUNNING OK 1 | 13:24 | 14:00
S-2b | | RESOLUTION | NEW P1 10:00 | 13:24 | 204 / 240 | RUNNING ALERT 1 | 14:00 | 14:00
S-3 | | RESOLUTION | NEW P1 10:00 | 13:59:59.999 | 239:59.999 / 240 | RUNNING ALERT 1 | 14:00 | 14:00
S-3b | | RESOLUTION | NEW P1 10:00 | 14:00 | 240 / 240 | RUNNING BREACH 1 | |
S-4 | | RESPONSE | NEW P1 10:00, OPEN P1 10:14:59 | 18:00 | 14:59 / 15 | STOPPED OK 1 | |
S-5 | | RESPONSE | NEW P1 10:00, OPEN P1 10:15:00 | 18:00 | 15 / 15 | STOPPED BREACH 1 | |
S-6 | 7 always | RESPONSE | NEW P1 10:00 | 10:00 | 0 / 7 | RUNNING OK 1 | 10:05:57 | 10:07
S-7 | | RESOLUTION | NEW P2 03-06 15:30 | 03-09 08:00 | 30 / 480 | RUNNING OK 1 | 03-09 14:18 | 03-09 15:30
S-8 | 120 berlin | RESOLUTION | NEW P1 03-27 15:00 | 03-30 07:00 | 60 / 120 | RUNNING OK 1 | 03-30 07:42 | 03-30 08:00
S-11 | 120 newyork | RESOLUTION | NEW P1 11-25 21:00 | 11-25 21:00 | 0 / 120 | RUNNING OK 1 | 11-27 14:42 | 11-27 15:00
S-12 | | RESOLUTION | NEW P1 10:00, OPEN P1 10:10, PENDING P1 12:00 | 14:00 | 120 / 240 | PAUSED OK 1 | |
S-12b | | RESOLUTION | NEW P1 10:00, OPEN P1 10:10, PENDING P1 12:00, OPEN P1 15:00 | 15:00 | 120 / 240 | RUNNING OK 1 | 16:24 | 17:00
S-13 | | RESOLUTION | NEW P2 15:00, PENDING P2 15:30, OPEN P2 03-03 09:00 | 03-03 09:00 | 30 / 480 | RUNNING OK 1 | 03-03 15:18 | 03-04 08:30
S-14 | | RESOLUTION | NEW P1 10:00, RESOLVED P1 12:00, OPEN P1 20:00 | 20:00 | 120 / 240 | RUNNING OK 1 | 21:24 | 22:00
S-15 | restart | RESOLUTION | NEW P1 10:00, RESOLVED P1 12:00, OPEN P1 20:00 | 20:00 | 0 / 240 | RUNNING OK 2 | 23:24 | 03-03 00:00
S-16 | | RESOLUTION | NEW P1 10:00, RESOLVED P1 14:30, OPEN P1 20:00 | 20:00 | 270 / 240 | RUNNING BREACH 1 | |
S-17 | P2 always | RESOLUTION | NEW P2 10:00, OPEN P1 13:00 | 13:00 | 180 / 240 | RUNNING OK 1 | 13:24 | 14:00
S-18 | P2 always | RESOLUTION | NEW P2 10:00, OPEN P1 13:30 | 13:30 | 210 / 240 | RUNNING ALERT 1 | 14:00 | 14:00
S-18b | P2 always | RESOLUTION | NEW P2 10:00, OPEN P1 14:30 | 14:30 | 270 / 240 | RUNNING BREACH 1 | |
S-19 | P2 always | RESOLUTION | NEW P1 10:00, OPEN P2 13:30 | 13:30 | 210 / 480 | RUNNING OK 1 | 16:48 | 18:00
S-20 | | RESOLUTION | NEW P2 03-06 15:00, OPEN P1 03-06 20:00 | 03-06 20:00 | 60 / 240 | RUNNING OK 1 | 03-06 22:24 | 03-06 23:00
S-21 | P1 180 | RESOLUTION | NEW P1 10:00 | 12:40 | 160 / 180 | RUNNING ALERT 1 | 13:00 | 13:00
S-21b | P1 150 | RESOLUTION | NEW P1 10:00 | 12:40 | 160 / 150 | RUNNING BREACH 1 | |
S-22 | | RESPONSE | NEW P2 03-07 12:00 | 03-07 12:00 | 0 / 60 | RUNNING OK 1 | 03-09 08:51 | 03-09 09:00
S-23 | | RESOLUTION | NEW P1 10:00, CANCELLED P1 13:30 | 18:00 | 210 / 240 | CANCELLED OK 1 | |
S-24 | 420 berlin | RESOLUTION | NEW P1 09:00 | 09:00 | 0 / 420 | RUNNING OK 1 | 14:57 | 16:00
S-24b | 420 berlin | RESOLUTION | NEW P1 09:00 | 16:00 | 420 / 420 | RUNNING BREACH 1 | |
"""  # noqa: E501 — a table is read by its columns
ROWS: Final = [
    [cell.strip() for cell in line.split("|")] for line in VECTORS.strip().splitlines()[1:]
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_clock_reads_as_the_vector_says(row: list[str]) -> None:
    _, promised, kind, steps, at, used, standing, transition, breach = row
    read = clock(SlaClockKind(kind), history(*steps.split(", ")), POLICIES[promised], instant(at))
    assert read is not None
    assert [read.elapsed_ms, read.target_ms] == [span(part) for part in used.split(" / ")]
    assert f"{read.phase} {read.state} {read.cycle}" == standing
    assert read.next_transition_ms == (instant(transition) if transition else None)
    assert read.breach_ms == (instant(breach) if breach else None)


def test_s_21_is_used_to_88_and_to_106_percent() -> None:
    reads = [
        clock(
            SlaClockKind.RESOLUTION,
            history("NEW P1 10:00"),
            POLICIES[promised],
            instant("12:40"),
        )
        for promised in ("P1 180", "P1 150")
    ]
    assert [round(read.percent, 2) for read in reads if read is not None] == [88.89, 106.67]
