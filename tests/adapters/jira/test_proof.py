import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from adapters.jira import tokens
from adapters.jira.proof import SIGNED
from tests.adapters.delivering import NOON, accepted, raw, refused, signature
from tests.adapters.jira.reading import recorded

VECTORS = recorded("signatures")
SHARED = "0123456789abcdef" * 2
ANOTHER = "fedcba9876543210" * 2
CONNECT = {"shared_secret": SHARED, "client_key": "jira:1234"}
APP = {"client_secret": SHARED}
PATH = "/webhooks/jira/prod"
QUERY = "user_id=5e9&user_key=5e9"
AT = int(NOON.timestamp())
CLAIMS = {
    "iss": "jira:1234",
    "iat": AT,
    "exp": AT + 180,
    "qsh": tokens.request_hash("POST", PATH, QUERY),
}
BODY = b"Hello World!"
RIGHT = signature(SHARED, BODY)
UNSIGNED = "the token is not signed with HS256 and the secret"


def connected(token: str, *, path: str = PATH, query: str = QUERY, scheme: str = "JWT") -> Any:  # noqa: ANN401 — a delivery
    return raw(b"{}", {"Authorization": f"{scheme} {token}"}, path=path, query=query)


def made(
    claims: Mapping[str, object] | None = None,
    secret: str = SHARED,
    header: dict[str, Any] | None = None,
) -> str:
    """Return a token with some claims altered; those that are None are left out."""
    altered = {**CLAIMS, **(claims or {})}
    told = {name: value for name, value in altered.items() if value is not None}
    return jwt.encode(told, secret, algorithm="HS256", headers=header)


def by_hand(header: object, claims: object, secret: str = SHARED) -> str:
    """Return a token that no library would make, rightly signed."""
    parts = (json.dumps(part).encode() for part in (header, claims))
    text = ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    digest = bytes.fromhex(signature(secret, text.encode()))
    return f"{text}.{urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def split(url: str, base_path: str = "") -> tuple[str, str]:
    """Return path and query behind the base path, as the door tells them."""
    path, _, query = url.removeprefix(base_path).partition("?")
    return path, query


@pytest.mark.parametrize("vector", VECTORS["query_hash"], ids=lambda vector: vector["url"])
def test_a_request_is_hashed_as_the_vendors_library_does(vector: dict[str, str]) -> None:
    path, query = split(vector["url"], vector["base_path"])

    assert tokens.canonical(vector["method"], path, query) == vector["canonical"]
    assert tokens.request_hash(vector["method"], path, query) == vector["qsh"]


@pytest.mark.parametrize("vector", VECTORS["hub_headers"], ids=lambda vector: vector["name"])
def test_signatures_of_bodies_are_judged_as_published(vector: dict[str, Any]) -> None:
    delivery = raw(vector["body"].encode(), vector["headers"])
    judge = accepted if vector["valid"] else refused

    judge(SIGNED, delivery, {"webhook_secret": vector["secret"]})


@pytest.mark.parametrize("vector", VECTORS["connect_tokens"], ids=lambda vector: vector["name"])
def test_tokens_of_connect_are_judged_as_computed_elsewhere(vector: dict[str, Any]) -> None:
    path, query = split(vector["url"])
    secrets = {"shared_secret": vector["secret"], "client_key": "jira:1234-client-key"}
    judge = accepted if vector["valid"] else refused

    delivery = raw(b"{}", vector["headers"], path=path, query=query)

    judge(SIGNED, delivery, secrets, datetime.fromtimestamp(vector["clock"], UTC))


