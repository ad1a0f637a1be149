"""Numbers that people use for things: ``conflict-123``."""

from models.transaction import Transaction


async def next_numbers(tx: Transaction, name: str, how_many: int = 1) -> range:
    """Return so many new numbers, rising, from 1 on. Cost: one statement.

    The row stays locked until the commit: numbers have no gaps but those of a
    transaction that is undone.
    """
    found = await tx.rows(
        """
        INSERT INTO serial (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = serial.value + excluded.value
        RETURNING value
        """,
        name,
        how_many,
    )
    last = found[0]["value"]
    return range(last - how_many + 1, last + 1)
