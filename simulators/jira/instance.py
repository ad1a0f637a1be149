"""A Jira Cloud site that runs in this process."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from simulators.application import application
from simulators.jira import adf
from simulators.jira.answers import ERRORS
from simulators.jira.asked import CREATE, EDIT, asked, complete
from simulators.jira.catalogue import FIELDS, ISSUE_TYPES, LINK_TYPES
from simulators.jira.comment_api import CommentApi
from simulators.jira.control import Control
from simulators.jira.desk_api import DeskApi
from simulators.jira.gate import Gate, Hooks
from simulators.jira.index import Index
from simulators.jira.issue_api import IssueApi
from simulators.jira.jql import parse
from simulators.jira.link_api import LinkApi
from simulators.jira.listing import Document
from simulators.jira.login import Account, Login
from simulators.jira.oauth_api import OauthApi
from simulators.jira.people import People
from simulators.jira.people_api import PeopleApi
from simulators.jira.records import Records, Written
from simulators.jira.registry import Registry
from simulators.jira.search_api import SearchApi
from simulators.jira.site_api import SiteApi
from simulators.jira.store import Store
from simulators.jira.switches import Switches
from simulators.jira.view import View
from simulators.jira.webhook import Webhook
from simulators.jira.webhook_api import WebhookApi
from simulators.jira.workflows import RESOLUTIONS, STATUSES
from simulators.misfortune import Misfortunes

_SITE: Final = "https://jira.example.com"
# Where apps that use OAuth reach the site.
_APPS: Final = "/ex/jira/{cloud}"


class Jira:
    """A site: its issues, its doors, and what can happen to it.

    Ready when constructed: ``httpx.ASGITransport(app=jira.app)`` needs nothing
    started. Served by a real server, webhooks are sent in its lifespan;
    elsewhere ``webhook.send`` sends them.
    """

    app: Starlette
    """The HTTP door."""
    switches: Switches
    """Settings that may change at any time."""
    hooks: Hooks
    """Callables to run while a request is served, and the counts of requests."""
    login: Login
    """The account and its tokens; ``login.revoke()`` refuses them all."""
    misfortunes: Misfortunes
    """Faults to come."""
    records: Records
    """All writes, and ``records.store`` with all issues."""
    webhook: Webhook
    """Tells other systems of changes; none is registered at first."""

    def __init__(  # noqa: PLR0913 — what a site is made of
        self,
        *,
        now: Callable[[], datetime],
        account: Account,
        store: Path | None = None,
        zone: tzinfo | None = None,
        address: str = _SITE,
        new_token: Callable[[], str] = secrets.token_hex,
    ) -> None:
        """Build the site.

        now: the clock, aware; ``switches.skew`` is added to it. It stamps every
            write and the ``Date`` of every answer.
        store: a file to keep the issues in, so that a later start goes on
            where this one ends; None forgets them.
        zone: of the account; ``switches.zone``.
        address: of the site as webhooks tell it; answers tell the address that
            they were asked at.
        new_token: makes tokens and the names of deliveries.
        """
        self._clock = now
        self._address = address
        self.switches = Switches() if zone is None else Switches(zone=zone)
        self.hooks = Hooks()
        rows = Store(store)
        # However its clock is set, a site takes so long to see a write.
        self._index = Index(rows, self.switches, now)
        self.records = Records(rows, People(rows), self._index, self.now)
        self.records.people.person(account.email)
        self.login = Login(account, self.now, new_token)
        self.misfortunes = Misfortunes(ERRORS, _records)
        gate = Gate(self.records, self.login, self.switches, self.hooks, self.now)
        self._search = SearchApi(gate, self._index)
        self.webhook = Webhook(
            Registry(rows),
            self.switches,
            now=self.now,
            new_id=new_token,
            view=self._view,
            fits=self._fits,
        )
        self.records.listeners.append(self.webhook.heard)
        self.app = self._app(gate)

    def now(self) -> datetime:
        """Return the site's time, in UTC."""
        return (self._clock() + self.switches.skew).astimezone(UTC)

    @property
    def served(self) -> Counter[str]:
        """How often each method and path was asked for, e.g. "GET /rest/api/3/issue/{key}"."""
        return self.hooks.served

    def issue(self, key: str) -> dict[str, Any]:
        """Return an issue by key or id, as the interface shows it with plain text.

        Raises KeyError.
        """
        return self._view().issue(self._found(key), list(FIELDS))

    def create(
        self,
        issue_type: str,
        fields: Mapping[str, Any],
        *,
        by: str = "admin",
        project: str = "OPS",
    ) -> dict[str, Any]:
        """Add an issue as one of the site's users, and return it as ``issue`` does.

        issue_type: its name; fields: as the interface takes them, rich text
        plain or not; by: an e-mail address or a name such as "ann.lee", made
        when unknown.
        Raises Refusal.
        """
        return self.issue(self._create(issue_type, fields, by=by, project=project)["key"])

    def fill(self, issues: Iterable[tuple[str, Mapping[str, Any]]], *, by: str = "admin") -> int:
        """Add many issues at once, of pairs of type and fields; return how many."""
        with self.records.store.batch():
            return sum(1 for one in issues if self._create(*one, by=by, project="OPS"))

    def edit(self, key: str, fields: Mapping[str, Any], *, by: str = "admin") -> dict[str, Any]:
        """Edit an issue as one of the site's users does in the site's own pages.

        Raises KeyError, and Refusal.
        """
        issue = self._found(key)
        wanted = asked({"fields": fields}, EDIT, self.records.reading(), issue["fields"])
        self.records.edit(issue, wanted.changes, by=self._person(by))
        return self.issue(key)

    def transition(
        self, key: str, status: str, *, by: str = "admin", resolution: str = "Done"
    ) -> dict[str, Any]:
        """Take an issue to a status that one transition leads to.

        resolution: by name, for a transition that asks for one.
        Raises KeyError when no transition leads there.
        """
        issue = self._found(key)
        fields = issue["fields"]
        ways = ISSUE_TYPES[fields["issuetype"]].workflow.leading(fields["status"])
        way = next((way for way in ways if STATUSES[way.to].name == status), None)
        if way is None:
            raise KeyError(f"no transition of {key} to {status}")
        changes = {"resolution": _id(RESOLUTIONS, resolution)} if way.wants_resolution else {}
        self.records.transition(issue, way, changes, by=self._person(by))
        return self.issue(key)

    def comment(self, key: str, text: str, *, by: str = "admin", public: bool = False) -> int:
        """Comment on an issue and return the comment's id; public: customers see it."""
        body, account = adf.document(text), self._person(by)
        comment = self.records.comment(self._found(key), body, by=account, public=public)
        return int(comment["id"])

    def delete(self, key: str, *, by: str = "admin") -> None:
        """Delete an issue."""
        self.records.delete(self._found(key), by=self._person(by))

    def link(self, type: str, source: str, target: str, *, by: str = "admin") -> int:
        """Link two issues and return the link's id; type: by name, e.g. "Problem/Incident".

        The source has the outward name: it causes, blocks or duplicates the target.
        """
        ends = (self._found(key)["id"] for key in (source, target))
        names = {key: name for key, (name, _, _) in LINK_TYPES.items()}
        return self.records.link(_id(names, type), *ends, by=self._person(by))

    def _app(self, gate: Gate) -> Starlette:
        apis = (
            self._search,
            WebhookApi(gate, self.webhook, self.login.account.client_secret),
            SiteApi(gate),
            PeopleApi(gate),
            IssueApi(gate),
            CommentApi(gate),
            LinkApi(gate),
            DeskApi(gate),
            OauthApi(gate, self.login),
        )
        routes: list[BaseRoute] = [route for api in apis for route in api.routes()]
        doors = [Control(self).route(), *routes, Mount(_APPS, routes=routes)]
        return application(self, doors, self.webhook.run)

    def _create(
        self, issue_type: str, fields: Mapping[str, Any], *, by: str, project: str
    ) -> Document:
        named = {"issuetype": {"name": issue_type}, "project": {"key": project}}
        wanted = asked({"fields": {**named, **fields}}, CREATE, self.records.reading(), {})
        complete(wanted.changes)
        return self.records.create(wanted.changes, by=self._person(by))

    def _person(self, name: str) -> str:
        # The site's first account is what a test or demonstration calls "admin".
        return self.records.people.person(self.login.account.email if name == "admin" else name)

    def _found(self, key: str) -> Document:
        found = self.records.store.find(key)
        issue = None if found is None else self.records.store.issue(found)
        if issue is None:
            raise KeyError(key)
        return issue

    def _view(self) -> View:
        return View(
            root=self._address.rstrip("/"),
            version="2",
            zone=self.switches.zone,
            store=self.records.store,
            people=self.records.people,
            components=self.records.components,
            hides_emails=self.switches.hides_emails,
        )

    def _fits(self, jql: str, written: Written) -> bool:
        selection = self._search.selection(parse(jql), written.by)
        return self.records.store.fits(written.issue, selection)


def _id(names: Mapping[str, str], wanted: str) -> str:
    for key, name in names.items():
        if name == wanted:
            return key
    raise KeyError(wanted)


def _records(document: Any) -> Iterable[Any]:  # noqa: ANN401 — JSON
    """Return the fields of each issue of an answer."""
    issues = document.get("issues", [document]) if isinstance(document, dict) else []
    return [issue.get("fields") for issue in issues]
