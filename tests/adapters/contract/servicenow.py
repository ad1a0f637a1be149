"""The bench of ServiceNow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Final

import httpx

from adapters.field_map import FieldMap
from domain.inbound import MirroredValue
from domain.records import IncidentStatus, RecordKind
from simulators import misfortune
from simulators.limit import Limit
from simulators.misfortune import Kind
from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.login import Account
from simulators.servicenow.query import Dialect, translate
from simulators.servicenow.tables import TABLES
from simulators.servicenow.webhook import Target
from tests.adapters.conftest import Clock
from tests.adapters.contract.bench import Deed, Odd, WorkedBench
from tests.postbox import ADDRESS, Postbox

_BASIC: Final = {"user": "admin", "password": "secret"}
# Where the records of a kind are, and their titles.
_PLACES: Final = {
    RecordKind.INCIDENT: ("incident", "short_description"),
    RecordKind.CHANGE: ("change_request", "short_description"),
    RecordKind.EVENT: ("em_alert", "description"),
    RecordKind.TICKET: ("sn_customerservice_case", "short_description"),
    RecordKind.SERVICE: ("cmdb_ci_service", "name"),
}
_METHODS: Final = {Deed.CREATE: "POST", Deed.EDIT: "PATCH", Deed.COMMENT: "PATCH"}
_TITLE_ELSEWHERE: Final = FieldMap(
    kind=RecordKind.INCIDENT, field="title", external_field="description"
)


@dataclass(slots=True)
class ServiceNowBench:
    instance: ServiceNow
    transport: httpx.AsyncBaseTransport
    credentials: Mapping[str, str] = field(default_factory=lambda: _BASIC)
    needed: Mapping[str, MirroredValue] = field(default_factory=dict)
    unknown: str = "f" * 32
    custom: FieldMap | None = _TITLE_ELSEWHERE

    def create(self, title: str, kind: RecordKind = RecordKind.INCIDENT) -> str:
        table, name = _PLACES[kind]
        return self.instance.create({name: title}, table=table)["sys_id"]

    def edit(self, external_id: str, title: str, kind: RecordKind = RecordKind.INCIDENT) -> None:
        table, name = _PLACES[kind]
        self.instance.edit(external_id, {name: title}, table=table)

    def fill(self, external_id: str, external_field: str, value: str) -> None:
        self.instance.edit(external_id, {external_field: value})

    def resolve(self, external_id: str) -> None:
        solved = {"state": "6", "close_code": "Solved", "close_notes": "Restarted"}
        self.instance.edit(external_id, solved)

    def assign(self, external_id: str) -> str:
        person = self.instance.records.person("beth.li")
        self.instance.edit(external_id, {"assigned_to": person})
        return "Beth Li"

    def delete(self, external_id: str, kind: RecordKind = RecordKind.INCIDENT) -> bool:
        self.instance.delete(external_id, table=_PLACES[kind][0])
        return True

    def comment(self, external_id: str, body: str) -> None:
        self.instance.note(external_id, body, by="beth.li")

    def make_odd(self, external_id: str) -> Odd | None:
        self.instance.edit(external_id, {"state": "-100"})
        return Odd(field="status", external_field="state", raw="-100")

    def titles(self) -> Sequence[str]:
        return self._column("incident", "short_description", "")

    def notes(self, external_id: str) -> Sequence[str]:
        query = f"element_id={external_id}^ORDERBYsys_created_on"
        return self._column("sys_journal_field", "value", query)

    def asked(self) -> int:
        return self.instance.served.total()

    def skew(self, by: timedelta) -> None:
        self.instance.switches.skew = by

    def befall(
        self, kind: Kind, *, detail: str = "", status: int = 0, at: Deed | None = None
    ) -> None:
        method = _METHODS[at] if at else ""
        self.instance.misfortunes.push(
            misfortune.Fault(kind=kind, detail=detail, status=status, method=method)
        )

    def blank(self) -> None:
        self.befall(Kind.NULL_FIELD, detail="sys_updated_on")

    def subscribe(self, box: Postbox) -> Mapping[str, str]:
        target = Target(url=f"{ADDRESS}/webhooks/servicenow/prod", secret="shared")  # noqa: S106 — of a simulator
        self.instance.webhook.install(target, box.http)
        return {"webhook_secret": target.secret}

    async def post(self) -> None:
        await self.instance.webhook.send()

    def refuse(self, external_id: str) -> IncidentStatus:
        self.instance.switches.read_only_fields = {"state"}
        return IncidentStatus.RESOLVED

    def limit(self, limit: Limit) -> None:
        self.instance.switches.limit = limit

    def revoke(self) -> None:
        self.instance.login.revoke()

    def _column(self, table: str, name: str, query: str) -> Sequence[str]:
        selection = translate(query, TABLES[table], Dialect(zone=UTC))
        rows = self.instance.records.store.page(table, [name], selection, limit=1_000, offset=0)
        return [row[name] for row in rows]


def servicenow(clock: Clock) -> WorkedBench:
    instance = ServiceNow(now=clock, account=Account(password=_BASIC["password"]))
    instance.switches.strict_queries = True
    return ServiceNowBench(instance, httpx.ASGITransport(app=instance.app))
