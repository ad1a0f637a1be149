"""Knock at our own door as a vendor does, and say what to do where that fails."""

from dataclasses import dataclass

from adapters.exchange import Check, Checked
from adapters.registry import manifest
from domain.access.roles import Actor
from domain.errors import NotFound
from models.reads.receiver import Receiver, receivers, webhook_path
from models.tables.integration import IntegrationRow
from operations.access.authorise import Action, authorise
from operations.runtime import Runtime
from operations.sync.receive import Arrival, Reception, receive, secrets_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TestWebhook:
    """Which integration."""

    __test__ = False

    integration_id: str


async def test_webhook(runtime: Runtime, actor: Actor, ask: TestWebhook) -> Checked:
    """Sign a delivery that tells nothing with the stored secret, and let it in like any other.

    What lies between the vendor and us is not tried: only the vendor can do that.
    Raises NotFound, Forbidden, and Unavailable when the secret cannot be opened.
    """
    row = await IntegrationRow.filter(id=ask.integration_id).first()
    if row is None:
        raise NotFound("integration", ask.integration_id, path=("id",))
    authorise(actor, Action.CONFIGURE_INTEGRATION, integration_key=row.key)
    receiver = (await receivers())[row.provider, row.key]
    arrival = await _sample(runtime, receiver)
    if arrival is None:
        names = _secret_names(row.provider)
        return Checked(checks=(_check("secret", f"no webhook secret is set; set {names}"),))
    reception = await receive(runtime, receiver, arrival)
    return Checked(checks=(_check("secret"), *_checks(reception)))


async def _sample(runtime: Runtime, receiver: Receiver) -> Arrival | None:
    """Return a delivery as the vendor would send it; None without a secret to sign it."""
    webhooks = manifest(receiver.provider).webhooks
    if webhooks is None:
        return None
    secrets = await secrets_of(runtime, receiver.integration_id, webhooks)
    path = webhook_path(receiver.provider, receiver.key)
    raw = webhooks.sample(path, secrets, runtime.now(), runtime.new_id())
    if raw is None:
        return None
    return Arrival(
        method=raw.method,
        path=raw.path,
        query=raw.query,
        headers=raw.headers,
        body=raw.body,
        source_address=None,
    )


def _checks(reception: Reception) -> tuple[Check, ...]:
    match reception:
        case Reception.REFUSED:
            refused = "the delivery was refused; see the integration's rejected deliveries"
            return (_check("signature", refused),)
        case Reception.DROPPED:
            dropped = (
                "taken and let go: switch the integration on, and let its direction be"
                " INBOUND or BIDIRECTIONAL"
            )
            return (_check("signature"), _check("listening", dropped))
        case Reception.STORED | Reception.KNOWN:
            return (_check("signature"), _check("listening"), _check("stored"))


def _check(name: str, fault: str = "") -> Check:
    return Check(name=name, is_ok=not fault, detail=fault or "as it should be")


def _secret_names(provider: str) -> str:
    webhooks = manifest(provider).webhooks
    return "it" if webhooks is None else " or ".join(webhooks.credentials[:1])
