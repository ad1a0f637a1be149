"""The schema that editors read agrees with the reader, as far as a schema can."""

import json
from typing import Any, Final

import pytest
import yaml

from domain.sla.policy_schema import json_schema
from operations.sla.policy_text import read_policy, sealed
from tests.operations.sla.conforming import conforms
from tests.operations.sla.test_wrong_policies import WRONG
from tests.operations.sla.written import FILE, WHOLE, changed

SCHEMA: Final = json_schema()
# What only the reader can say: how one value goes with another, or with the world.
READERS: Final = (
    "rises, from above 1 on",
    "both pause and stop",
    "no time zone is called",
    "split it at 24:00",
    "ends before it begins",
    "begins before the hours in front",
    "there is no day",
    "no target is longer",
    'called "allways"',
    "the last policy fits everything",
)
# Where YAML itself makes two writings the same, and the reader takes but one.
WRITINGS: Final = (
    "version: ¦1.0",
    "alert_at: ¦.85",
    "alert_at: ¦8.5e-1",
    "always: {always: ¦yes}",
    "always: {always: ¦True}",
    "¦<<: ",
    # two policies of one name
    "  - ¦name: premium-critical",
)


def loaded(content: bytes) -> Any:  # noqa: ANN401 — any YAML
    """Read YAML as editors do, to whom a date is a text."""
    return json.loads(json.dumps(yaml.safe_load(content), default=str))


def test_the_written_schema_is_that_of_the_reader() -> None:
    file = FILE.parent / "docs" / "reference" / "sla_config.schema.json"
    assert json.loads(file.read_text("utf-8")) == SCHEMA


def test_the_example_conforms_and_points_to_the_schema() -> None:
    assert conforms(loaded(WHOLE), SCHEMA)
    assert conforms(loaded(sealed(WHOLE)), SCHEMA)
    assert WHOLE.startswith(
        b"# yaml-language-server: $schema=docs/reference/sla_config.schema.json\n"
    )


@pytest.mark.parametrize(("old", "new", "told"), WRONG)
def test_what_the_reader_refuses_does_not_conform(old: str, new: str, told: str) -> None:
    content, _ = changed(old, new)
    try:
        document = loaded(content)
    except (yaml.YAMLError, ValueError):  # not even YAML, or not a date
        return
    is_for_the_reader = "stands in line" in told or any(part in told for part in READERS)
    is_for_the_reader |= any(new.startswith(form) or form in new for form in WRITINGS)
    assert is_for_the_reader or not conforms(document, SCHEMA)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("alert_at: 0.85 ", "alert_at: 0.999999 "),
        ("[1.5, 2.0] ", "[] "),
        ("dedup_window: 15m ", "dedup_window: 0m "),
        ("[PENDING, ON_HOLD] ", "[] "),
        ("[PENDING, ON_HOLD] ", "[OPEN, PENDING] "),
        ("on_reopen: resume ", "on_reopen: restart "),
        ("on_reopen: resume ", "on_reopen: count "),
        ("timezone: Europe/Berlin", "timezone: America/Argentina/Buenos_Aires"),
        ("timezone: Europe/Berlin", "timezone: Etc/GMT+5"),
        ("{mon: [09:00-17:00]", "{sun: [], sat: [22:00-24:00], mon: [00:00-09:00, 09:00-12:30]"),
        ("    holidays: [2026-12-25, 2026-12-26]\n", ""),
        ("[2026-12-25, 2026-12-26]", "[2028-02-29]"),
        ("{tier: [PREMIUM], priority: [P1]}", "{tier: [Größe 1, 'a #b']}"),
        ("{target: 4h, calendar: always}", "{target: 366d, calendar: berlin}"),
        ("  ESCALATION: [slack, email]\n", "  ESCALATION: []\n"),
    ],
)
def test_what_the_reader_takes_conforms(old: str, new: str) -> None:
    content, _ = changed(old, new)
    read_policy(content)
    assert conforms(loaded(content), SCHEMA)
