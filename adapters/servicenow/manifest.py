"""What ServiceNow is and can do."""

from datetime import timedelta
from typing import Final

from adapters.contract import Manifest
from adapters.servicenow.client import ServiceNow
from adapters.servicenow.mapping import MAPPINGS
from adapters.servicenow.sign_in import CREDENTIALS
from domain.records import RecordKind, VendorFeature

SERVICENOW: Final = Manifest(
    key="servicenow",
    name="ServiceNow",
    kinds=(RecordKind.INCIDENT,),
    features=frozenset({VendorFeature.HISTORY}),
    overlap=timedelta(seconds=30),
    value_resolution=timedelta(seconds=1),
    operand_resolution=timedelta(seconds=1),
    page_size=500,
    requests_per_minute=60,
    credentials=CREDENTIALS,
    mappings=MAPPINGS,
    people=frozenset({"sys_user"}),
    groups=frozenset({"sys_user_group"}),
    connect=ServiceNow,
)
