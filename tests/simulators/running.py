"""The command that runs simulators, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

COMMAND = [sys.executable, "-m", "simulators"]


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Run the command until it says that it listens; end it afterwards."""
    with subprocess.Popen(  # noqa: S603 — our own command
        [*COMMAND, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def ended(process: subprocess.Popen[str]) -> int:
    """Close the command's stdin, and return the status that it ends with."""
    assert process.stdin is not None
    process.stdin.close()
    return process.wait(timeout=5)
