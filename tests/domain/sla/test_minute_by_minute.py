"""The clock agrees with one that looks at every minute, across all changes of the clocks."""

import pytest
from hypothesis import given, settings

from tests.domain.sla.minutes_agree import agree
from tests.domain.sla.random_tickets import Case, cases

# Many steps through lines that other tests count: they run faster uncounted.
pytestmark = pytest.mark.no_cover


@settings(max_examples=1000, deadline=None)
@given(case=cases())
def test_the_clock_reads_as_one_that_looks_at_every_minute(case: Case) -> None:
    agree(case)
