"""Give out a token; it is shown once and stored as a hash."""

from collections.abc import Collection
from dataclasses import dataclass

from domain.access.roles import Role
from models.tables.token import TokenRow
from models.transaction import Transaction, commit
from operations.access.authenticate import PREFIX, digest_of
from operations.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueToken:
    """For whom, and what it allows."""

    name: str
    roles: Collection[Role]
    scopes: Collection[str] = ("*",)


async def issue_token(runtime: Runtime, ask: IssueToken) -> str:
    """Return a new token ``wp_<id>_<256 bits>``.

    Only the process that owns the machine calls it; the graph has no door to it yet.
    """
    token_id, secret = runtime.new_id(), runtime.new_secret()

    async def write(_: Transaction) -> None:
        await TokenRow.create(
            id=token_id,
            digest=digest_of(secret),
            name=ask.name,
            roles=sorted(ask.roles),
            scopes=sorted(ask.scopes),
            created_at=runtime.now(),
        )

    await commit(write)
    return f"{PREFIX}_{token_id}_{secret}"
