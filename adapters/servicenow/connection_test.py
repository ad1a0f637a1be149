"""A connection test: what works, and what to do about what does not."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from adapters.exchange import Check, Checked, Failed
from adapters.field_map import Mappings
from adapters.servicenow.history import TABLE as AUDIT
from adapters.servicenow.mapping import Translation
from adapters.servicenow.maps import MAPPINGS
from adapters.servicenow.notes import TABLE as JOURNAL
from adapters.servicenow.tables import NOBODY, Rows, RowsAsk, Tables, is_denied
from domain.records import RecordKind
from domain.sync.retry import Fault

_LARGEST_SKEW: Final = timedelta(seconds=60)
_SIGN_IN: Final = "Check the credentials, and that the account is active and not locked."
_READ: Final = "Give the account a role that reads incidents, such as itil or sn_incident_read."
_WRITE: Final = (
    "Give the account a role that writes incidents, such as itil or sn_incident_write, or let"
    " the integration carry changes inbound only."
)
_REACH: Final[dict[Fault, str]] = {
    Fault.UNREACHABLE: "Check the base URL, and that this host may reach it.",
    Fault.TIMED_OUT: "The instance is too slow or asleep; open it in a browser and try again.",
    Fault.BAD_ANSWER: "Check the base URL: it should be the instance's own, without a path.",
    Fault.VENDOR_ERROR: "The instance reports an error of its own; try again later.",
    Fault.REJECTED: "Check the base URL, and that the Table API is active there.",
    Fault.THROTTLED: "Try again later, or raise the instance's rate limit for this account.",
}
# What an instance may lack: the step, and what to do where it should not.
_FURTHER: Final[Mapping[RecordKind, tuple[str, str]]] = {
    RecordKind.CHANGE: ("changes", "give the account a role that reads them, such as itil"),
    RecordKind.EVENT: ("alerts", "activate Event Management and give the role evt_mgmt_user"),
    RecordKind.TICKET: ("tickets", "map the field table of tickets, or give a role that reads it"),
    RecordKind.SERVICE: ("services", "give the account the role cmdb_read"),
}
_ROWS_SEEN: Final = 5
_NOT_FOUND: Final = 404


class ConnectionTest:
    """Tries what a connection needs, step by step."""

    def __init__(
        self, tables: Tables, words: Mapping[RecordKind, Translation], maps: Mappings
    ) -> None:
        """Try nothing yet."""
        self._tables = tables
        self._words = words
        self._maps = maps
        self._seen: dict[RecordKind, Rows] = {}

    async def run(self) -> Checked:
        """Try the steps in order; those behind a failed one are not tried."""
        found = await self._rows(RecordKind.INCIDENT)
        if isinstance(found, Failed):
            return Checked(checks=_stopped(found))
        answer = found.answer
        return Checked(
            checks=(
                Check(name="reach", is_ok=True, detail="The instance answers."),
                Check(name="sign-in", is_ok=True, detail="The credentials are accepted."),
                _read(found),
                *[await self._further(kind) for kind in _FURTHER],
                await self._write(),
                self._mapping(),
                await self._closed("history", AUDIT, "tablename=incident^documentkey", _HISTORY),
                await self._closed("notes", JOURNAL, "element_id", _NOTES),
                await _queries(self._tables),
                _clock(answer.skew),
            ),
            latency=answer.latency,
            skew=answer.skew,
        )

    async def _rows(self, kind: RecordKind) -> Rows | Failed:
        """Read a few rows with all columns."""
        words = self._words[kind]
        found = await self._tables.read(
            RowsAsk(
                table=words.table,
                query="ORDERBYsys_id",
                columns=words.columns,
                limit=_ROWS_SEEN,
            )
        )
        if not isinstance(found, Failed):
            self._seen[kind] = found
        return found

    async def _further(self, kind: RecordKind) -> Check:
        """See whether a kind can be read that an instance need not have."""
        what, advice = _FURTHER[kind]
        found = await self._rows(kind)
        if not isinstance(found, Failed):
            detail = f"They can be read: {found.total or 0}."
        elif is_denied(found) or found.fault is Fault.REJECTED:
            detail = (
                f"Warning: {self._words[kind].table} cannot be read ({found.detail}), so there"
                f" will be none. To have them, {advice}."
            )
        else:
            return _failed(f"read {what}", found, _REACH.get(found.fault, _SIGN_IN))
        return Check(name=f"read {what}", is_ok=True, detail=detail)

    async def _write(self) -> Check:
        """Write nothing to an incident that cannot be: what is refused is refused before that."""
        wrote = await self._tables.edit("incident", NOBODY, {}, ("sys_id",))
        if isinstance(wrote, Failed) and wrote.status != _NOT_FOUND:
            if wrote.fault is Fault.UNAUTHORISED:
                return _failed("write", wrote, _WRITE)
            return _failed("write", wrote, _REACH.get(wrote.fault, _SIGN_IN))
        detail = "Incidents can be written, as far as can be seen without writing one."
        return Check(name="write", is_ok=True, detail=detail)

    def _mapping(self) -> Check:
        """Look for the mapped columns in rows: one that is missing is hidden, or not there."""
        usual = {(entry.kind, entry.field, entry.external_field) for entry in MAPPINGS}
        missing = [
            (entry.kind, entry.field, entry.external_field)
            for kind, seen in self._seen.items()
            for entry in self._maps.of(kind)
            if seen.rows and not _is_shown(entry.external_field, self._words[kind], seen.rows)
        ]
        wrong = [entry for entry in missing if entry not in usual]
        if wrong:
            detail = (
                f"Not found: {_listed(wrong)}. Map these fields to columns that the instance has"
                " and that the account may read."
            )
            return Check(name="mapping", is_ok=False, detail=detail)
        left_out = f" Warning: not found, and left empty: {_listed(missing)}." if missing else ""
        detail = f"The mapped columns are there.{left_out}"
        return Check(name="mapping", is_ok=True, detail=detail)

    async def _closed(self, name: str, table: str, record: str, what: str) -> Check:
        """Try a table by a record that cannot be: without one the query takes minutes."""
        found = await self._tables.read(
            RowsAsk(table=table, query=f"{record}IN{NOBODY}", columns=("sys_id",), limit=1)
        )
        if isinstance(found, Failed):
            told, missed = what.split(": ")
            detail = (
                f"{told} cannot be read ({found.detail}), so {missed}. To change that, let the"
                f" account read the table {table}."
            )
        else:
            detail = f"{what.partition(':')[0]} can be read."
        return Check(name=name, is_ok=True, detail=detail)


_HISTORY: Final = "Field history: edits are known only from one pull to the next"
_NOTES: Final = "Notes: only those that come by webhook are known"


def _is_shown(column: str, words: Translation, rows: Iterable[object]) -> bool:
    """Say whether a column stands in a row; what is not one of a row's own is not looked for."""
    if column not in words.columns:
        return True
    return any(isinstance(row, dict) and column in row for row in rows)


