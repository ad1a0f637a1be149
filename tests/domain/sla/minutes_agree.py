"""What has to be equal of the clock and of one that looks at every minute."""

from domain.sla.calendar import MINUTE_MS
from domain.sla.clock import Clock, clock
from domain.sla.terms import SlaPhase
from tests.domain.sla.minute_by_minute import EPOCH, MinuteByMinute, Slow
from tests.domain.sla.random_tickets import Case


def agree(case: Case) -> None:
    """Read a case both ways."""
    read = clock(case.kind, case.history, case.policy, case.now * MINUTE_MS)
    assert read is not None
    plain = MinuteByMinute(case.kind, case.history, case.policy)
    plain.prepare(case.first, case.last)
    slow = plain.read(case.now)
    assert (read.elapsed_ms, read.cycle) == (slow.used * MINUTE_MS, slow.cycle)
    is_at_rest = read.phase in (SlaPhase.STOPPED, SlaPhase.CANCELLED)
    assert (is_at_rest, read.phase is SlaPhase.RUNNING) == (slow.is_at_rest, slow.counts)
    if slow.counts:
        _breach_alike(case, plain, read, slow)
    else:
        assert read.breach_ms is None


def _breach_alike(case: Case, plain: MinuteByMinute, read: Clock, slow: Slow) -> None:
    """See it breach in the minute in which the slow clock does, if that is within sight."""
    missing = read.target_ms // MINUTE_MS - slow.used
    last = (case.last - EPOCH.date()).days * 24 * 60
    if missing <= 0:
        assert read.breach_ms is None
        return
    breach = plain.used_up_at(case.now, missing, last)
    if breach is not None:
        assert read.breach_ms == breach * MINUTE_MS
    else:
        assert read.breach_ms is None or read.breach_ms >= last * MINUTE_MS
