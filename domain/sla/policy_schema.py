"""The form of the policy file as a JSON Schema, for editors that help to write it.

Only what a schema can say: that a calendar is one of those above, or that an opening ends
after it begins, is for the reader.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from re import Pattern
from typing import Any, Final

from domain.records import Priority
from domain.sla import policy_file as form
from domain.sla.terms import AlertLevel, OnReopen, SlaSubjectKind

Schema = dict[str, Any]
_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> Schema:
    """Return the schema of a policy file."""
    sections = {
        "version": {"const": 1},
        "thresholds": _THRESHOLDS,
        "dedup_window": _text(
            form.WINDOW, "The same level of the same clock is told once within this. Default: 15m."
        ),
        "clocks": _CLOCKS,
        "calendars": _map(form.NAME, _CALENDAR, "When work is done, by name."),
        "policies": _list(
            _POLICY, "The first that fits wins; the last has to fit everything.", at_least=1
        )
        | {"maxItems": form.MOST_POLICIES},
        "notify": _NOTIFY,
        "end": _text(form.END, "The last key: a file that is cut lacks it."),
    }
    return {
        "$schema": _DRAFT,
        "title": "Service levels of Watchpane",
        **_table(sections, "", required=form.SECTIONS),
    }


def _table(
    properties: Mapping[str, Schema], description: str, *, required: Collection[str] = ()
) -> Schema:
    return {
        **({"description": description} if description else {}),
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": dict(properties),
    }


def _map(keys: Pattern[str], values: Schema, description: str) -> Schema:
    return {
        "description": description,
        "type": "object",
        "additionalProperties": False,
        "patternProperties": {_whole(keys): values},
    }


def _list(item: Schema, description: str, *, at_least: int = 0) -> Schema:
    return {
        "description": description,
        "type": "array",
        "items": item,
        "minItems": at_least,
        "uniqueItems": True,
    }


def _text(pattern: Pattern[str], description: str) -> Schema:
    return {"description": description, "type": "string", "pattern": _whole(pattern)}


def _words(allowed: Iterable[StrEnum]) -> Schema:
    return {"enum": list(allowed)}


def _whole(pattern: Pattern[str]) -> str:
    return f"^({pattern.pattern})$"


_THRESHOLDS: Final = _table(
    {
        "alert_at": {
            "description": "Part of the target at which ALERT is raised. Default: 0.85.",
            "type": "number",
            "exclusiveMinimum": 0,
            "exclusiveMaximum": 1,
        },
        "escalate_at": _list(
            {"type": "number", "exclusiveMinimum": 1, "exclusiveMaximum": 100},
            "Parts of the target at which ESCALATION is raised, rising.",
        ),
    },
    "Parts of the target; BREACH is always at 1.",
)
_CLOCKS: Final = _table(
    {
        "pause_on": _list(_words(form.STATUSES), "RESOLUTION pauses. Default: PENDING, ON_HOLD."),
        "stop_on": _list(
            _words(form.STATUSES), "RESOLUTION stops. Default: RESOLVED, CLOSED.", at_least=1
        ),
        "on_reopen": {
            "description": "resume goes on from the time used, restart begins anew, count adds"
            " the time at rest. Default: resume.",
            **_words(OnReopen),
        },
    },
    "How statuses move the clocks. RESPONSE runs until the first that is not NEW.",
)
_DAY: Final = _list(
    _text(form.OPENING, "From, to; 24:00 is the end of the day."), "Hours of a day."
)
_CALENDAR: Final[Schema] = {
    "oneOf": [
        _table({"always": {"const": True}}, "Open without end.", required=("always",)),
        _table(
            {
                "timezone": _text(form.ZONE, "A time zone of IANA, as in Europe/Berlin."),
                "weekly": _table(dict.fromkeys(form.DAYS, _DAY), "A day left out is not open."),
                "holidays": _list(_text(form.DATE, "A date."), "Dates that are not open at all."),
            },
            "Open by the week.",
            required=form.HOURS,
        ),
    ]
}
_PROMISE: Final = _table(
    {
        "target": _text(form.SPAN, "15m, 4h or 3d; a day has 24 hours."),
        "calendar": _text(form.NAME, "One of the calendars above."),
    },
    "How soon; left out, nothing is measured.",
    required=form.PROMISE,
)
_POLICY: Final = _table(
    {
        "name": _text(form.NAME, "For people."),
        "when": _table(
            {
                "subject": _list(_words(SlaSubjectKind), "Which kinds.", at_least=1),
                "tier": _list(_text(form.TIER, "A tier."), "Which tiers.", at_least=1),
                "priority": _list(_words(Priority), "Which priorities.", at_least=1),
            },
            "All of the conditions have to hold; {} fits everything.",
        ),
        **dict.fromkeys(form.PROMISES, _PROMISE),
    },
    "A promise, and to whom.",
    required=("name", "when"),
)
_NOTIFY: Final = _table(
    dict.fromkeys(AlertLevel, _list(_text(form.NAME, "A channel."), "Who is told.")),
    "The channels that are told, by level.",
)
