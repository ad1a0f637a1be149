"""Makes rows; what a test does not name is plain and its own."""

from tests.rows.alerts import alerts, raised, stands
from tests.rows.deliveries import counted, delivery, write
from tests.rows.links import affects, link, related
from tests.rows.log import about, forgotten, told
from tests.rows.moments import NOW, new_id
from tests.rows.records import change, edit, event, incident, note, service, ticket
from tests.rows.sync import credential, integration, known, run, unmapped

__all__ = [
    "NOW",
    "about",
    "affects",
    "alerts",
    "change",
    "counted",
    "credential",
    "delivery",
    "edit",
    "event",
    "forgotten",
    "incident",
    "integration",
    "known",
    "link",
    "new_id",
    "note",
    "raised",
    "related",
    "run",
    "service",
    "stands",
    "ticket",
    "told",
    "unmapped",
    "write",
]
