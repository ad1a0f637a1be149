"""Rows as the Table API shows them, and its errors."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from simulators.servicenow.choices import choice
from simulators.servicenow.query import TIME_FORMAT
from simulators.servicenow.table import Table
from simulators.servicenow.tables import TIMES, walked

NOT_AUTHENTICATED: Final = {
    "error": {
        "message": "User Not Authenticated",
        "detail": "Required to provide Auth information",
    },
    "status": "failure",
}
# By status; 0 is the transaction that was cancelled after its answer began.
ERRORS: Final[Mapping[int, Mapping[str, Any]]] = {
    0: {
        "error": {
            "message": "Transaction cancelled: maximum execution time exceeded",
            "detail": "maximum execution time exceeded Check logs for error trace",
        },
        "status": "failure",
    },
    401: NOT_AUTHENTICATED,
    429: {
        "error": {"message": "Rate limit exceeded", "detail": "Too many requests"},
        "status": "failure",
    },
    500: {
        "error": {"message": "Internal Server Error", "detail": "Check logs for error trace"},
        "status": "failure",
    },
}


class Refusal(Exception):  # noqa: N818 — an answer of the instance, not an error in it
    """A documented error answer."""

    def __init__(
        self,
        status: int,
        message: str,
        detail: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what the answer shows."""
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.body = {"error": {"message": message, "detail": detail}, "status": "failure"}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a request wants rows shown.

    display: "true" display values, "all" both, anything else values.
    links: references carry the address of their row.
    root: address of the Table API as the client reached it.
    zone: of the account, for display values of times.
    label: finds what stands for a row, by table and sys_id.
    """

    display: str
    links: bool
    root: str
    zone: tzinfo
    label: Callable[[str, str], str]


def shown(
    table: Table, names: Iterable[str], rows: Iterable[Mapping[str, str]], view: View
) -> list[dict[str, Any]]:
    """Return rows as JSON documents of the named fields; names may be paths."""
    ends = {name: end for name in names if (end := walked(table, name))}
    if view.display in ("true", "all"):
        return [{name: _field(*ends[name], row[name], view) for name in ends} for row in rows]
    documents: list[dict[str, Any]] = [{name: row[name] for name in ends} for row in rows]
    if not view.links:
        return documents
    references = [
        (name, to) for name, (owner, last) in ends.items() if (to := owner.references.get(last))
    ]
    for document in documents:
        for name, to in references:
            if value := document[name]:
                document[name] = {"link": f"{view.root}/{to}/{value}", "value": value}
    return documents


def _field(table: Table, name: str, value: str, view: View) -> Any:  # noqa: ANN401 — JSON
    """Return one field with its display value."""
    label = _label(table, name, value, view)
    to = table.references.get(name)
    linked = {"link": f"{view.root}/{to}/{value}"} if to and value and view.links else {}
    if view.display == "all":
        return {"display_value": label, "value": value} | linked
    return {"display_value": label} | linked if linked else label


def _label(table: Table, name: str, value: str, view: View) -> str:
    if not value:
        return ""
    if to := table.references.get(name):
        return view.label(to, value)
    if name in TIMES:
        local = datetime.strptime(value, TIME_FORMAT).replace(tzinfo=UTC).astimezone(view.zone)
        return local.strftime(TIME_FORMAT)
    return choice(table.name, name, value)
