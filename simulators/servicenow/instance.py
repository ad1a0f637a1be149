"""A ServiceNow instance that runs in this process."""

import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette

from simulators.application import application
from simulators.misfortune import Misfortunes
from simulators.servicenow.answers import ERRORS
from simulators.servicenow.control import Control
from simulators.servicenow.directory import DEPENDS, Directory
from simulators.servicenow.gate import Hooks
from simulators.servicenow.log import read
from simulators.servicenow.login import Account, Login
from simulators.servicenow.monitoring import Monitoring
from simulators.servicenow.records import Records
from simulators.servicenow.replay import Plan, Replay
from simulators.servicenow.store import Store
from simulators.servicenow.switches import Switches
from simulators.servicenow.table_api import TableApi
from simulators.servicenow.tables import TABLES
from simulators.servicenow.webhook import Webhook


class ServiceNow:
    """An instance: its records, its doors, and what can happen to it.

    Ready when constructed: ``httpx.ASGITransport(app=instance.app)`` needs
    nothing started. Served by a real server, the replay runs in its lifespan;
    elsewhere ``step`` or ``replay.advance`` moves it.
    """

    app: Starlette
    """The HTTP door."""
    switches: Switches
    """Settings that may change at any time."""
    hooks: Hooks
    """Callables to run while a request is served, and the counts of requests."""
    login: Login
    """Accounts and tokens; ``login.revoke()`` refuses them all."""
    misfortunes: Misfortunes
    """Faults to come."""
    records: Records
    """All writes, and ``records.store`` with all rows."""
    replay: Replay
    """The log."""
    webhook: Webhook
    """The business rule that tells another system of changes; not installed at first."""

    def __init__(  # noqa: PLR0913 — what an instance is made of
        self,
        *,
        now: Callable[[], datetime],
        account: Account,
        plan: Plan | None = None,
        lowest_priority: str = "5",
        store: Path | None = None,
        new_token: Callable[[], str] = secrets.token_hex,
    ) -> None:
        """Build the instance and load its history.

        now: the clock, aware; ``switches.skew`` is added to it. It stamps every
            record and the ``Date`` of every answer.
        plan: of the log to replay; without it there is no incident.
        lowest_priority: what impact 3 and urgency 3 give, "5" or, as in the
            log, "4".
        store: a file to keep the rows in, so that a later start goes on where
            this one ends; None forgets them.
        new_token: makes access tokens and the names of deliveries.
        """
        self._clock = now
        self.switches = Switches()
        self.hooks = Hooks()
        self.records = Records(Store(store), self.now, lowest=lowest_priority)
        self.login = Login(account, self.now, new_token)
        self.misfortunes = Misfortunes(ERRORS)
        self.records.person(account.user)
        incidents = [] if plan is None else read(rows=plan.rows)
        self._directory = Directory(self.records)
        self.replay = Replay(self.records, self._directory, incidents, plan or Plan())
        self.webhook = Webhook(self.records.store, new_token)
        self.records.listeners += [Monitoring(self.records).heard, self.webhook.heard]
        api = TableApi(self.records, self.login, self.switches, self.hooks)
        routes = [*api.routes(), Control(self).route()]
        self.app = application(self, routes, self.replay.run, self.webhook.run)

    def now(self) -> datetime:
        """Return the instance's time, in UTC."""
        return (self._clock() + self.switches.skew).astimezone(UTC)

    @property
    def served(self) -> Counter[str]:
        """How often each method and path was asked for, e.g. "GET /api/now/table/incident"."""
        return self.hooks.served

    def record(self, key: str, *, table: str = "incident") -> dict[str, str]:
        """Return a row's stored values by sys_id, or by number, name or user name.

        Raises KeyError.
        """
        return self._found(table, key)[1]

    def edit(
        self, key: str, fields: Mapping[str, str], *, by: str = "admin", table: str = "incident"
    ) -> dict[str, str]:
        """Edit a row as one of the vendor's users does in the vendor's own pages.

        key: as in ``record``; by: a user name, made when unknown. References
        are sys_ids, as ``reference`` gives them.
        Raises KeyError, Mandatory when a data policy refuses, and Aborted when
        a business rule does.
        """
        stored_in, row = self._found(table, key)
        return self.records.edit(stored_in, row, fields, by=by)

    def note(
        self,
        key: str,
        text: str,
        *,
        by: str = "admin",
        is_public: bool = False,
        table: str = "task",
    ) -> dict[str, str]:
        """Add a work note, or a comment that the caller sees too; return the row noted on."""
        element = "comments" if is_public else "work_notes"
        return self.edit(key, {element: text}, by=by, table=table)

    def relate(self, parent: str, child: str, *, kind: str = DEPENDS) -> dict[str, str]:
        """Let one item depend on another, and return the row of the relation.

        parent: the item that fails without the other; both as in ``record``.
        kind: name of the relation's type, seen from the parent and from the child.
        """
        return self.records.create(
            "cmdb_rel_ci",
            {
                "parent": self.record(parent, table="cmdb_ci")["sys_id"],
                "child": self.record(child, table="cmdb_ci")["sys_id"],
                "type": self.reference("cmdb_rel_type", kind),
            },
            by="admin",
        )

    def create(
        self, fields: Mapping[str, str], *, by: str = "admin", table: str = "incident"
    ) -> dict[str, str]:
        """Add a row as one of the vendor's users, and return it after all rules ran."""
        made = self.records.create(table, fields, by=by)
        return self.record(made["sys_id"], table=table)

    def delete(self, key: str, *, by: str = "admin", table: str = "incident") -> None:
        """Delete a row as one of the vendor's users; ``sys_audit_delete`` remembers it."""
        stored_in, row = self._found(table, key)
        self.records.delete(stored_in, row, by=by)

    def reference(self, table: str, label: str) -> str:
        """Return the sys_id of a user, group, item or the like, made when unknown."""
        return self._directory.sys_id(table, label)

    def step(self, rows: int = 1) -> int:
        """Write the next rows of the log now; return how many there were."""
        return self.replay.step(rows)

    def _found(self, table: str, key: str) -> tuple[str, dict[str, str]]:
        """Return a row and the table it is stored in; raise KeyError."""
        for field in ("sys_id", "number", "user_name", "name"):
            if field in TABLES[table].fields and (found := self.records.row(table, field, key)):
                return found
        raise KeyError(f"{table} {key}")
