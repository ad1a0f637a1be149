import pytest

from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.query import Dialect, translate
from simulators.servicenow.tables import TABLES
from tests.simulators.conftest import Clock


@pytest.fixture
def servicenow(servicenow: ServiceNow, clock: Clock) -> ServiceNow:
    """Hold four incidents, a second apart: a, b, c and d."""
    for title, category, impact in (
        ("a", "mail", "1"),
        ("b", "mail", "2"),
        ("c", "", "3"),
        ("d", "100% web", "3"),
    ):
        servicenow.create({"short_description": title, "category": category, "impact": impact})
        clock.move(seconds=1)
    return servicenow


def found(servicenow: ServiceNow, query: str) -> str:
    dialect = Dialect(zone=servicenow.switches.zone, strict=servicenow.switches.strict_queries)
    selection = translate(query, TABLES["incident"], dialect)
    store = servicenow.records.store
    rows = store.page("incident", ["short_description"], selection, limit=9, offset=0)
    assert len(rows) == store.count("incident", selection)
    return "".join(row["short_description"] for row in rows)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "abcd"),
        ("category=mail", "ab"),
        ("category!=mail", "cd"),
        ("category=", "c"),
        ("categoryISEMPTY", "c"),
        ("categoryISNOTEMPTY", "abd"),
        ("categoryIN100% web,mail", "abd"),
        ("short_descriptionNOT INa,b", "cd"),
        ("categoryLIKEai", "ab"),
        ("categoryLIKE%", "d"),
        ("categorySTARTSWITH100", "d"),
        ("categoryENDSWITHweb", "d"),
        ("impact>1", "bcd"),
        ("impact<=2", "ab"),
        ("sys_mod_count<10", "abcd"),
        ("category=mail^impact=2", "b"),
        ("category=mail^ORcategoryISEMPTY^impact>1", "bc"),
        ("category=mail^impact=1^NQimpact=3", "acd"),
        ("impact=3^NQ", "abcd"),
        ("ORDERBYDESCshort_description", "dcba"),
        ("impact=3^ORDERBYDESCimpact^ORDERBYDESCshort_description", "dc"),
        ("sys_updated_on>=2026-03-02 10:00:02", "cd"),
        ("sys_updated_on>javascript:gs.dateGenerate('2026-03-02','02:00:01')", "cd"),
        ("no_such_field=1", "abcd"),
        ("no_such_field=1^category=mail", "ab"),
        ("'; DROP TABLE incident; --", "abcd"),
        ("category='; DROP TABLE incident; --", ""),
    ],
)
def test_a_query_finds(servicenow: ServiceNow, query: str, expected: str) -> None:
    assert found(servicenow, query) == expected


def test_a_keyset_goes_on_behind_the_last_row(servicenow: ServiceNow) -> None:
    b = next(r for r in rows_of(servicenow) if r["short_description"] == "b")
    at = b["sys_updated_on"]
    order = "^ORDERBYsys_updated_on^ORDERBYsys_id"
    behind = f"sys_updated_on={at}^sys_id>{b['sys_id']}^NQsys_updated_on>{at}{order}"
    assert found(servicenow, behind) == "cd"
    narrowed = f"sys_updated_on={at}^impact=3^NQsys_updated_on>{at}^impact=3^ORDERBYnumber"
    assert found(servicenow, narrowed) == "cd"


def test_a_strict_instance_finds_nothing_by_an_unknown_field(servicenow: ServiceNow) -> None:
    servicenow.switches.strict_queries = True
    assert found(servicenow, "no_such_field=1^category=mail") == ""


def rows_of(servicenow: ServiceNow) -> list[dict[str, str]]:
    selection = translate("", TABLES["incident"], Dialect(zone=servicenow.switches.zone))
    names = ["short_description", "sys_id", "sys_updated_on"]
    return servicenow.records.store.page("incident", names, selection, limit=9, offset=0)
