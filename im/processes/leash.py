"""Becomes another program that dies with the process that started it.

Run as a script, before the program: ``python -I -S leash.py HOW NUMBER UID --
program arguments``. It imports next to nothing and adds about 15 ms.

HOW is ``parent``, NUMBER the id of the parent: Linux kills the program when
the thread that started it ends (so start children from the main thread). Or
HOW is ``pipe``, NUMBER the reading end of a pipe whose writing end only the
parent holds: a second process waits for its end of file, as macOS needs it.
UID is the user to become first, ``-`` to stay: PostgreSQL refuses to be root.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def _hold_by_kernel(parent: int) -> None:
    """Ask Linux for SIGKILL at the parent's death; leave at once if it is dead already."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


def _hold_by_pipe(reading_end: int) -> None:
    """Leave a watcher behind, a child of the program, that kills it at end of file."""
    watched = os.getpid()
    if os.fork() != 0:
        os.close(reading_end)
        return
    os.dup2(reading_end, 0)
    # Whoever reads the program's output to its end must not wait for the watcher.
    os.closerange(1, 65536)
    os.setsid()
    while os.read(0, 4096):
        pass
    # When the program ended before, its number may be another's by now.
    if os.getppid() == watched:
        os.kill(watched, signal.SIGKILL)
    os._exit(0)


def main() -> None:
    """Change the user, take the leash, become the program."""
    how, number, user, _, *command = sys.argv[1:]
    if user != "-":
        # First: Linux forgets the leash when the user changes.
        os.setgroups([])
        os.setgid(int(user))
        os.setuid(int(user))
    if how == "parent":
        _hold_by_kernel(int(number))
    else:
        _hold_by_pipe(int(number))
    os.execvp(command[0], command)  # noqa: S606 — an argument list needs no shell


if __name__ == "__main__":
    main()
