"""What search knows of an issue: columns, tags, and a place in an order."""

from collections.abc import Sequence
from typing import Any, Final

from simulators.jira import adf
from simulators.jira.selection import weight
from simulators.jira.workflows import STATUSES

Document = dict[str, Any]

COLUMNS: Final = (
    "id, project, number, type, status, category, weight, resolution, assignee, reporter,"
    " creator, created, updated, resolved, summary, text"
)
PLACES: Final = ", ".join("?" * len(COLUMNS.split(",")))
# What a query sees when the issue at hand is all there is.
ALONE: Final = " ".join(
    (
        f"WITH listed ({COLUMNS}) AS (VALUES ({PLACES})),",
        "tag (field, value, issue) AS (",
        "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), ? FROM json_each(?))",
    )
)


def beyond(
    order: Sequence[tuple[str, bool]], after: Sequence[str | int]
) -> tuple[str, list[str | int]]:
    """Return a condition on what comes after a place in an order."""
    directions = {descending for _, descending in order}
    if len(directions) == 1:
        # One comparison of rows, which an index answers whatever is equal.
        names = ", ".join(column for column, _ in order)
        places = ", ".join("?" * len(order))
        return f"({names}) {'<' if directions.pop() else '>'} ({places})", list(after)
    choices: list[str] = []
    values: list[str | int] = []
    for number, (column, descending) in enumerate(order):
        equal = "".join(f"{name} = ? AND " for name, _ in order[:number])
        choices.append(f"({equal}{column} {'<' if descending else '>'} ?)")
        values += after[: number + 1]
    # The first condition bounds the walk through the index; OR alone would not.
    column, descending = order[0]
    bound = f"{column} {'<=' if descending else '>='} ?"
    return f"{bound} AND ({' OR '.join(choices)})", [after[0], *values]


def columns(issue: Document) -> tuple[str | int, ...]:
    """Return the values of ``COLUMNS``; what is not set is "" or 0."""
    fields = issue["fields"]
    project, _, number = issue["key"].rpartition("-")
    summary = fields["summary"]
    return (
        issue["id"],
        project,
        int(number),
        fields["issuetype"],
        fields["status"],
        STATUSES[fields["status"]].category.key,
        weight(fields.get("priority") or ""),
        fields.get("resolution") or "",
        fields.get("assignee") or "",
        fields.get("reporter") or "",
        fields["creator"],
        fields["created"],
        fields["updated"],
        fields.get("resolutiondate") or 0,
        summary,
        f"{summary}\n{adf.plain(fields.get('description'))}",
    )


def tags(issue: Document) -> list[tuple[str, str]]:
    """Return pairs of field and value, of the fields with several values that search asks for."""
    fields = issue["fields"]
    return [
        (field, value) for field in ("labels", "components") for value in fields.get(field) or ()
    ]
