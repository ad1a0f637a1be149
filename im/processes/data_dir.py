"""The folder of one installation: claimed by one supervisor, with private files in it."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from im.refusal import StartRefusedError

# Says where the product answers, while it does.
READY: Final = "ready.json"
_LOCK: Final = "run.lock"


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Make the folder, and hold it against a second supervisor until the end.

    The lock is the kernel's: it goes with the process, however that ends.
    Raises StartRefusedError when the folder cannot be written or is held.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / _LOCK).open("a")
    except OSError as error:
        raise StartRefusedError(
            f"DATA_DIR {folder} cannot be written ({error.strerror}): "
            "make it writable, or set DATA_DIR to another folder"
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartRefusedError(
                f"watchpane is already running on {folder}: stop it, or set DATA_DIR"
            ) from None
        yield


def write_private(path: Path, facts: Mapping[str, object]) -> None:
    """Write a JSON file at once or not at all, readable by its owner only."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(facts, file, indent=2)
        file.write("\n")
    draft.replace(path)


def read_private(path: Path) -> dict[str, Any]:
    """Return what ``write_private`` wrote; empty when it is missing or damaged."""
    try:
        facts = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}
