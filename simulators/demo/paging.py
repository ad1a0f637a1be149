"""PagerDuty's part of the story: deployments, and incidents that call somebody."""

from typing import Final

from simulators.demo.plot import Incident
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.store import EVERYTHING, Document, equal

_SEVERITIES: Final = {"1": "critical", "2": "error", "3": "warning"}


class Paging:
    """Acts in an account. What people have deleted there is passed over."""

    def __init__(self, account: PagerDuty) -> None:
        """Find what is told by the number of its incident, the key of its alert."""
        self._account = account

    def settle(self) -> None:
        """Let an incident stay acknowledged until it ends, as ServiceNow's does."""
        directory = self._account.directory
        for service in self.services().values():
            directory.edit("service", service, {"acknowledgement_timeout": None})

    def services(self) -> dict[str, str]:
        """Return the ids of the account's services by name."""
        return {one["name"]: one["id"] for one in self._account.store.page("service", EVERYTHING)}

    def deploy(self, told: Incident) -> None:
        """Send a change event of the incident's service."""
        if self._has(told):
            version = f"{told.opened_at:%Y.%m.%d}-{told.drawn('version', 90) + 10}"
            summary = f"Deploy {told.service.name} {version}"
            self._account.change(summary, service=told.service.name)

    def call(self, told: Incident) -> str | None:
        """Send the alert that calls somebody; return the id of its incident."""
        if not self._has(told):
            return None
        self._account.alert(
            told.title,
            service=told.service.name,
            severity=_SEVERITIES.get(told.priority, "info"),
            dedup_key=told.number,
        )
        found = self._incident(told)
        if found is None:
            return None
        self._account.edit(found["id"], {"priority": f"P{told.priority}"})
        return str(found["id"])

    def follow(self, told: Incident) -> None:
        """Acknowledge or resolve what called somebody, as its incident goes."""
        found = self._incident(told)
        if found is None or found["status"] == "resolved":
            return
        if told.is_done:
            self._account.resolve(found["id"], by=told.responder)
        elif told.is_taken and found["status"] == "triggered":
            self._account.acknowledge(found["id"], by=told.responder)

    def _has(self, told: Incident) -> bool:
        return self._account.store.first("service", equal(name=told.service.name)) is not None

    def _incident(self, told: Incident) -> Document | None:
        alert = self._account.store.first("alert", equal(alert_key=told.number))
        return None if alert is None else self._account.store.one("incident", alert["incident"])
