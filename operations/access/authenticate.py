"""From a bearer token to the one who holds it."""

import hashlib
import hmac

from domain.access.roles import Actor, Role
from domain.errors import Unauthenticated
from models.tables.token import TokenRow
from operations.runtime import Runtime

PREFIX = "wp"
_PARTS = 3
_LONGEST = 200


def digest_of(secret: str) -> str:
    """Return what is stored of a token's secret part."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def authenticate(runtime: Runtime, token: str | None) -> Actor:
    """Return the actor of a token ``wp_<id>_<secret>``.

    Raises Unauthenticated, with the same words whatever is wrong with it.
    Cost: one read by primary key.
    """
    refusal = Unauthenticated("a valid bearer token is needed")
    if token is None or len(token) > _LONGEST or not token.isascii() or "\0" in token:
        raise refusal
    parts = token.split("_", _PARTS - 1)
    if len(parts) != _PARTS or parts[0] != PREFIX:
        raise refusal
    row = await TokenRow.filter(id=parts[1]).first()
    known = row.digest if row is not None else digest_of("")
    if not hmac.compare_digest(digest_of(parts[2]), known) or row is None:
        raise refusal
    is_expired = row.expires_at is not None and row.expires_at <= runtime.now()
    if row.revoked_at is not None or is_expired:
        raise refusal
    return Actor(
        id=row.id,
        name=row.name,
        roles=frozenset(Role(role) for role in row.roles),
        scopes=frozenset(row.scopes),
    )
