import pytest

from models.database import DatabaseAt
from operations.runtime import Runtime
from tests.gql.asking import Graph


@pytest.fixture
def runtime(quick_database: DatabaseAt) -> Runtime:  # noqa: ARG001 — it has to be open
    """What operations use, over an empty database."""
    return Graph().runtime
