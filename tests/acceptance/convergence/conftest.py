from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs


@pytest.fixture(autouse=True)
def _says_nothing() -> Iterator[None]:
    """Hundreds of lines a schedule would take longer to write than the schedule to play."""
    with capture_logs():
        yield
