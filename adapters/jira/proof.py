"""How a site's deliveries prove where they come from. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from adapters import signatures
from adapters.delivery import RawDelivery, Rejected, Verified
from adapters.jira import tokens
from adapters.jira.webhook import about

_SIGNATURE: Final = "x-hub-signature"
_METHOD: Final = "sha256="
_AUTHORIZATION: Final = "authorization"
_DELIVERY: Final = "x-atlassian-webhook-identifier"
_SHARED: Final = "shared_secret"
_CLIENT_KEY: Final = "client_key"
_CLIENT: Final = "client_secret"
# Of what we send ourselves.
_TEST: Final = "watchpane:test"
_LIFE_SECONDS: Final = 180


class Signed:
    """The three proofs; of those that there are secrets for, the strongest one is asked for.

    The first binds the body, the second the address, the third neither.
    """

    credentials: tuple[str, ...] = (*signatures.ROTATED, _SHARED, _CLIENT_KEY, _CLIENT)
    headers = frozenset({_SIGNATURE, _AUTHORIZATION, _DELIVERY})

    def verify(
        self, delivery: RawDelivery, secrets: Mapping[str, str], now: datetime
    ) -> Verified | Rejected:
        """Check a signature of the body, or a token that Jira has made within five minutes."""
        try:
            self._check(delivery, secrets, now)
        except tokens.Refused as refused:
            return Rejected(reason=str(refused))
        return Verified(
            dedup_key=signatures.delivery_id(delivery.headers.get(_DELIVERY)),
            external_id=about(delivery),
        )

    def _check(self, delivery: RawDelivery, secrets: Mapping[str, str], now: datetime) -> None:
        if held := signatures.held(secrets):
            told = delivery.headers.get(_SIGNATURE, "")
            if not told:
                raise tokens.Refused("X-Hub-Signature is missing")
            if not told.startswith(_METHOD):
                raise tokens.Refused("X-Hub-Signature is not of sha256")
            if not signatures.signed_by_one([told.removeprefix(_METHOD)], held, delivery.body):
                raise tokens.Refused(signatures.WRONG)
        elif secrets.get(_SHARED) and secrets.get(_CLIENT_KEY):
            claimed = tokens.claims(_token(delivery, "JWT"), secrets[_SHARED], now)
            wanted = tokens.request_hash(delivery.method, delivery.path, delivery.query)
            tokens.bind(claimed, secrets[_CLIENT_KEY], wanted)
        elif secrets.get(_CLIENT):
            tokens.claims(_token(delivery, "Bearer"), secrets[_CLIENT], now)
        else:
            raise tokens.Refused(signatures.UNSET)

    def sample(
        self, path: str, secrets: Mapping[str, str], now: datetime, delivery_id: str
    ) -> RawDelivery | None:
        """Return a delivery of an event that Jira has not."""
        body = signatures.sample_body({"webhookEvent": _TEST})
        proof = self._proof(path, body, secrets, now)
        if proof is None:
            return None
        name, value = proof
        headers = {_DELIVERY: delivery_id, name: value}
        return RawDelivery(method="POST", path=path, headers=headers, body=body)

    def _proof(
        self, path: str, body: bytes, secrets: Mapping[str, str], now: datetime
    ) -> tuple[str, str] | None:
        at = int(now.timestamp())
        lived: dict[str, object] = {"iat": at, "exp": at + _LIFE_SECONDS}
        for secret in signatures.held(secrets)[:1]:
            return _SIGNATURE, _METHOD + signatures.signature(secret, body)
        if secrets.get(_SHARED) and secrets.get(_CLIENT_KEY):
            query_hash = tokens.request_hash("POST", path, "")
            claimed = lived | {"iss": secrets[_CLIENT_KEY], "qsh": query_hash}
            return _AUTHORIZATION, f"JWT {tokens.token(secrets[_SHARED], claimed)}"
        if secrets.get(_CLIENT):
            return _AUTHORIZATION, f"Bearer {tokens.token(secrets[_CLIENT], lived)}"
        return None


SIGNED: Final = Signed()


def _token(delivery: RawDelivery, scheme: str) -> str:
    told = delivery.headers.get(_AUTHORIZATION, "")
    given, _, token = told.partition(" ")
    if given != scheme or not token:
        raise tokens.Refused(f"Authorization has no {scheme} token")
    return token.strip()
