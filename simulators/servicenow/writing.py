"""What a rule is told of a write, and how it refuses one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class Mandatory(Exception):  # noqa: N818 — named after the vendor's data policy
    """A data policy asks for fields that are empty; ``labels`` names them."""

    def __init__(self, labels: list[str]) -> None:
        """Keep the labels, which the answer shows."""
        super().__init__(", ".join(labels))
        self.labels = labels


class Aborted(Exception):  # noqa: N818 — the vendor's word
    """A business rule lets the write not happen."""

    def __init__(self, table: str, rule: str) -> None:
        """Word it as the answer does."""
        super().__init__(
            f"Operation against file '{table}' was aborted by Business Rule '{rule}'. "
            "Error: Invalid update"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """Who writes, when, and how this instance is set up.

    user: sys_id of the writer; at: now, in UTC text.
    is_new: the row is being created.
    lowest: the priority that impact 3 and urgency 3 give.
    """

    user: str
    at: str
    is_new: bool
    lowest: str


class Rule(Protocol):
    """Decides what a write to one table leads to. Pure."""

    def __call__(
        self, before: Mapping[str, str], asked: Mapping[str, str], writing: Writing
    ) -> dict[str, str]:
        """Return all fields that are set: those asked for, and what follows.

        before: the row, or the defaults of a new one.
        Raises Mandatory and Aborted.
        """


def require(needed: Mapping[str, str], before: Mapping[str, str], asked: Mapping[str, str]) -> None:
    """Raise Mandatory, by label, when a needed field is empty and not given.

    needed: field to its label.
    """
    labels = [label for name, label in needed.items() if not asked.get(name, before[name])]
    if labels:
        raise Mandatory(labels)
