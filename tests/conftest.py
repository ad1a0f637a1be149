"""What a whole test run needs and shares; each process of a parallel run has its own servers."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from im.refusal import StartRefusedError
from tests import postgres as postgres_server
from tests import valkey as valkey_server
from tests.garbage import collect_seldom
from tests.require import missing

pytest_plugins = ["tests.database"]

_REQUIRED = os.environ.get("REQUIRE", "")  # noqa: TID251 — a switch of the run, not a setting


def pytest_collection_finish() -> None:
    """Let no collection of garbage look at the thousands of tests again and again."""
    collect_seldom()


@pytest.fixture(scope="session")
def linux() -> None:
    """The kernel that ends a child with its parent, and shows processes in ``/proc``."""
    if sys.platform != "linux":
        missing("linux", f"this is {sys.platform}", required=_REQUIRED)


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.Postgres]:
    """A PostgreSQL server; ``create`` makes an empty database or a copy of one."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(postgres_server.running())
        except postgres_server.CannotStartError as reason:
            missing("postgres", str(reason), required=_REQUIRED)
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres: postgres_server.Postgres) -> str:
    """The URL of an empty database, one for the whole run."""
    return postgres.url(postgres.create())


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """The URL of an empty Valkey, one for the whole run."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(valkey_server.running())
        except (valkey_server.CannotStartError, StartRefusedError) as reason:
            missing("redis", str(reason), required=_REQUIRED)
        yield url
