"""Three vendors of one company, in one process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette

from simulators.company import CUSTOMERS
from simulators.demo.clock import Clock
from simulators.demo.story import Story
from simulators.jira.instance import Jira
from simulators.jira.login import Account as JiraAccount
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account as PagerDutyAccount
from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.login import Account
from simulators.servicenow.replay import Plan
from simulators.servicenow.webhook import Target

_MAIL: Final = "admin@example.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What opens each vendor: a password, and two tokens."""

    servicenow: str = field(repr=False)
    jira: str = field(repr=False)
    pagerduty: str = field(repr=False)


class Demo:
    """A ServiceNow, a Jira and a PagerDuty whose records belong together."""

    servicenow: ServiceNow
    """Its recorded log leads: the others follow it."""
    jira: Jira
    """The service desk: changes, requests, and some of the incidents."""
    pagerduty: PagerDuty
    """Deployments, alerts, and the incidents for which somebody is called."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        secrets: Secrets,
        plan: Plan,
        folder: Path | None = None,
        jira_address: str = "https://jira.example.com",
    ) -> None:
        """Build the three, and tell their past.

        folder: for the files ``demo-<vendor>.db`` that a later start goes on
            with; None forgets everything.
        """

        def store(vendor: str) -> Path | None:
            return None if folder is None else folder / f"demo-{vendor}.db"

        clock = Clock(now)
        self._secrets = secrets
        self.servicenow = ServiceNow(
            now=now,
            account=Account(user="admin", password=secrets.servicenow),
            plan=plan,
            lowest_priority="4",
            store=store("servicenow"),
        )
        self.jira = Jira(
            now=clock,
            account=JiraAccount(email=_MAIL, token=secrets.jira),
            store=store("jira"),
            address=jira_address,
        )
        self.pagerduty = PagerDuty(
            now=clock,
            account=PagerDutyAccount(token=secrets.pagerduty, email=_MAIL),
            store=store("pagerduty"),
        )
        self._story = Story(self.servicenow, self.jira, self.pagerduty, clock)

    def tell(
        self,
        addresses: Mapping[str, str],
        secret: str,
        *,
        pagerduty_address: str = "https://api.pagerduty.com",
    ) -> None:
        """Let each vendor tell its address what happens from now on, signed with the secret.

        addresses: by vendor, and nobody else; one that has none tells whom it told before.
        pagerduty_address: with which links in its webhooks begin.
        """
        if url := addresses.get("servicenow"):
            self.servicenow.webhook.install(Target(url=url, secret=secret))
        if url := addresses.get("jira"):
            hooks = self.jira.webhook.registry
            for hook in hooks.all():
                hooks.remove(hook.id)
            self.jira.webhook.install(url, secret)
        if url := addresses.get("pagerduty"):
            subscriptions = self.pagerduty.webhooks.subscriptions
            for known in subscriptions.all():
                subscriptions.remove(known["id"])
            self.pagerduty.subscribe(url, secret, root=pagerduty_address)

    @property
    def apps(self) -> tuple[Starlette, Starlette, Starlette]:
        """The doors of ServiceNow, Jira and PagerDuty."""
        return self.servicenow.app, self.jira.app, self.pagerduty.app

    def greeting(self, servicenow: str, jira: str, pagerduty: str) -> dict[str, Any]:
        """Return what is to be known of the three at these addresses.

        simulators: address and credentials by vendor. mappings: by vendor and
        field, what its values are elsewhere: services by the ids that ServiceNow
        knows them by, and customers by the level of support that was sold.
        """
        services = self._story.joined()
        levels = {customer.name: customer.level for customer in CUSTOMERS}
        return {
            "vendor": "demo",
            "simulators": {
                "servicenow": {
                    "url": servicenow,
                    "user": "admin",
                    "password": self._secrets.servicenow,
                },
                "jira": {"url": jira, "email": _MAIL, "token": self._secrets.jira},
                "pagerduty": {
                    "url": pagerduty,
                    "token": self._secrets.pagerduty,
                    "from": _MAIL,
                },
            },
            "mappings": {
                "jira": {"services": services["jira"], "tier": levels},
                "pagerduty": {"services": services["pagerduty"]},
            },
        }
