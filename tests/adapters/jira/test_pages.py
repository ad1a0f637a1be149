import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from adapters.exchange import CensusAsk, CensusPage, Failed, Found, Page
from adapters.jira.client import Jira as Client
from adapters.jira.manifest import JIRA
from adapters.jira.search import stored
from domain.records import RecordKind
from domain.sync.retry import Fault
from domain.sync.watermark import lower_bound
from simulators.jira.instance import Jira
from tests.adapters.conftest import Clock
from tests.adapters.jira.conftest import Connect
from tests.adapters.jira.reading import INCIDENT, altered, ask, create, page, pages


class Least(random.Random):
    def random(self) -> float:
        return 0


SEARCH = "POST /rest/api/3/search/jql"


async def test_250_issues_of_one_millisecond_are_three_pages(jira: Jira, client: Client) -> None:
    made = create(jira, 250)

    read = await pages(client, ask())

    assert [len(one.records) for one in read] == [100, 100, 50]
    assert [one.remaining for one in read] == [250, 150, 50]
    assert [record.external_id for one in read for record in one.records] == made
    at = read[0].records[0].key.at
    assert [one.through for one in read] == [at - timedelta(milliseconds=1)] * 2 + [at]


async def test_short_and_empty_pages_end_nothing(jira: Jira, client: Client) -> None:
    made = create(jira, 60)
    jira.switches.short_pages = 0.8

    read = await pages(client, ask(size=10))

    assert [record.external_id for one in read for record in one.records] == made
    assert any(not one.records for one in read)


async def test_a_pull_asks_by_the_epoch_and_not_in_the_zone_of_the_account(
    jira: Jira, client: Client, clock: Clock
) -> None:
    create(jira, 3)
    clock.move(hours=1)
    since = clock()
    late = create(jira, 2)

    found = await page(client, ask(since=since))

    assert [record.external_id for record in found.records] == late


async def test_a_refused_token_begins_again_from_what_was_read(
    jira: Jira, client: Client, clock: Clock
) -> None:
    # given a run that was left for longer than a token lives
    made = []
    for _ in range(30):
        made += create(jira, 1)
        clock.move(minutes=1)
    first = await page(client, ask(size=20))
    clock.move(days=8)

    # when it goes on
    rest = await pages(client, ask(position=first.position, size=20))

    # then it asks again for the last minute only, and goes on with a new token
    found = [record.external_id for one in rest for record in one.records]
    assert found == made[19:]
    assert jira.served[SEARCH] == 3


async def test_what_search_does_not_see_yet_is_found_within_the_overlap(
    jira: Jira, client: Client, clock: Clock
) -> None:
    # given an issue that search sees a minute after others of a later stamp
    jira.switches.lag_seconds = 60
    late = create(jira, 1)
    jira.switches.lag_seconds = 0
    clock.move(seconds=1)
    seen = create(jira, 1)
    first = await page(client, ask())
    assert {record.external_id for record in first.records} == set(seen)

    # when the next run begins at its watermark
    clock.move(minutes=2)
    since = lower_bound(first.through, overlap=JIRA.overlap, resolution=JIRA.operand_resolution)
    second = await page(client, ask(since=since))

    assert {record.external_id for record in second.records} == {*late, *seen}


async def test_an_issue_is_read_by_its_id_before_search_sees_it(jira: Jira, client: Client) -> None:
    jira.switches.lag_seconds = 60
    (made,) = create(jira, 1)

    found = await client.read(RecordKind.INCIDENT, [made, made, "10999", "OPS-1"])

    assert isinstance(found, Found)
    assert [record.external_id for record in found.records] == [made]
    assert found.gone == {"10999", "OPS-1"}


async def test_an_issue_of_another_type_is_gone_for_its_kind(jira: Jira, client: Client) -> None:
    (made,) = create(jira, 1)

    found = await client.read(RecordKind.CHANGE, [made])

    assert isinstance(found, Found)
    assert found.gone == {made}


async def test_250_issues_are_read_by_id_in_three_calls(jira: Jira, client: Client) -> None:
    made = create(jira, 250)

    found = await client.read(RecordKind.INCIDENT, made)

    assert isinstance(found, Found)
    assert len(found.records) == 250
    assert jira.served["POST /rest/api/3/issue/bulkfetch"] == 3


