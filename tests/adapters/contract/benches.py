"""Finds the bench of a vendor: in the file, and made by the function, that have its key as name."""

from importlib import import_module

from tests.adapters.conftest import Clock
from tests.adapters.contract.bench import Bench


def bench_of(key: str, clock: Clock) -> Bench:
    """Return a vendor's bench. Raises ModuleNotFoundError for one that has none yet."""
    bench: Bench = getattr(import_module(f"{__package__}.{key}"), key)(clock)
    return bench
