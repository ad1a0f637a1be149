"""Whether a census may be believed."""

from typing import Final

# A census that misses more than both is rather a lost permission (rule W10).
MOST_MISSING: Final = 20
MOST_MISSING_SHARE: Final = 0.05


def is_suspect(*, missing: int, known: int) -> bool:
    """Say whether so many of the known records are missing that none is taken for deleted.

    missing: records that are mirrored and were not listed; known: all that are mirrored.
    """
    return missing > MOST_MISSING and missing > known * MOST_MISSING_SHARE