async def test_settings_bound_the_projects_and_name_the_types(jira: Jira, connect: Connect) -> None:
    jira.create("Task", {"summary": "Elsewhere"}, project="DEV")
    task = jira.create("Task", {"summary": "Here"})
    types = altered("issueType", values={"Task": "INCIDENT"})
    both = type(types)(
        replace(entry, values={"*": "x", "OPS": "x"}) if entry.field == "project" else entry
        for entry in types.maps
    )

    everywhere = await page(connect(mappings=types), ask())
    here = await page(connect(mappings=both), ask())

    assert len(everywhere.records) == 2
    assert [record.external_id for record in here.records] == [task["id"]]


async def test_a_type_that_the_site_does_not_have_is_told(connect: Connect) -> None:
    client = connect(mappings=altered("issueType", values={'No "such" type': "INCIDENT"}))

    found = await client.page(ask())

    assert isinstance(found, Failed)
    assert found.fault is Fault.REJECTED
    assert 'No "such" type' in found.detail


async def test_what_changes_while_pages_are_read_comes_last_and_none_is_missed(
    jira: Jira, client: Client, clock: Clock
) -> None:
    made = create(jira, 25)
    clock.move(seconds=1)
    first = await page(client, ask(size=10))
    for key in (made[0], made[24]):
        jira.edit(key, {"summary": "Changed"})

    rest = await pages(client, ask(position=first.position, size=10))

    found = [record.external_id for one in rest for record in one.records]
    assert found == [*made[10:24], made[0], made[24]]
    told = [one.through for one in (first, *rest) if one.through]
    assert all(earlier <= later for earlier, later in pairwise(told))


async def test_a_search_that_does_not_go_on_ends(jira: Jira, client: Client) -> None:
    create(jira, 3)
    jira.switches.short_pages, jira.switches.chances = 1, Least()

    found = await client.page(ask())
    asked = 1
    while isinstance(found, Page):
        found = await client.page(ask(position=found.position))
        asked += 1

    assert (found.fault, asked) == (Fault.BAD_ANSWER, 101)


async def test_a_census_of_many_issues_takes_few_requests(jira: Jira, client: Client) -> None:
    kinds = [(INCIDENT, {"summary": str(n)}) for n in range(6_000)]
    jira.fill([*kinds, ("[System] Change", {"summary": "Other"})])
    ids: list[str] = []
    position = None
    while position is not None or not ids:
        found = await client.census(CensusAsk(kind=RecordKind.INCIDENT, position=position))
        assert isinstance(found, CensusPage)
        ids += found.external_ids
        position = found.position

    assert len(set(ids)) == len(ids) == 6_000
    assert jira.served[SEARCH] == 2


async def test_an_account_taken_for_nobody_sees_no_empty_site(jira: Jira, connect: Connect) -> None:
    create(jira, 1)
    jira.switches.anonymous_reads = True

    found = await connect({"email": "admin@example.com", "api_token": "wrong"}).page(ask())

    assert isinstance(found, Failed)
    assert found.fault is Fault.UNAUTHORISED


async def test_an_answer_that_admits_to_a_failed_login_is_a_refusal(
    jira: Jira, connect: Connect
) -> None:
    create(jira, 1)

    async def nobody(scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-seraph-loginreason", b"AUTHENTICATED_FAILED"))
            await send(message)

        await jira.app(scope, receive, answer)

    found = await connect(app=nobody).page(ask())

    assert isinstance(found, Failed)
    assert found.fault is Fault.UNAUTHORISED


@pytest.mark.parametrize("text", ["", "{}", "[]", "x", '{"token": 1}'])
def test_a_position_that_is_none_of_ours_is_a_fault_of_the_caller(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        stored(text)


async def test_no_request_reaches_what_its_path_does_not_name(jira: Jira, client: Client) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url.path)

    jira.hooks.before_request = note
    await client.read(RecordKind.INCIDENT, ["../myself", "1/../2", "1?x", "1#"])

    assert not [path for path in asked if "issue" in path]
