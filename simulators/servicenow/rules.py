"""Which rule guards which table."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from simulators.servicenow import change_rules, incident_rules, ticket_rules
from simulators.servicenow.writing import Rule

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "change_request": change_rules.ruled,
        "incident": incident_rules.ruled,
        "sc_req_item": ticket_rules.item,
        "sn_customerservice_case": ticket_rules.case,
    }
)
