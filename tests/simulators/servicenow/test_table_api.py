from datetime import timedelta

import httpx

from simulators.limit import Limit
from simulators.servicenow.instance import ServiceNow
from tests.simulators.conftest import Clock

TABLE = "/api/now/table/incident"


async def pages(http: httpx.AsyncClient, query: str, limit: int) -> list[list[str]]:
    """Read all pages by keyset, each as its numbers."""
    found: list[list[str]] = []
    condition = query
    while True:
        asked = {
            "sysparm_query": f"{condition}^ORDERBYsys_updated_on^ORDERBYsys_id",
            "sysparm_fields": "number,sys_id,sys_updated_on",
            "sysparm_limit": str(limit),
        }
        rows = (await http.get(TABLE, params=asked)).json()["result"]
        if not rows:
            return found
        found.append([row["number"] for row in rows])
        at, last = rows[-1]["sys_updated_on"], rows[-1]["sys_id"]
        condition = f"sys_updated_on={at}^sys_id>{last}^NQsys_updated_on>{at}"


async def test_the_default_page_links_to_all_others(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    for _ in range(7):
        servicenow.create({})
    answer = await http.get(TABLE, params={"sysparm_limit": "3", "sysparm_offset": "3"})
    assert answer.headers["X-Total-Count"] == "7"
    links = httpx.Response(200, headers={"Link": answer.headers["Link"]}).links
    offsets = {rel: httpx.URL(link["url"]).params["sysparm_offset"] for rel, link in links.items()}
    assert offsets == {"first": "0", "prev": "0", "next": "6", "last": "6"}
    last = await http.get(links["last"]["url"])
    assert len(last.json()["result"]) == 1
    assert 'rel="next"' not in last.headers["Link"]


async def test_keyset_paging_meets_every_row_of_one_second_once(
    servicenow: ServiceNow, http: httpx.AsyncClient, clock: Clock
) -> None:
    start = clock()
    numbers = {servicenow.create({})["number"] for _ in range(5)}
    clock.move(seconds=1)
    numbers |= {servicenow.create({})["number"] for _ in range(2)}
    found = await pages(http, f"sys_updated_on>={start:%Y-%m-%d %H:%M:%S}", 2)
    assert [len(page) for page in found] == [2, 2, 2, 1]
    assert {number for page in found for number in page} == numbers


async def test_offset_paging_misses_a_row_when_another_moves_between_pages(
    servicenow: ServiceNow, http: httpx.AsyncClient, clock: Clock
) -> None:
    numbers = [servicenow.create({})["number"] for _ in range(4)]

    def touch_the_first(table: str, rows: int) -> None:
        assert (table, rows) == ("incident", 2)
        clock.move(seconds=1)
        servicenow.edit(numbers[0], {"category": "network"})
        servicenow.hooks.after_page = None

    servicenow.hooks.after_page = touch_the_first
    asked = {"sysparm_query": "ORDERBYsys_updated_on^ORDERBYnumber", "sysparm_limit": "2"}
    seen: list[str] = []
    for offset in ("0", "2"):
        answer = await http.get(TABLE, params=asked | {"sysparm_offset": offset})
        seen += [row["number"] for row in answer.json()["result"]]
    assert seen == [numbers[0], numbers[1], numbers[3], numbers[0]]


async def test_access_rules_shorten_a_page_that_was_already_cut(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    rows = [servicenow.create({}) for _ in range(4)]
    servicenow.switches.unreadable = {rows[0]["sys_id"], rows[1]["sys_id"]}
    asked = {"sysparm_limit": "2", "sysparm_fields": "number"}
    answer = await http.get(TABLE, params=asked)
    assert answer.json() == {"result": []}
    assert answer.headers["X-Total-Count"] == "4"
    assert 'rel="next"' in answer.headers["Link"]
    assert (await http.get(f"{TABLE}/{rows[0]['sys_id']}")).status_code == 404


async def test_references_link_to_the_address_that_was_reached(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    group = servicenow.reference("sys_user_group", "Group 70")
    number = servicenow.create({"assignment_group": group})["number"]
    asked = {"sysparm_query": f"number={number}", "sysparm_fields": "assignment_group,nonsense"}
    (row,) = (await http.get(TABLE, params=asked)).json()["result"]
    address = f"https://acme.example.com/proxy/api/now/table/sys_user_group/{group}"
    assert row == {"assignment_group": {"link": address, "value": group}}
    plain = await http.get(TABLE, params=asked | {"sysparm_exclude_reference_link": "true"})
    assert plain.json()["result"] == [{"assignment_group": group}]


async def test_display_values_are_in_the_zone_of_the_account(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    user = servicenow.reference("sys_user", "Resolver 17")
    servicenow.create({"state": "3", "hold_reason": "1", "assigned_to": user})
    asked = {"sysparm_fields": "opened_at,state,hold_reason,assigned_to,made_sla"}
    both = await http.get(TABLE, params=asked | {"sysparm_display_value": "all"})
    assert both.json()["result"] == [
        {
            "opened_at": {
                "display_value": "2026-03-02 02:00:00",
                "value": "2026-03-02 10:00:00",
            },
            "state": {"display_value": "On Hold", "value": "3"},
            "hold_reason": {"display_value": "Awaiting Caller", "value": "1"},
            "assigned_to": {
                "display_value": "Resolver 17",
                "value": user,
                "link": f"https://acme.example.com/proxy/api/now/table/sys_user/{user}",
            },
            "made_sla": {"display_value": "true", "value": "true"},
        }
    ]
    shown = await http.get(
        TABLE,
        params=asked | {"sysparm_display_value": "true", "sysparm_exclude_reference_link": "true"},
    )
    assert shown.json()["result"][0]["assigned_to"] == "Resolver 17"


async def test_a_user_has_a_mail_address_made_of_the_name(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    user = servicenow.reference("sys_user", "Resolver 17")
    row = (await http.get(f"/api/now/table/sys_user/{user}")).json()["result"]
    assert (row["user_name"], row["email"]) == ("resolver.17", "resolver.17@example.com")


async def test_refusals_are_worded_as_documented(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    invalid = await http.get("/api/now/table/no_such_table")
    assert (invalid.status_code, invalid.json()["error"]["message"]) == (
        400,
        "Invalid table no_such_table",
    )
    assert (await http.post(TABLE, content=b"{")).status_code == 400
    servicenow.switches.closed_tables.add("sys_audit")
    assert (await http.get("/api/now/table/sys_audit")).status_code == 403
    servicenow.switches.read_only_tables.add("incident")
    refused = await http.post(TABLE, json={})
    assert (refused.status_code, refused.json()["error"]["detail"]) == (
        403,
        "ACL Exception Update Failed due to security constraints",
    )


async def test_the_count_follows_the_query(servicenow: ServiceNow, http: httpx.AsyncClient) -> None:
    for state in ("1", "2", "2"):
        servicenow.create({"state": state})
    asked = {"sysparm_count": "true", "sysparm_query": "state=2"}
    answer = await http.get("/api/now/stats/incident", params=asked)
    assert answer.json() == {"result": {"stats": {"count": "2"}}}


async def test_a_rate_limit_says_when_to_come_back(
    servicenow: ServiceNow, http: httpx.AsyncClient, clock: Clock
) -> None:
    assert "X-RateLimit-Limit" not in (await http.get(TABLE)).headers
    servicenow.switches.limit = Limit(requests=1, per=timedelta(hours=1))
    clock.move(minutes=59)
    allowed = await http.get(TABLE)
    assert (allowed.status_code, allowed.headers["X-RateLimit-Limit"]) == (200, "1")
    assert allowed.headers["X-RateLimit-Rule"] == "Table API"
    refused = await http.get(TABLE)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    clock.move(minutes=1)
    assert refused.headers["X-RateLimit-Reset"] == str(int(clock().timestamp()))
    detail = "Rate limit of 1 requests per hour for Table API exceeded"
    assert refused.json()["error"] == {"message": "Rate limit exceeded", "detail": detail}
    assert (await http.get(TABLE)).status_code == 200
    assert servicenow.switches.limit.busiest == 3


async def test_a_node_without_a_free_semaphore_refuses_and_tells_nothing(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    servicenow.switches.limit = Limit(requests=1, per=timedelta(seconds=1), is_told=False)
    assert (await http.get(TABLE)).status_code == 200
    refused = await http.get(TABLE)
    assert refused.status_code == 429
    assert not {"retry-after", "x-ratelimit-limit"} & set(refused.headers)
    assert refused.json()["status"] == "failure"


async def test_every_answer_is_dated_by_the_clock_that_stamps_records(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    servicenow.switches.skew = timedelta(minutes=3)
    answer = await http.post(TABLE, json={})
    assert answer.headers["Date"] == "Mon, 02 Mar 2026 10:03:00 GMT"
    assert answer.json()["result"]["sys_updated_on"] == "2026-03-02 10:03:00"


async def test_requests_are_counted_by_method_and_table(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    sys_id = servicenow.create({})["sys_id"]
    await http.get(f"{TABLE}/{sys_id}")
    await http.get(TABLE)
    assert servicenow.served == {"GET /api/now/table/incident": 2}
