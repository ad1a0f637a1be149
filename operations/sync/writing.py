"""Where a page is written to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.transaction import Transaction
from operations.runtime import Runtime
from operations.sync.shapes import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """An open transaction for the records of one kind of one integration.

    traces: of records by their external ids, where each came by a trace of its own.
    has_faulty: rows of the kind that could not be read are kept, or nobody has looked.
    """

    runtime: Runtime
    tx: Transaction
    shape: Shape
    integration_id: str
    provider: str
    traces: Mapping[str, str] = field(default_factory=dict)
    has_faulty: bool = True
