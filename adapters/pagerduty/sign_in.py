"""Who we say we are: an API key, or OAuth for the account or a user."""

from typing import Final
from urllib.parse import urlsplit

from adapters.contract import Access, CredentialSet
from adapters.oauth import Fixed, OAuth, SignIn, TokenEndpoint, nothing_fits

# ``from``: the e-mail address of the user in whose name incidents are written.
# ``account``: region and subdomain, "us.acme".
CREDENTIALS: Final = (
    CredentialSet(name="token", values=("token", "from")),
    CredentialSet(
        name="client_credentials", values=("client_id", "client_secret", "account", "from")
    ),
    CredentialSet(
        name="refresh_token", values=("client_id", "client_secret", "refresh_token", "from")
    ),
)
_SCOPES: Final = (
    "abilities.read",
    "change_events.read",
    "escalation_policies.read",
    "incidents.read",
    "incidents.write",
    "priorities.read",
    "services.read",
    "teams.read",
    "users.read",
)
# Tokens are given out by another host than the one that serves records.
_IDENTITY: Final = "https://identity.pagerduty.com"
_TOKENS: Final = "/oauth/token"


def sign_in(access: Access) -> SignIn:
    """Choose by the credentials that there are; with none that fit, every request fails.

    ``from`` may be missing: then the vendor refuses to be written to.
    """
    given = access.credentials
    names = set(given) - {"from"}
    client = {"client_id", "client_secret"}
    if names == {"token"}:
        # No header can carry other letters: such a key will be refused.
        key = given["token"].encode("ascii", "replace").decode()
        return Fixed(sent={"Authorization": f"Token token={key}"})
    if client | {"account"} <= names:
        scope = " ".join((f"as_account-{given['account']}", *_SCOPES))
        grant = {"grant_type": "client_credentials", "scope": scope}
        return OAuth(access, TokenEndpoint(url=_address(access.base_url), grant=grant))
    if client | {"refresh_token"} <= names:
        return OAuth(access, TokenEndpoint(url=_address(access.base_url)))
    return nothing_fits(CREDENTIALS)


def _address(base_url: str) -> str:
    """Return where tokens are given out; a vendor beside us does it itself."""
    host = urlsplit(base_url).hostname or ""
    return f"{_IDENTITY}{_TOKENS}" if host.endswith(".pagerduty.com") else _TOKENS
