"""By hand, with more tickets: ``python -m tests.domain.sla --tickets 10000``."""

import argparse
import sys

from hypothesis import given, settings

from tests.domain.sla.minutes_agree import agree
from tests.domain.sla.random_tickets import cases

if __name__ == "__main__":
    _arguments = argparse.ArgumentParser()
    _arguments.add_argument("--tickets", type=int, default=10_000)
    _tickets = _arguments.parse_args().tickets
    settings(max_examples=_tickets, deadline=None)(given(cases())(agree))()
    sys.stdout.write(f"{_tickets} tickets agree\n")
