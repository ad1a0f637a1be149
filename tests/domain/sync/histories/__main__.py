"""By hand, with more seeds: ``python -m tests.domain.sync.histories --seeds 100000``."""

import argparse
import sys
import time

from tests.domain.sync.histories.search import first_broken
from tests.domain.sync.histories.story import STEPS

if __name__ == "__main__":
    _arguments = argparse.ArgumentParser()
    _arguments.add_argument("--seeds", type=int, default=100_000)
    _arguments.add_argument("--first", type=int, default=0)
    _arguments.add_argument("--steps", type=int, default=STEPS)
    _asked = _arguments.parse_args()
    _began = time.monotonic()
    _broken = first_broken(range(_asked.first, _asked.first + _asked.seeds), steps=_asked.steps)
    if _broken is not None:
        sys.exit(str(_broken))
    sys.stdout.write(f"{_asked.seeds} histories held in {time.monotonic() - _began:.0f} s\n")
