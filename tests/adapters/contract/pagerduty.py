"""The bench of PagerDuty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import httpx

from adapters.field_map import FieldMap
from domain.inbound import MirroredValue, Reference
from domain.records import IncidentStatus, RecordKind
from simulators import misfortune
from simulators.limit import Limit
from simulators.misfortune import Kind
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account
from simulators.pagerduty.store import Selection, equal
from simulators.pagerduty.subscriptions import INCIDENT_EVENTS
from tests.adapters.conftest import Clock
from tests.adapters.contract.bench import Deed, Odd, WorkedBench
from tests.postbox import ADDRESS, Postbox

_SERVICE_EVENTS: Final = ("service.created", "service.updated", "service.deleted")
_TOKEN: Final = {"token": "key-of-the-account", "from": "ada.owner@example.com"}
_DEEDS: Final = {
    Deed.CREATE: ("POST", "/incidents"),
    Deed.EDIT: ("PUT", "/incidents/"),
    Deed.COMMENT: ("POST", "/incidents/"),
}


@dataclass(slots=True)
class PagerDutyBench:
    account: PagerDuty
    transport: httpx.AsyncBaseTransport
    needed: Mapping[str, MirroredValue]
    credentials: Mapping[str, str] = field(default_factory=lambda: _TOKEN)
    unknown: str = "QZZZZZZZZZZZZZ"
    custom: FieldMap | None = None

    def create(self, title: str, kind: RecordKind = RecordKind.INCIDENT) -> str:
        match kind:
            case RecordKind.CHANGE:
                return str(self.account.change(title)["id"])
            case RecordKind.EVENT:
                key = self.account.alert(title)
                alert = self.account.store.first("alert", equal(alert_key=key))
                return str((alert or {})["id"])
            case RecordKind.SERVICE:
                return str(self.account.add_service(title)["id"])
            case _:
                return str(self.account.trigger(title)["id"])

    def edit(self, external_id: str, title: str, kind: RecordKind = RecordKind.INCIDENT) -> None:
        if kind is RecordKind.SERVICE:
            self.account.directory.edit("service", external_id, {"name": title})
        elif kind is RecordKind.INCIDENT:
            self.account.edit(external_id, {"title": title})
        else:
            raise ValueError(f"PagerDuty lets nobody edit {kind}")

    def fill(self, external_id: str, external_field: str, value: str) -> None:
        self.account.edit(external_id, {external_field: value})

    def resolve(self, external_id: str) -> None:
        self.account.resolve(external_id)

    def assign(self, external_id: str) -> str:
        self.account.edit(external_id, {"assignments": ["beth.li"]})
        return "Beth Li"

    def delete(self, external_id: str, kind: RecordKind = RecordKind.INCIDENT) -> bool:
        if kind is RecordKind.SERVICE:
            self.account.delete_service(external_id)
        return kind is RecordKind.SERVICE

    def comment(self, external_id: str, body: str) -> None:
        self.account.note(external_id, body, by="beth.li")

    def make_odd(self, external_id: str) -> Odd | None:
        return None

    def titles(self) -> Sequence[str]:
        return [str(row["title"]) for row in self.account.store.page("incident", Selection())]

    def notes(self, external_id: str) -> Sequence[str]:
        found = self.account.store.page("incident_note", equal(incident=external_id))
        return [str(row["content"]) for row in found]

    def asked(self) -> int:
        return self.account.served.total()

    def skew(self, by: timedelta) -> None:
        self.account.switches.skew = by

    def befall(
        self, kind: Kind, *, detail: str = "", status: int = 0, at: Deed | None = None
    ) -> None:
        method, path = _DEEDS[at] if at else ("", "")
        self.account.misfortunes.push(
            misfortune.Fault(kind=kind, detail=detail, status=status, method=method, path=path)
        )

    def blank(self) -> None:
        # The first answer tells where the list begins.
        self.account.misfortunes.push(
            misfortune.Fault(kind=Kind.NULL_FIELD, detail="updated_at", path="/incidents", skip=1)
        )

    def subscribe(self, box: Postbox) -> Mapping[str, str]:
        self.account.webhooks.http = box.http
        method = {"url": f"{ADDRESS}/webhooks/pagerduty/prod"}
        asked = {"delivery_method": method, "filter": {"type": "account_reference"}}
        made = self.account.webhooks.subscriptions.add(
            {**asked, "events": [*INCIDENT_EVENTS, *_SERVICE_EVENTS]}, "https://acme.example.com"
        )
        return {"webhook_secret": made["secrets"][0]}

    async def post(self) -> None:
        await self.account.webhooks.send()

    def refuse(self, external_id: str) -> IncidentStatus:
        self.account.switches.reopens = False
        self.account.resolve(external_id)
        return IncidentStatus.IN_PROGRESS

    def limit(self, limit: Limit) -> None:
        self.account.switches.rate_limit = limit

    def revoke(self) -> None:
        self.account.login.revoke()


def pagerduty(clock: Clock) -> WorkedBench:
    account = PagerDuty(now=clock, account=Account(token=_TOKEN["token"], email=_TOKEN["from"]))
    shop = Reference(table="service", external_id=account.service("Web Shop")["id"])
    return PagerDutyBench(
        account, httpx.ASGITransport(app=account.app), needed={"services": (shop,)}
    )
