"""What ServiceNow is and can do."""

from datetime import timedelta
from typing import Final

from adapters.contract import Manifest
from adapters.servicenow.client import KINDS, ServiceNow
from adapters.servicenow.maps import MAPPINGS
from adapters.servicenow.sign_in import CREDENTIALS
from adapters.servicenow.webhook import SIGNED
from domain.records import Owner, VendorFeature

SERVICENOW: Final = Manifest(
    key="servicenow",
    name="ServiceNow",
    kinds=KINDS,
    features=frozenset(VendorFeature),
    overlap=timedelta(seconds=30),
    value_resolution=timedelta(seconds=1),
    operand_resolution=timedelta(seconds=1),
    page_size=500,
    # An instance has no limit until its owner sets one, and then by the hour.
    requests_per_minute=60,
    credentials=CREDENTIALS,
    mappings=MAPPINGS,
    ownership={
        "severity": Owner.PLATFORM,
        "title": Owner.PLATFORM,
        "description": Owner.PLATFORM,
        "assignee": Owner.EXTERNAL,
        "notes": Owner.EXTERNAL,
    },
    people=frozenset({"sys_user"}),
    groups=frozenset({"sys_user_group"}),
    service_table="cmdb_ci",
    # "Record doesn't exist or ACL restricts the record retrieval".
    hides_as_gone=True,
    webhook_signatures=("sha256 HMAC over the raw body",),
    webhooks=SIGNED,
    connect=ServiceNow,
)
