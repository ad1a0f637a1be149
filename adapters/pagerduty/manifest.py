"""What PagerDuty is and can do."""

from datetime import timedelta
from typing import Final

from adapters.contract import Manifest
from adapters.pagerduty.client import PagerDuty
from adapters.pagerduty.fields import MAPPINGS
from adapters.pagerduty.sign_in import CREDENTIALS
from adapters.pagerduty.webhook import SIGNED
from domain.records import Owner, RecordKind, VendorFeature

PAGERDUTY: Final = Manifest(
    key="pagerduty",
    name="PagerDuty",
    kinds=(RecordKind.INCIDENT, RecordKind.CHANGE, RecordKind.EVENT, RecordKind.SERVICE),
    features=frozenset(VendorFeature),
    overlap=timedelta(minutes=2),
    value_resolution=timedelta(seconds=1),
    operand_resolution=timedelta(seconds=1),
    page_size=100,
    requests_per_minute=900,
    credentials=CREDENTIALS,
    mappings=MAPPINGS,
    ownership={
        "title": Owner.PLATFORM,
        "description": Owner.PLATFORM,
        "escalationPolicy": Owner.EXTERNAL,
        "assignee": Owner.EXTERNAL,
    },
    people=frozenset({"user"}),
    groups=frozenset({"escalation_policy", "team"}),
    service_table="service",
    keeps={RecordKind.CHANGE: timedelta(days=90)},
    has_history_by_record=True,
    webhook_signatures=("X-PagerDuty-Signature",),
    webhooks=SIGNED,
    connect=PagerDuty,
)
