import random
from typing import Final

import orjson
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from adapters.exchange import CensusAsk, CommentAsk, CreateAsk, HistoryAsk, PageAsk, WriteAsk
from adapters.jira.client import Jira as Client
from domain.inbound import Reference
from domain.records import NoteVisibility, RecordKind
from tests.adapters.jira.conftest import Connect

# Names that the answers of a site have, so that what is odd lies deep.
_NAMES: Final = (
    *("issues", "id", "key", "fields", "isLast", "issueChangeLogs", "issueId"),
    *("changeHistories", "created", "items", "field", "fieldId", "from", "to", "toString"),
    *("comment", "comments", "body", "author", "accountId", "displayName", "type"),
    *("content", "text", "attrs", "transitions", "allowedValues", "resolution", "required"),
    *("name", "status", "statusCategory", "statuses", "issuelinks", "inward", "inwardIssue"),
    *("issuetype", "labels", "components", "assignee", "priority", "updated", "values", "schema"),
    *("custom", "count", "permissions", "errors", "errorMessages", "summary", "description"),
)
_SCALARS: Final = (
    *(None, True, 0, -1, 10001, 2**62, 1.5, "", "10001", "OPS-1", "9" * 400, "\x00", "../x"),
    *("2026-01-02T03:04:05.000+0000", "0001-01-01T00:00:00+1400", "9999-12-31", "new", "doc"),
)


def document(chance: random.Random, depth: int) -> object:
    kind = chance.random()
    if depth == 0 or kind < 0.3:
        return chance.choice(_SCALARS)
    if kind < 0.5:
        return [document(chance, depth - 1) for _ in range(chance.randrange(3))]
    names = chance.sample(_NAMES, chance.randrange(1, 6))
    return {name: document(chance, depth - 1) for name in names}


def issue(chance: random.Random) -> dict[str, object]:
    """Return an issue that may be read, but for some of its fields."""
    sound = {
        "id": "10001",
        "key": "OPS-1",
        "fields": {
            **{name: document(chance, 3) for name in chance.sample(_NAMES, 5)},
            "created": "2026-01-02T03:04:05.000+0000",
            "updated": "2026-01-02T03:04:05.000+0000",
            "status": {"id": "1", "name": "Open", "statusCategory": {"key": "new"}},
        },
    }
    return sound | {name: document(chance, 2) for name in chance.sample(("id", "key", "self"), 1)}


async def everything(client: Client) -> None:
    incident, asks = RecordKind.INCIDENT, [HistoryAsk(external_id="10001", since=None)]
    await client.page(PageAsk(kind=incident, since=None, position=None, size=10))
    await client.read(incident, ["10001"])
    await client.census(CensusAsk(kind=RecordKind.TICKET, position=None))
    await client.history(incident, asks)
    await client.notes(incident, asks)
    await client.names([Reference(table=table, external_id="1") for table in ("user", "component")])
    fields = {
        "title": "x",
        "status": "CLOSED",
        "labels": ("a",),
        "services": (),
        "severity": "SEV1",
    }
    await client.write(WriteAsk(external_id="10001", fields=fields))
    await client.create(CreateAsk(fields=fields, correlation_id="1", may_exist=True))
    for visibility in NoteVisibility:
        note = CommentAsk(external_id="10001", body="x", visibility=visibility, may_exist=True)
        await client.comment(note)
    await client.check()


@pytest.mark.parametrize("seed", range(12))
async def test_no_answer_of_a_site_is_ever_raised(connect: Connect, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 — chance, not secrecy

    async def hostile(scope: Scope, receive: Receive, send: Send) -> None:
        told = document(chance, 4)
        if chance.random() < 0.6:
            told = issue(chance) | {
                "issues": [issue(chance)],
                "items": document(chance, 3),
                "issueChangeLogs": [{"issueId": "10001", "changeHistories": document(chance, 4)}],
            }
        status = 200 if chance.random() < 0.9 else chance.choice((204, 400, 404, 429))
        headers = {"Date": "Fri, 02 Jan 2026 03:04:05 GMT"}
        body = orjson.dumps(told, default=str) if status != 204 else b""
        await Request(scope, receive).body()
        await Response(body, status, headers)(scope, receive, send)

    client = connect(app=hostile)
    for _ in range(2):
        await everything(client)
