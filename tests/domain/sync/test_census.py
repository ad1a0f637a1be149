"""Whether a census may be believed (rule W10, vectors W-g and W-h)."""

import pytest

from domain.sync.census import is_suspect


@pytest.mark.parametrize(
    ("missing", "known", "is_doubted"),
    [
        pytest.param(120, 1_000, True, id="W-g: 880 of 1,000 are listed"),
        pytest.param(15, 1_000, False, id="W-h: 985 of 1,000 are listed"),
        pytest.param(50, 1_000, False, id="a twentieth"),
        pytest.param(51, 1_000, True, id="more than a twentieth"),
        pytest.param(20, 20, False, id="twenty, though they are all"),
        pytest.param(21, 21, True, id="more than twenty, and all"),
        pytest.param(0, 0, False, id="none of none"),
    ],
)
def test_too_many_missing_are_rather_a_lost_right(
    missing: int, known: int, *, is_doubted: bool
) -> None:
    assert is_suspect(missing=missing, known=known) is is_doubted
