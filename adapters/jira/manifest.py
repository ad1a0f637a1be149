"""What Jira Service Management is and can do."""

from datetime import timedelta
from typing import Final

from adapters.contract import Manifest
from adapters.jira.client import Jira
from adapters.jira.maps import MAPPINGS
from adapters.jira.proof import SIGNED
from adapters.jira.sign_in import CREDENTIALS
from adapters.jira.values import PEOPLE
from domain.records import Owner, RecordKind, VendorFeature

JIRA: Final = Manifest(
    key="jira",
    name="Jira Service Management",
    kinds=(RecordKind.INCIDENT, RecordKind.CHANGE, RecordKind.TICKET),
    features=frozenset(VendorFeature),
    # Search lags writes by seconds, at times by minutes.
    overlap=timedelta(minutes=5),
    value_resolution=timedelta(milliseconds=1),
    operand_resolution=timedelta(minutes=1),
    page_size=100,
    # Bursts of a few a second pass everywhere; an app's points last an hour at this pace.
    requests_per_minute=300,
    credentials=CREDENTIALS,
    mappings=MAPPINGS,
    ownership={
        "severity": Owner.PLATFORM,
        "priority": Owner.PLATFORM,
        "assignee": Owner.EXTERNAL,
        "notes": Owner.EXTERNAL,
    },
    people=frozenset({PEOPLE}),
    # "Issue does not exist or you do not have permission to see it."
    hides_as_gone=True,
    tells_every_change=True,
    webhook_signatures=("X-Hub-Signature", "Connect JWT", "OAuth JWT"),
    webhooks=SIGNED,
    connect=Jira,
)
