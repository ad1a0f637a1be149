import httpx
import pytest

from simulators.jira.instance import Jira
from simulators.jira.jql import All, Any, Clause, Not, Operand, Unreadable, parse
from tests.simulators.conftest import Clock
from tests.simulators.jira.conftest import API, CHANGE, INCIDENT, found


def test_and_binds_closer_than_or_and_not_closest() -> None:
    def equals(field: str) -> Clause:
        return Clause(field, "=", (Operand("1"),))

    query = parse("a = 1 OR NOT b = 1 AND (c = 1 OR d = 1) ORDER BY a DESC, b")
    inner = Any((equals("c"), equals("d")))
    assert query.where == Any((equals("a"), All((Not(equals("b")), inner))))
    assert query.orders == (("a", True), ("b", False))


@pytest.mark.parametrize(
    "text",
    [
        "project",
        "project =",
        "project = OPS AND",
        "project = OPS labels = a",
        "(project = OPS",
        "labels in a",
        "labels in (a",
        "labels is a",
        "labels like a",
        'summary ~ "open',
        "project = OPS ORDER key",
        f"project = OPS ORDER BY {', '.join(f'f{n}' for n in range(8))}",
    ],
)
def test_what_is_no_query_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parse(text)


@pytest.fixture
def three(jira: Jira, clock: Clock) -> None:
    """An incident, an urgent change a minute later, and a task elsewhere another minute later."""
    fields = {"summary": "Mail is down", "labels": ["mail", "wp-1"], "description": "No answer"}
    jira.create(INCIDENT, fields, by="ann.lee")
    clock.move(minutes=1)
    urgent = {
        "summary": "Restart",
        "priority": {"name": "Highest"},
        "components": [{"id": "10001"}],
    }
    jira.create(CHANGE, urgent)
    clock.move(minutes=1)
    jira.create("Task", {"summary": "Elsewhere"}, project="DEV")
    jira.transition("OPS-2", "Review")


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ("project = OPS ORDER BY key", ["OPS-1", "OPS-2"]),
        ("project = operations ORDER BY key DESC", ["OPS-2", "OPS-1"]),
        ('issuetype = "[System] Incident"', ["OPS-1"]),
        ("type != 10002 ORDER BY key", ["DEV-1", "OPS-2"]),
        ("status = Review", ["OPS-2"]),
        ('statusCategory = "To Do" ORDER BY key', ["DEV-1", "OPS-1"]),
        ("statusCategory != new", ["OPS-2"]),
        ('labels = "wp-1"', ["OPS-1"]),
        ("labels in (mail, web)", ["OPS-1"]),
        ("labels != mail", []),
        ("labels is EMPTY ORDER BY key", ["DEV-1", "OPS-2"]),
        ("component = 10001", ["OPS-2"]),
        ("priority > Medium", ["OPS-2"]),
        ("priority in (Medium, Low) ORDER BY key", ["DEV-1", "OPS-1"]),
        ("project = OPS ORDER BY priority DESC", ["OPS-2", "OPS-1"]),
        ("reporter = currentUser() ORDER BY key", ["DEV-1", "OPS-2"]),
        ("assignee is not EMPTY", []),
        ("resolution = Unresolved ORDER BY key", ["DEV-1", "OPS-1", "OPS-2"]),
        ('text ~ "ANSWER"', ["OPS-1"]),
        ("summary ~ answer", []),
        ("project = OPS AND summary !~ mail", ["OPS-2"]),
        ("key in (OPS-2, 10001) ORDER BY key", ["OPS-1", "OPS-2"]),
        ("project = OPS AND key > OPS-1", ["OPS-2"]),
        ("NOT project = OPS OR key = OPS-1 ORDER BY created", ["OPS-1", "DEV-1"]),
        ("project = OPS ORDER BY updated ASC, key ASC", ["OPS-1", "OPS-2"]),
        ("project in (OPS, DEV)", ["DEV-1", "OPS-2", "OPS-1"]),
    ],
)
async def test_a_query_finds(http: httpx.AsyncClient, jql: str, keys: list[str]) -> None:
    assert await found(http, jql) == keys


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("bound", "count"),
    [
        # The clock starts at 10:00 UTC, which is 11:00 in the account's zone.
        ("1772445600000", 3),
        ("1772445600001", 2),
        ('"2026-03-02 11:01"', 2),
        ('"2026/03/02 11:02"', 1),
        ('"2026-03-02 10:01"', 3),
        ('"2026-03-03"', 0),
        ("-1m", 2),
        ("now()", 1),
    ],
)
async def test_times_are_milliseconds_or_the_accounts_clock(
    http: httpx.AsyncClient, bound: str, count: int
) -> None:
    assert len(await found(http, f"created >= {bound}")) == count


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("jql", "message"),
    [
        ("", "Unbounded JQL queries are not allowed here."),
        ("ORDER BY key", "Unbounded JQL queries are not allowed here."),
        ("colour = red", "Field 'colour' does not exist"),
        ("project = OPS ORDER BY colour", "Field 'colour' does not exist"),
        ("project = NO", "The value 'NO' does not exist for the field 'project'."),
        ("key = OPS-99", "An issue with key 'OPS-99' does not exist"),
        ("updated >= soon", "Date value 'soon' for field 'updated' is invalid."),
        ("project ~ OPS", "The operator '~' is not supported"),
        ("project > OPS", "The operator '>' is not supported"),
        ("labels > a", "The operator '>' is not supported"),
        ("summary = a", "The operator '=' is not supported"),
        ("updated in (1)", "The operator 'in' is not supported"),
    ],
)
async def test_what_cannot_be_searched_is_explained(
    http: httpx.AsyncClient, jql: str, message: str
) -> None:
    answer = await http.post(f"{API}/search/jql", json={"jql": jql})
    assert answer.status_code == 400
    (said,) = answer.json()["errorMessages"]
    assert said.startswith(message)
