"""Where a page is written to."""

from dataclasses import dataclass

from models.transaction import Transaction
from operations.runtime import Runtime
from operations.sync.shapes import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """An open transaction for the records of one kind of one integration."""

    runtime: Runtime
    tx: Transaction
    shape: Shape
    integration_id: str
    provider: str
