"""What needs a server or a system may be skipped, but not where that is required."""

import pytest

from tests.require import missing


@pytest.mark.parametrize("required", ["postgres", "redis, postgres", "postgres,redis"])
def test_a_required_server_that_cannot_start_is_a_failure(required: str) -> None:
    with pytest.raises(pytest.fail.Exception, match="postgres is required and missing: gone"):
        missing("postgres", "gone", required=required)


@pytest.mark.parametrize("required", ["", "redis", "postgres-15"])
def test_any_other_server_is_skipped(required: str) -> None:
    with pytest.raises(pytest.skip.Exception, match="postgres is missing: gone"):
        missing("postgres", "gone", required=required)
