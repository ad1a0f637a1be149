"""The business rule that tells another system of each change of a watched table.

The platform has no webhooks of its own: a customer installs an asynchronous
rule, *after* insert, update and delete, whose script sends a signed message.
"""

import asyncio
import hashlib
import hmac
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx
import orjson

from simulators.servicenow.query import TIME_FORMAT, Dialect, translate
from simulators.servicenow.records import Written
from simulators.servicenow.store import Store
from simulators.servicenow.tables import TABLES

WATCHED: Final = frozenset(
    {"change_request", "em_alert", "incident", "sc_req_item", "sn_customerservice_case"}
)
_TIMEOUT_SECONDS: Final = 10.0
# The rule also tells the notes and the changes of fields of so long a time before the update,
# so that a message which was lost is made good by the next.
_RECENT: Final = timedelta(minutes=5)
_MOST_ROWS: Final = 100
_NOTES: Final = ("sys_id", "element", "value", "sys_created_on", "sys_created_by")
_CHANGES: Final = (
    "sys_id",
    "fieldname",
    "oldvalue",
    "newvalue",
    "user",
    "sys_created_on",
    "record_checkpoint",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where messages go; the secret is the key of their HMAC-SHA256."""

    url: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One run of the rule that is due; ``delivery`` names it to the receiver."""

    delivery: str
    written: Written


@dataclass(slots=True, kw_only=True)
class Mishaps:
    """What befalls the next messages; each number counts down to 0, where all is well.

    lose: so many are never sent; double: so many are sent twice, under one name.
    hold: so many wait until ``Webhook.release``.
    swap: so many overtake the message that waits before them, if one does.
    A message that could meet several meets the first of these.
    """

    lose: int = 0
    double: int = 0
    hold: int = 0
    swap: int = 0

    def take(self) -> str:
        """Return the name of what befalls the next message, and count it; empty for nothing."""
        for name in ("lose", "double", "hold", "swap"):
            if left := getattr(self, name):
                setattr(self, name, left - 1)
                return name
        return ""


class Webhook:
    """Queues a message for each change, and sends what is queued.

    The rule's script does not try again: what the receiver refuses or misses
    is lost. ``queue`` may also be edited by hand.
    """

    def __init__(self, store: Store, new_id: Callable[[], str]) -> None:
        """Read records from the store when a message is sent, not when it is queued."""
        self.target: Target | None = None
        self.queue: deque[Message] = deque()
        self.held: list[Message] = []
        self.mishaps = Mishaps()
        self._store = store
        self._new_id = new_id
        self.http: httpx.AsyncClient | None = None
        """Through which messages go; None makes one when needed."""
        self._woken = asyncio.Event()

    def install(self, target: Target, http: httpx.AsyncClient | None = None) -> None:
        """Tell this target of changes from now on, through the given client if any."""
        self.target = target
        self.http = http

    def heard(self, written: Written) -> None:
        """Queue a message when a rule is installed and a watched table was written."""
        if self.target is None or written.table not in WATCHED:
            return
        message = Message(delivery=self._new_id(), written=written)
        match self.mishaps.take():
            case "lose":
                return
            case "double":
                self.queue += [message, message]
            case "hold":
                self.held.append(message)
            case "swap":
                self.queue.insert(max(0, len(self.queue) - 1), message)
            case _:
                self.queue.append(message)
        self._woken.set()

    def release(self) -> None:
        """Queue what is held, behind what is queued."""
        self.queue += self.held
        self.held.clear()
        self._woken.set()

    async def send(self) -> int:
        """Send what is queued, each message once; return how many were accepted."""
        if self.http is None:
            async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False) as http:
                return await self._send(http)
        return await self._send(self.http)

    async def run(self) -> None:
        """Send what is queued, until cancelled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            await self.send()

    async def _send(self, http: httpx.AsyncClient) -> int:
        accepted = 0
        while self.queue and self.target is not None:
            message = self.queue.popleft()
            body = self._body(message.written)
            signature = hmac.new(self.target.secret.encode(), body, hashlib.sha256).hexdigest()
            headers = {
                "Content-Type": "application/json",
                "X-Watchpane-Signature": f"sha256={signature}",
                "X-Watchpane-Delivery": message.delivery,
            }
            try:
                answer = await http.post(self.target.url, content=body, headers=headers)
            except httpx.TransportError:
                continue
            accepted += answer.is_success
        return accepted

    def _body(self, written: Written) -> bytes:
        # An asynchronous rule reads the record when it runs: two changes in a
        # row are told twice with the later content.
        sys_id = written.row["sys_id"]
        row = self._store.one(written.table, "sys_id", sys_id) or dict(written.row)
        stamps = ("sys_id", "sys_mod_count", "sys_updated_on", "sys_updated_by")
        return orjson.dumps(
            {
                "event": f"{written.table}.{written.event}",
                "table": written.table,
                **{name: row[name] for name in stamps},
                "record": row,
                "changes": list(written.changes),
                "journal": self._recent("sys_journal_field", _NOTES, "element_id", row),
                "audit": self._recent("sys_audit", _CHANGES, "documentkey", row),
            }
        )

    def _recent(
        self, table: str, names: Sequence[str], key: str, row: Mapping[str, str]
    ) -> list[dict[str, str]]:
        """Return the rows of a table that belong to a record, oldest first."""
        updated_at = datetime.strptime(row["sys_updated_on"], TIME_FORMAT).replace(tzinfo=UTC)
        since = (updated_at - _RECENT).strftime(TIME_FORMAT)
        query = f"{key}={row['sys_id']}^sys_created_on>={since}^ORDERBYsys_created_on"
        selection = translate(query, TABLES[table], Dialect(zone=UTC))
        return self._store.page(table, names, selection, limit=_MOST_ROWS, offset=0)
