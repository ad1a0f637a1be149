"""Looks at the policy file, and when it has come to rest.

Each look reads the file: what a file system tells of its times may be two seconds coarse.
"""

import asyncio
import io
import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

from domain.errors import Unavailable
from operations.sla.policy_text import LARGEST

# What the policy's origin is called when it is the packaged one, wherever that lies.
PACKAGED: Final = "packaged sla_config.yaml"
_MOST_LOOKS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySource:
    """Where the policy is written.

    spare: the packaged file, which is looked at while there is no other.
    rest: how long a file has to stand still before it is believed.
    """

    path: Path
    spare: Path | None = None
    rest: timedelta = timedelta(milliseconds=500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look has seen; equal to another when nothing has moved between the two.

    stamp: size, nanosecond of the last change, and inode; None where no file is.
    content: of a file that is too long, a byte more than may be.
    fault: why it could not be read, and what to do.
    """

    name: str
    stamp: tuple[int, int, int] | None = None
    digest: str
    content: bytes = field(default=b"", repr=False, compare=False)
    fault: str | None = None


def look(source: PolicySource) -> Seen:
    """Return what is there now, be it nothing."""
    seen = _look_at(source.path, name=str(source.path.absolute()))
    if seen.stamp is None and source.spare is not None and not os.path.lexists(source.path):
        return _look_at(source.spare, name=PACKAGED)
    return seen


async def at_rest(source: PolicySource) -> Seen:
    """Return what two looks in a row have seen alike. Raises Unavailable when none do."""
    before = await asyncio.to_thread(look, source)
    for _ in range(_MOST_LOOKS):
        await pause(source.rest)
        seen = await asyncio.to_thread(look, source)
        if seen == before:
            return seen
        before = seen
    raise Unavailable(f"{before.name} is written all the time; try again when it is at rest")


async def pause(span: timedelta) -> None:
    """Let a span pass."""
    with suppress(TimeoutError):
        async with asyncio.timeout(span.total_seconds()):
            await asyncio.Event().wait()


class Watch:
    """Remembers what the last look saw, and what has been dealt with."""

    def __init__(self, source: PolicySource) -> None:
        """Begin without any memory: the first file at rest is new."""
        self._source = source
        self._last: Seen | None = None
        self._done: tuple[str, str] | None = None

    def look(self) -> Seen | None:
        """Return what the last look saw too and nobody has dealt with; else None.

        Call it each ``rest`` of the source.
        """
        before, self._last = self._last, look(self._source)
        if self._last != before or (self._last.name, self._last.digest) == self._done:
            return None
        return self._last

    def done(self, seen: Seen) -> None:
        """Note that something seen has been dealt with: it is not new any more."""
        self._done = (seen.name, seen.digest)


def _look_at(path: Path, *, name: str) -> Seen:
    try:
        with io.BufferedReader(io.FileIO(path, opener=_opened)) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                return _unread(name, "is no file; write one there, or set SLA_CONFIG")
            content = file.read(LARGEST + 1)
    except OSError as error:
        return _unread(name, f"cannot be read ({error.strerror}); mend it, or set SLA_CONFIG")
    return Seen(
        name=name,
        stamp=(found.st_size, found.st_mtime_ns, found.st_ino),
        digest=sha256(content).hexdigest(),
        content=content,
    )


def _opened(path: str, flags: int) -> int:
    # What is no file, such as a pipe, might wait for a writer.
    return os.open(path, flags | os.O_NONBLOCK)


def _unread(name: str, why: str) -> Seen:
    fault = f"{name} {why}"
    return Seen(name=name, digest=sha256(fault.encode()).hexdigest(), fault=fault)
