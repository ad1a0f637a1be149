"""The bench of Jira Service Management."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import httpx

from adapters.field_map import FieldMap
from domain.inbound import MirroredValue
from domain.records import IncidentStatus, RecordKind
from simulators import misfortune
from simulators.jira import adf
from simulators.jira.instance import Jira
from simulators.jira.login import Account
from simulators.jira.workflows import Transition
from simulators.limit import Limit
from simulators.misfortune import Kind
from tests.adapters.conftest import Clock
from tests.adapters.contract.bench import Deed, Odd, WorkedBench
from tests.postbox import ADDRESS, Postbox

_ACCOUNT: Final = {"email": "admin@example.com", "api_token": "secret"}
_TYPES: Final = {
    RecordKind.INCIDENT: "[System] Incident",
    RecordKind.CHANGE: "[System] Change",
    RecordKind.TICKET: "[System] Service request",
}
_ISSUE: Final = "/rest/api/3/issue"
# The ids that a site gives to its first issues.
_NUMBERS: Final = range(10_001, 10_101)
# Some sites have a shorter way than the one that a service desk begins with.
_AT_ONCE: Final = Transition(id="999", name="Resolve at once", to="10102", resolution="10000")
_TITLE_ELSEWHERE: Final = FieldMap(
    kind=RecordKind.INCIDENT, field="title", external_field="environment"
)


@dataclass(slots=True)
class JiraBench:
    site: Jira
    transport: httpx.AsyncBaseTransport
    credentials: Mapping[str, str] = field(default_factory=lambda: _ACCOUNT)
    needed: Mapping[str, MirroredValue] = field(default_factory=dict)
    unknown: str = "99999999"
    custom: FieldMap | None = _TITLE_ELSEWHERE

    def create(self, title: str, kind: RecordKind = RecordKind.INCIDENT) -> str:
        return str(self.site.create(_TYPES[kind], {"summary": title})["id"])

    def edit(self, external_id: str, title: str, kind: RecordKind = RecordKind.INCIDENT) -> None:
        self.fill(external_id, "summary", title)

    def fill(self, external_id: str, external_field: str, value: str) -> None:
        self.site.edit(external_id, {external_field: value})

    def resolve(self, external_id: str) -> None:
        records = self.site.records
        issue = records.store.issue(int(external_id))
        assert issue is not None
        records.transition(issue, _AT_ONCE, {}, by=records.people.person("beth.li"))

    def assign(self, external_id: str) -> str:
        person = self.site.records.people.person("beth.li")
        self.site.edit(external_id, {"assignee": {"accountId": person}})
        return "Beth Li"

    def delete(self, external_id: str, kind: RecordKind = RecordKind.INCIDENT) -> bool:
        self.site.delete(external_id)
        return True

    def comment(self, external_id: str, body: str) -> None:
        self.site.comment(external_id, body, by="beth.li")

    def make_odd(self, external_id: str) -> Odd | None:
        # Every status has a category, and every priority a rank.
        return None

    def titles(self) -> Sequence[str]:
        found = (self.site.records.store.issue(number) for number in _NUMBERS)
        return [issue["fields"]["summary"] for issue in found if issue is not None]

    def notes(self, external_id: str) -> Sequence[str]:
        comments = self.site.records.store.children("comment", int(external_id))
        return [adf.plain(comment["body"]) for comment in comments]

    def asked(self) -> int:
        return self.site.served.total()

    def skew(self, by: timedelta) -> None:
        self.site.switches.skew = by

    def befall(
        self, kind: Kind, *, detail: str = "", status: int = 0, at: Deed | None = None
    ) -> None:
        method = {None: "", Deed.EDIT: "PUT"}.get(at, "POST")
        path = _ISSUE if at else ""
        self.site.misfortunes.push(
            misfortune.Fault(kind=kind, detail=detail, status=status, method=method, path=path)
        )

    def blank(self) -> None:
        self.site.misfortunes.push(
            misfortune.Fault(kind=Kind.NULL_FIELD, detail="updated", path="/rest/api/3/search")
        )

    def subscribe(self, box: Postbox) -> Mapping[str, str]:
        hook = self.site.webhook.install(f"{ADDRESS}/webhooks/jira/prod", "shared", http=box.http)
        return {"webhook_secret": hook.secret}

    async def post(self) -> None:
        await self.site.webhook.send()

    def refuse(self, external_id: str) -> IncidentStatus:
        self.site.switches.closed_transitions = {"11", "41"}
        return IncidentStatus.RESOLVED

    def limit(self, limit: Limit) -> None:
        self.site.switches.limit = limit

    def revoke(self) -> None:
        self.site.login.revoke()


def jira(clock: Clock) -> WorkedBench:
    site = Jira(now=clock, account=Account(email=_ACCOUNT["email"], token=_ACCOUNT["api_token"]))
    return JiraBench(site, httpx.ASGITransport(app=site.app))
