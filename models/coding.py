"""How values are put into columns: JSON texts, and instants as milliseconds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from tortoise import fields
from tortoise.fields.base import Field
from tortoise.models import Model

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def dumps(value: object) -> str:
    """Return the JSON text of a value, keys sorted, so that equal values are equal texts."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def loads(text: str | bytes) -> Any:  # noqa: ANN401 — JSON
    """Return the value of a JSON text."""
    return orjson.loads(text)


def to_milliseconds(at: datetime) -> int:
    """Return an aware instant as whole milliseconds since 1970 (rule T1)."""
    return (at - EPOCH) // MILLISECOND


def from_milliseconds(milliseconds: int) -> datetime:
    """Return the instant, in UTC."""
    return EPOCH + milliseconds * MILLISECOND


def instant(milliseconds: int | None) -> datetime | None:
    """Return the instant of a column that may be empty."""
    return None if milliseconds is None else from_milliseconds(milliseconds)


def milliseconds(at: datetime | None) -> int | None:
    """Return what a column that may be empty holds of an instant."""
    return None if at is None else to_milliseconds(at)


class InstantField(Field[datetime]):
    """An instant, stored as milliseconds since 1970 in a BIGINT.

    Both databases compare and index it alike, and no zone can get lost.
    """

    SQL_TYPE = "BIGINT"

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> int | None:  # noqa: ANN401 — Tortoise's signature
        """Take an aware datetime, or milliseconds as they are in a filter."""
        if value is None or isinstance(value, int):
            return value
        return to_milliseconds(value)

    def to_python_value(self, value: Any) -> datetime | None:  # noqa: ANN401 — Tortoise's signature
        """Return an aware datetime in UTC."""
        if value is None or isinstance(value, datetime):
            return value
        return from_milliseconds(value)


def maybe_instant() -> Field[datetime | None]:
    """Return an instant's column that may be empty."""
    return InstantField(null=True)  # type: ignore[return-value]  # — a field's type is its value's


def maybe_text() -> Field[str | None]:
    """Return a text's column that may be empty."""
    return fields.TextField(null=True)  # type: ignore[return-value]  # — a field's type is its value's


def json_field(**options: Any) -> fields.JSONField[Any]:  # noqa: ANN401 — Tortoise's options
    """Return a JSON column that encodes as ``dumps`` does."""
    return fields.JSONField(encoder=dumps, decoder=loads, **options)
