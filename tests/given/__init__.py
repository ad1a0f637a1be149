"""Makes rows; what a test does not name is plain and its own."""

from tests.given.links import affects, link, related
from tests.given.log import about, forgotten, told
from tests.given.moments import NOW, new_id
from tests.given.records import change, edit, event, incident, note, service, ticket
from tests.given.sync import credential, integration, known, run, unmapped

__all__ = [
    "NOW",
    "about",
    "affects",
    "change",
    "credential",
    "edit",
    "event",
    "forgotten",
    "incident",
    "integration",
    "known",
    "link",
    "new_id",
    "note",
    "related",
    "run",
    "service",
    "ticket",
    "told",
    "unmapped",
]
