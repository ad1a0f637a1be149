"""When a source is pulled again after a failure, and a write sent again (rules X4 and X5)."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.sync.retry import (
    Bury,
    Fault,
    Park,
    PullAgain,
    SendAgain,
    Throttle,
    after_pull_failure,
    after_send_failure,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 30), (1, 120), (2, 480), (3, 1_800), (4, 1_800), (99, 1_800)]
)
@pytest.mark.parametrize(
    "fault",
    [Fault.UNREACHABLE, Fault.TIMED_OUT, Fault.VENDOR_ERROR, Fault.BAD_ANSWER, Fault.REJECTED],
)
def test_a_failing_pull_waits_longer_each_time_and_never_gives_up(
    fault: Fault, failures: int, seconds: int
) -> None:
    after = after_pull_failure(fault, failures=failures, now=NOW, jitter=0.5)
    assert after == PullAgain(at=NOW + timedelta(seconds=seconds), failures=failures + 1)


@pytest.mark.parametrize(
    ("told", "waited"),
    [(None, 60), (timedelta(0), 1), (timedelta(seconds=90), 90), (timedelta(hours=9), 900)],
)
def test_a_throttled_pull_waits_as_told_and_spends_no_attempt(
    told: timedelta | None, waited: int
) -> None:
    after = after_pull_failure(Fault.THROTTLED, failures=3, now=NOW, jitter=0.5, retry_after=told)
    assert after == PullAgain(at=NOW + timedelta(seconds=waited), failures=3, is_throttled=True)


def test_wrong_credentials_wait_for_a_person() -> None:
    assert after_pull_failure(Fault.UNAUTHORISED, failures=0, now=NOW, jitter=0.5) == Park()


@pytest.mark.parametrize(("jitter", "seconds"), [(0.0, 24), (0.25, 27), (0.5, 30), (0.75, 33)])
def test_a_wait_is_spread_by_a_fifth_to_both_sides(jitter: float, seconds: int) -> None:
    after = after_pull_failure(Fault.UNREACHABLE, failures=0, now=NOW, jitter=jitter)
    assert after == PullAgain(at=NOW + timedelta(seconds=seconds), failures=1)


@pytest.mark.parametrize(("jitter", "seconds"), [(0.0, 90), (0.5, 90), (0.75, 99)])
def test_nobody_comes_before_the_time_that_the_vendor_told(jitter: float, seconds: int) -> None:
    told = timedelta(seconds=90)
    after = after_pull_failure(
        Fault.THROTTLED, failures=2, now=NOW, jitter=jitter, retry_after=told
    )
    assert after == PullAgain(at=NOW + timedelta(seconds=seconds), failures=2, is_throttled=True)


def test_a_failing_vendor_that_tells_a_time_is_left_alone_until_then() -> None:
    after = after_pull_failure(
        Fault.VENDOR_ERROR, failures=0, now=NOW, jitter=0.5, retry_after=timedelta(minutes=4)
    )
    assert after == PullAgain(at=NOW + timedelta(minutes=4), failures=1)


PASSING = (Fault.UNREACHABLE, Fault.TIMED_OUT, Fault.VENDOR_ERROR, Fault.BAD_ANSWER)


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize(("failures", "seconds"), [(0, 30), (1, 120), (2, 480), (3, 1_800)])
def test_a_write_that_fails_waits_longer_each_time(
    fault: Fault, failures: int, seconds: int
) -> None:
    after = after_send_failure(fault, failures=failures, now=NOW)
    assert after == SendAgain(at=NOW + timedelta(seconds=seconds), failures=failures + 1)


@pytest.mark.parametrize("fault", PASSING)
def test_the_fifth_failure_of_a_write_is_the_last(fault: Fault) -> None:
    assert after_send_failure(fault, failures=4, now=NOW) == Bury()


@pytest.mark.parametrize("fault", [Fault.REJECTED, Fault.GONE, Fault.TRANSITION_REFUSED])
def test_a_write_that_is_refused_for_good_is_not_tried_again(fault: Fault) -> None:
    assert after_send_failure(fault, failures=0, now=NOW) == Bury()


@pytest.mark.parametrize("failures", [0, 4])
def test_limits_and_credentials_spend_no_attempt(failures: int) -> None:
    told = timedelta(seconds=90)
    throttled = after_send_failure(Fault.THROTTLED, failures=failures, now=NOW, retry_after=told)
    assert throttled == Throttle(until=NOW + told)
    assert after_send_failure(Fault.UNAUTHORISED, failures=failures, now=NOW) == Park()
