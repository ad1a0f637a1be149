"""The policy file of this checkout, and what else could be written into it."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from operations.sla.look import PolicySource

FILE: Final = Path(__file__).parents[3] / "sla_config.yaml"
WHOLE: Final = FILE.read_bytes()
TEXT: Final = WHOLE.decode()
# Nobody has it in hand, so it need not stand still.
POLICY: Final = PolicySource(path=FILE, rest=timedelta(0))
# Marks in a replacement where the fault is to be found.
HERE: Final = "¦"


def changed(old: str, new: str) -> tuple[bytes, tuple[int, int]]:
    """Return the file with one thing changed, and the line and column that the mark is at."""
    assert TEXT.count(old) == 1, f"{old!r} has to stand in the file once"
    marked = TEXT.replace(old, new)
    above, _, _ = marked.partition(HERE)
    line, column = above.count("\n") + 1, len(above) - above.rfind("\n")
    return marked.replace(HERE, "").encode(), (line, column)


def put(path: Path, content: bytes | None) -> None:
    """Overwrite a file in place, or take it away."""
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
