"""Subjects whose clocks cannot be measured: they are set aside, and disturb no other."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from models.coding import to_milliseconds
from models.transaction import AT_ONCE, Transaction
from operations.runtime import Runtime

# What is raised over data that this program does not understand; the database raises others.
OF_DATA: Final = (ValueError, TypeError, LookupError, ArithmeticError)


class Spoilt(Exception):  # noqa: N818 — named for what happened
    """Some subjects could not be looked at, for one of them; the cause says why.

    rows: of the subjects, as they were found.
    """

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        """Take the rows."""
        super().__init__(f"{len(rows)} subjects")
        self.rows = rows


# When such a subject is looked at again, unless it changes before.
AGAIN: Final = timedelta(hours=1)
_LONGEST: Final = 500


async def set_aside(
    tx: Transaction, *, runtime: Runtime, row: dict[str, Any], error: BaseException | None
) -> None:
    """Keep why a subject could not be looked at, and look again in an hour.

    row: of the subject, as it was found. A change of it since then has it looked at
    at once, as always. A walk goes on behind it.
    """
    now = runtime.now()
    # Unless it was found so, that it is to be looked at once is of a change since then.
    unchanged = "" if row["look_at"] == AT_ONCE else f"AND coalesce(look_at, 1) <> {AT_ONCE}"
    await tx.rows(
        f"UPDATE sla_subject SET look_at = $2 WHERE id = $1 {unchanged} RETURNING id",  # noqa: S608 — words of ours
        row["id"],
        to_milliseconds(now + AGAIN),
    )
    fault: dict[str, object] = {
        "subject_id": row["id"],
        "error": f"{type(error).__name__}: {error}"[:_LONGEST],
        "at": to_milliseconds(now),
    }
    await tx.upsert("sla_fault", [fault], key=("subject_id",))
    if row["is_walked"]:
        await tx.rows(
            """
            UPDATE schedule SET walk_after = $1 WHERE name = 'sla' AND walk_after < $1
            RETURNING name
            """,
            row["id"],
        )