def _listed(entries: Iterable[tuple[RecordKind, str, str]]) -> str:
    return ", ".join(f"{column} for {field} of {kind}" for kind, field, column in entries)


def _stopped(failed: Failed) -> tuple[Check, ...]:
    """Return the steps up to the one that failed."""
    if failed.fault is not Fault.UNAUTHORISED:
        return (_failed("reach", failed, _REACH[failed.fault]),)
    reach = Check(name="reach", is_ok=True, detail="The instance answers.")
    if not is_denied(failed):
        return (reach, _failed("sign-in", failed, _SIGN_IN))
    sign_in = Check(name="sign-in", is_ok=True, detail="The credentials are accepted.")
    return (reach, sign_in, _failed("read", failed, _READ))


def _failed(name: str, failed: Failed, advice: str) -> Check:
    return Check(name=name, is_ok=False, detail=f"{failed.detail}. {advice}")


def _read(found: Rows) -> Check:
    if found.rows or not found.total:
        detail = f"Incidents can be read: {found.total or 0}."
        return Check(name="read", is_ok=True, detail=detail)
    detail = f"None of {found.total} incidents may be read, or not the first. {_READ}"
    return Check(name="read", is_ok=True, detail=detail)


async def _queries(tables: Tables) -> Check:
    """See what the instance makes of a condition on a column that it does not have."""
    found = await tables.read(
        RowsAsk(table="incident", query="no_such_field=1", columns=("sys_id",), limit=1)
    )
    if isinstance(found, Failed):
        return _failed("query safety", found, "Try again; the instance failed meanwhile.")
    if found.rows:
        detail = (
            "Warning: the instance ignores conditions on unknown columns, so a filter with a"
            " typing error finds everything. Set glide.invalid_query.returns_no_rows to true."
        )
    else:
        detail = "A condition on an unknown column finds nothing, as it should."
    return Check(name="query safety", is_ok=True, detail=detail)


def _clock(skew: timedelta) -> Check:
    seconds = skew.total_seconds()
    if abs(skew) <= _LARGEST_SKEW:
        detail = f"The clocks differ by {seconds:.1f} s."
    else:
        side = "ahead of" if seconds > 0 else "behind"
        detail = (
            f"The instance's clock is {abs(seconds):.0f} s {side} ours. Its times are corrected"
            " by that, but one of the two should be set right."
        )
    return Check(name="clock", is_ok=True, detail=detail)
