"""What a reader may see; every read of mirrored records takes one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Integrations by key; None means all of them, now and later.

    A record is in scope by any of its links, and when it has none.
    """

    keys: frozenset[str] | None

    def has(self, key: str) -> bool:
        """Say whether an integration is in scope."""
        return self.keys is None or key in self.keys
