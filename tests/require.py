"""What a test run may not skip: ``REQUIRE=postgres,redis,linux pytest``."""

from typing import NoReturn

import pytest


def missing(needed: str, reason: str, *, required: str) -> NoReturn:
    """Skip what needs a server, or a system, that is not to be had; fail when it is required.

    required: the names in REQUIRE, comma separated.
    """
    if needed in {name.strip() for name in required.split(",")}:
        pytest.fail(f"{needed} is required and missing: {reason}", pytrace=False)
    pytest.skip(f"{needed} is missing: {reason}")
