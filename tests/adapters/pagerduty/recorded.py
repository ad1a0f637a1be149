"""Answers and webhooks that were recorded from PagerDuty."""

import json
from pathlib import Path
from typing import Any, Final

from adapters.contract import Mappings
from adapters.pagerduty.fields import MAPPINGS
from adapters.pagerduty.terms import Ranked, Terms

_FOLDER: Final = Path(__file__).parents[2] / "data" / "pagerduty"
# The priorities of the accounts that the payloads come from.
TERMS: Final = Terms(
    base_url="https://api.example.com",
    mappings=Mappings(MAPPINGS),
    priorities=(Ranked(external_id="PR0EVG8", name="P1"), Ranked(external_id="PJLLAIY", name="P2")),
)
WITHOUT_PRIORITIES: Final = Terms(base_url="https://api.example.com", mappings=Mappings(MAPPINGS))


def recorded(name: str) -> dict[str, Any]:
    """Return a recorded document."""
    document: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text())
    return document
