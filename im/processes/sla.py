"""Looks at a policy file for who writes it, and seals it; asks no running system."""

import os
from dataclasses import replace
from pathlib import Path

from domain.sla.policy import SlaPolicy, version_of
from im.boot import now
from im.refusal import StartRefusedError
from models.coding import to_milliseconds
from operations.sla.judge import judged
from operations.sla.look import PolicySource, Seen, look
from operations.sla.policy_text import sealed


def check(path: Path) -> None:
    """Print which version a file means, and which calendars never open.

    Raises StartRefusedError, with status 1, that names the first fault and its place.
    """
    policy = _policy(path, _seen(path))
    print(f"{path} is good: version {version_of(policy)}")
    for name in policy.idle_calendars(to_milliseconds(now())):
        print(f"{path}: the calendar {name} does not open any more; no target in it ends")


def seal(path: Path) -> None:
    """Write the hash of all above it into a file's last line, at once or not at all.

    A link stays one: the file that it leads to is replaced, with the rights that it has.
    Raises StartRefusedError, with status 1, when the file is bad otherwise.
    """
    seen = _seen(path)
    content = sealed(seen.content)
    policy = _policy(path, replace(seen, content=content))
    try:
        _replace(path.resolve(), content)
    except OSError as error:
        raise _refused(f"{path} cannot be written ({error.strerror})") from None
    print(f"{path} is sealed: version {version_of(policy)}")


def _seen(path: Path) -> Seen:
    seen = look(PolicySource(path=path))
    if seen.fault is not None:
        raise _refused(seen.fault)
    return seen


def _policy(path: Path, seen: Seen) -> SlaPolicy:
    found = judged(seen)
    if isinstance(found, SlaPolicy):
        return found
    raise _refused(f"{path}: {found.message}")


def _replace(path: Path, content: bytes) -> None:
    """Let nobody see half of the content, not even after a power cut."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), path.stat().st_mode)
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _refused(why: str) -> StartRefusedError:
    return StartRefusedError(why, exit_code=1)
