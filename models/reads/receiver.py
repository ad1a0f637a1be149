"""Whom deliveries can be for: what the webhooks' door needs to know of integrations."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from tortoise.exceptions import DBConnectionError, OperationalError

from domain.errors import Unavailable
from domain.records import TAKES_INBOUND, Direction
from models.coding import dumps
from models.reads.statement import one_of, rows

# What is raised while the database is away.
AWAY: Final = (DBConnectionError, OperationalError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """An integration that its vendor may tell something.

    is_listening: it is switched on, and takes changes of its vendor.
    """

    integration_id: str
    provider: str
    key: str
    is_listening: bool


async def receivers() -> dict[tuple[str, str], Receiver]:
    """Return all integrations by provider and key. Cost: one statement over a few rows.

    Raises Unavailable while the database is away.
    """
    try:
        found = await rows("SELECT id, provider, key, is_enabled, direction FROM integration")
    except AWAY as error:
        raise Unavailable(f"the database does not answer: {type(error).__name__}") from error
    return {
        (row["provider"], row["key"]): Receiver(
            integration_id=row["id"],
            provider=row["provider"],
            key=row["key"],
            is_listening=bool(row["is_enabled"]) and Direction(row["direction"]) in TAKES_INBOUND,
        )
        for row in found
    }


async def sealed_secrets(integration_id: str, names: Collection[str]) -> dict[str, str]:
    """Return some of an integration's credentials, sealed. Cost: one index range."""
    found = await rows(
        f"""
        SELECT name, sealed FROM credential
        WHERE integration_id = $1 AND {one_of("name", "$2")}
        """,  # noqa: S608 — the inserted text is ours
        integration_id,
        dumps(sorted(names)),
    )
    return {row["name"]: row["sealed"] for row in found}


def webhook_path(provider: str, key: str) -> str:
    """Return where an integration's vendor is to send what it tells."""
    return f"/webhooks/{provider}/{key}"
