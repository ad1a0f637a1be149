"""A timer that is put off far more often than it rings."""

import asyncio
from collections.abc import Callable


class Alarm:
    """Rings once the loop's clock reaches a time.

    To put it off costs nothing: the one timer there is looks at its end whether it rings
    too early. Timers made and cancelled for each message cost more than the message.
    """

    def __init__(self, ring: Callable[[], None]) -> None:
        """Call ``ring``, once it is set and its time has come."""
        self._ring = ring
        self._at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def set(self, at: float) -> None:
        """Ring at a time, in seconds of the loop's clock; no earlier than it was set to before."""
        self._at = at
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_at(at, self._look)

    def stop(self) -> None:
        """Ring no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        self._timer = None
        if asyncio.get_running_loop().time() < self._at:
            self.set(self._at)
        else:
            self._ring()
