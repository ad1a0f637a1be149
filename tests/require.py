"""What a test run may not skip: ``REQUIRE=postgres,redis pytest``."""

from typing import NoReturn

import pytest


def missing(server: str, reason: str, *, required: str) -> NoReturn:
    """Skip what needs a server that cannot start; fail when it is required.

    required: the names in REQUIRE, comma separated.
    """
    if server in {name.strip() for name in required.split(",")}:
        pytest.fail(f"{server} is required and cannot start: {reason}", pytrace=False)
    pytest.skip(f"{server} cannot start: {reason}")