@pytest.mark.parametrize("vector", VECTORS["oauth_tokens"], ids=lambda vector: vector["name"])
def test_tokens_of_apps_are_judged_as_computed_elsewhere(vector: dict[str, Any]) -> None:
    secrets = {"client_secret": vector["client_secret"]}
    judge = accepted if vector["valid"] else refused

    judge(
        SIGNED, raw(b"{}", vector["headers"]), secrets, datetime.fromtimestamp(vector["clock"], UTC)
    )


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (None, "X-Hub-Signature is missing"),
        (RIGHT, "X-Hub-Signature is not of sha256"),
        (f"sha1={RIGHT[:40]}", "X-Hub-Signature is not of sha256"),
        (f"sha512={RIGHT}{RIGHT}", "X-Hub-Signature is not of sha256"),
        (f"sha256={RIGHT[:-2]}", "the signature fits no secret"),
        (f"sha256={RIGHT}\r\n", "the signature fits no secret"),
        ("sha256=é", "the signature fits no secret"),
        (f"sha256={signature('other', BODY)}", "the signature fits no secret"),
    ],
)
def test_a_forged_signature_is_refused_with_the_reason(header: str | None, reason: str) -> None:
    headers = {} if header is None else {"X-Hub-Signature": header}

    assert refused(SIGNED, raw(BODY, headers), {"webhook_secret": SHARED}) == reason


def test_either_secret_of_a_rotation_is_enough() -> None:
    delivery = raw(BODY, {"X-Hub-Signature": f"sha256={RIGHT}"})

    accepted(SIGNED, delivery, {"webhook_secret": "old", "webhook_secret_next": SHARED})


def test_where_bodies_are_signed_a_token_is_no_proof() -> None:
    delivery = connected(made())

    accepted(SIGNED, delivery, CONNECT)
    reason = refused(SIGNED, delivery, {**CONNECT, "webhook_secret": "shared"})
    assert reason == "X-Hub-Signature is missing"


def test_where_addresses_are_bound_a_token_without_address_is_no_proof() -> None:
    delivery = connected(made(), scheme="Bearer")

    accepted(SIGNED, delivery, APP)
    assert refused(SIGNED, delivery, {**APP, **CONNECT}) == "Authorization has no JWT token"


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": None}, "the token's iss is not ours"),
        ({"iss": "jira:9999"}, "the token's iss is not ours"),
        ({"iss": ""}, "the token's iss is not ours"),
        ({"qsh": None}, "the token's qsh is not ours"),
        ({"qsh": "context-qsh"}, "the token's qsh is not ours"),
        ({"qsh": tokens.request_hash("GET", PATH, QUERY)}, "the token's qsh is not ours"),
        ({"exp": None}, "the token's exp is missing or no time"),
        ({"exp": AT + 10 * 365 * 86_400}, "the token lives too long"),
        ({"exp": AT + 901}, "the token lives too long"),
        ({"exp": AT - 61}, "the token has expired"),
        ({"iat": None}, "the token's iat is missing or no time"),
        ({"iat": AT - 360, "exp": AT + 180}, "the token has expired"),
        ({"iat": AT - 301, "exp": AT + 180}, "the token has expired"),
        ({"iat": AT + 61, "exp": AT + 180}, "the token comes from the future"),
        ({"iat": -1, "exp": 100}, "the token's iat is missing or no time"),
    ],
)
def test_a_claim_that_is_not_right_is_named(claims: dict[str, object], reason: str) -> None:
    assert refused(SIGNED, connected(made(claims)), CONNECT) == reason


