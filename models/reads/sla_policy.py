"""Which service levels are in force, and what was refused since."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import BaseORMException

from models.coding import from_milliseconds
from models.reads.statement import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A file that was refused; line and column count from 1, None where there was no text."""

    message: str
    line: int | None
    column: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """What became of the policy file.

    version, in_force_since: of the policy that all processes go by.
    loaded_at, loaded_by: when the file was good last, and who had it read.
    refusal: the file as it is now, when it is not good.
    """

    version: str
    in_force_since: datetime
    path: str
    loaded_at: datetime
    loaded_by: str
    refusal: Refusal | None


async def policy_file() -> PolicyFile | None:
    """Return it, None before the first policy. Cost: one row by its key."""
    found = await rows(
        """
        SELECT version, in_force_since, path, loaded_at, loaded_by,
            error, error_line, error_column, error_at
        FROM sla_file WHERE id = 1
        """
    )
    if not found:
        return None
    row = found[0]
    refusal = None
    if row["error"] is not None:
        refusal = Refusal(
            message=row["error"],
            line=row["error_line"],
            column=row["error_column"],
            at=from_milliseconds(row["error_at"]),
        )
    return PolicyFile(
        version=row["version"],
        in_force_since=from_milliseconds(row["in_force_since"]),
        path=row["path"],
        loaded_at=from_milliseconds(row["loaded_at"]),
        loaded_by=row["loaded_by"],
        refusal=refusal,
    )


async def policy_content(version: str) -> bytes:
    """Return the text of a version that is or was in force. Cost: one row by its key."""
    found = await rows("SELECT content FROM sla_policy WHERE version = $1", version)
    content: str = found[0]["content"]
    return content.encode()


async def policy_fault() -> str | None:
    """Return what is wrong with the policy file, or None; nothing stops for it."""
    try:
        file = await policy_file()
    except (BaseORMException, OSError):
        return "unknown: the database does not answer"
    if file is None or file.refusal is None:
        return None
    return f"{file.path}: {file.refusal.message}; the last good policy stays in force"
