"""What to know of something that was done."""

from dataclasses import dataclass

from domain.exchange import WarningCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """An edit was made, but not as one might expect: of which field, at which integration."""

    code: WarningCode
    field: str
    integration_key: str