@pytest.mark.parametrize("name", ["iat", "exp"])
@pytest.mark.parametrize("told", [True, "1772452800", "Infinity", float("inf"), 1.5, [AT], {}])
def test_a_time_that_is_none_is_refused(name: str, told: object) -> None:
    token = by_hand({"typ": "JWT", "alg": "HS256"}, {**CLAIMS, name: told})
    # What is no JSON is no token.
    reason = UNSIGNED if told == float("inf") else f"the token's {name} is missing or no time"

    assert refused(SIGNED, connected(token), CONNECT) == reason


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "....",
        made().rpartition(".")[0] + ".",
        made()[:-2],
        made(None, ANOTHER),
        jwt.encode(CLAIMS, "", algorithm="none"),
        jwt.encode(CLAIMS, SHARED * 2, algorithm="HS512"),
        by_hand({"alg": "RS256"}, CLAIMS),
        by_hand({"alg": "none"}, CLAIMS),
        by_hand({"alg": ["HS256"]}, CLAIMS),
        by_hand({}, CLAIMS),
        by_hand({"alg": "HS256"}, ["a", "list"]),
        by_hand({"alg": "HS256"}, "text"),
        by_hand([], CLAIMS),
        by_hand({"alg": "HS256", "b64": False}, CLAIMS),
        made() + "é",
        "\x00" * 10,
    ],
)
def test_what_is_no_signed_token_is_refused(token: str) -> None:
    assert refused(SIGNED, connected(token), CONNECT) in {
        UNSIGNED,
        "Authorization has no JWT token",
        "the token's iat is missing or no time",
    }


def test_where_the_key_is_to_be_found_is_not_listened_to() -> None:
    accepted(
        SIGNED, connected(made(header={"kid": "../../x", "jku": "https://evil.example"})), CONNECT
    )


def test_a_token_that_asks_for_more_is_refused() -> None:
    for header in ({"crit": ["exp"], "alg": "HS256"}, {"crit": [], "alg": "HS256"}):
        refused(SIGNED, connected(by_hand(header, CLAIMS)), CONNECT)


def test_an_endless_token_is_refused_unread() -> None:
    assert refused(SIGNED, connected("e" * 1_000_000), CONNECT) == "the token is too long"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/webhooks/jira/other", QUERY),
        (PATH, ""),
        (PATH, "user_id=5e9&user_key=other"),
        (PATH, f"{QUERY}&user_id=5e9"),
    ],
)
def test_a_token_for_one_address_is_none_for_another(path: str, query: str) -> None:
    delivery = connected(made(), path=path, query=query)

    assert refused(SIGNED, delivery, CONNECT) == "the token's qsh is not ours"


@pytest.mark.parametrize(
    "query", ["%ff=%fe", "a=%", "a=%zz", "=", "&&&", "jwt=x", "a" * 5_000, "%00=%0a", "ü=é"]
)
def test_an_odd_query_is_hashed_all_the_same(query: str) -> None:
    token = made({"qsh": tokens.request_hash("POST", PATH, query)})

    accepted(SIGNED, connected(token, query=query), CONNECT)


@pytest.mark.parametrize("secrets", [CONNECT | {"shared_secret": "short"}, {"client_secret": "s"}])
def test_a_secret_that_can_be_guessed_proves_nothing(secrets: dict[str, str]) -> None:
    scheme = "JWT" if "client_key" in secrets else "Bearer"

    reason = refused(SIGNED, connected(made(), scheme=scheme), secrets)

    assert reason == "the secret has fewer than 32 bytes"


@pytest.mark.parametrize("secrets", [{}, {"shared_secret": SHARED}, {"client_key": "jira:1234"}])
def test_without_a_secret_nothing_is_believed(secrets: dict[str, str]) -> None:
    assert refused(SIGNED, connected(made()), secrets) == "no webhook secret is set"


def test_a_delivery_is_known_again_by_what_jira_calls_it() -> None:
    headers = {"X-Hub-Signature": f"sha256={RIGHT}", "X-Atlassian-Webhook-Identifier": "abc"}

    assert accepted(SIGNED, raw(BODY, headers), {"webhook_secret": SHARED}) == "abc"


@pytest.mark.parametrize("secrets", [{"webhook_secret": "shared"}, CONNECT, APP])
def test_a_sample_is_accepted_and_known_by_its_id(secrets: dict[str, str]) -> None:
    sample = SIGNED.sample(PATH, secrets, NOON, "one")

    assert sample is not None
    assert accepted(SIGNED, sample, secrets) == "one"
    assert SIGNED.sample(PATH, {}, NOON, "one") is None
