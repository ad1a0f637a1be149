from datetime import timedelta
from itertools import pairwise

from adapters.exchange import Found, Page, PageAsk
from adapters.servicenow.client import ServiceNow as Client
from domain.inbound import InboundRecord
from domain.records import RecordKind, RelationName
from simulators import misfortune
from simulators.misfortune import Kind
from simulators.servicenow.instance import ServiceNow
from tests.adapters.conftest import Clock


def service(servicenow: ServiceNow, name: str, table: str = "cmdb_ci_service") -> str:
    fields = {"name": name, "busines_criticality": "1 - most critical"}
    return servicenow.create(fields, table=table)["sys_id"]


async def services(
    client: Client, clock: Clock | None = None, size: int = 200
) -> dict[str, InboundRecord]:
    """Read all services, or those that changed in the last minute of a clock."""
    since = None if clock is None else clock() - timedelta(minutes=1)
    records: dict[str, InboundRecord] = {}
    position: str | None = None
    for _ in range(50):
        page = await client.page(
            PageAsk(kind=RecordKind.SERVICE, since=since, position=position, size=size)
        )
        assert isinstance(page, Page), page
        records |= {record.external_id: record for record in page.records}
        position = page.position
        if position is None:
            return records
    raise AssertionError("the pages do not end")


def depends_on(record: InboundRecord) -> list[str]:
    return [target.external_id for target in record.relations[RelationName.DEPENDS_ON]]


async def test_services_come_with_tier_and_dependencies_and_items_without_tier(
    servicenow: ServiceNow, client: Client
) -> None:
    web, db = service(servicenow, "Web Shop"), service(servicenow, "Database")
    server = service(servicenow, "db-1", table="cmdb_ci")
    servicenow.relate(web, db)
    servicenow.relate(db, server)
    servicenow.relate(web, server, kind="Hosted on::Hosts")

    read = await services(client)

    assert {key: depends_on(record) for key, record in read.items()} == {
        web: [db],
        db: [server],
        server: [],
    }
    assert [read[key].fields.get("criticality") for key in (web, server)] == ["TIER1", None]
    assert [read[key].fields["isConfigurationItem"] for key in (web, server)] == [False, True]


async def test_120_services_are_completed_whatever_the_size_of_a_call(
    servicenow: ServiceNow, client: Client
) -> None:
    made = [service(servicenow, f"Service {n}") for n in range(120)]
    for parent, child in pairwise(made):
        servicenow.relate(parent, child)

    read = await services(client)

    assert [depends_on(read[key]) for key in made[:-1]] == [[key] for key in made[1:]]
    assert {record.fields["criticality"] for record in read.values()} == {"TIER1"}


async def test_a_new_dependency_brings_its_parent_though_that_was_not_written(
    servicenow: ServiceNow, client: Client, clock: Clock
) -> None:
    made = [service(servicenow, f"Service {n}") for n in range(30)]
    servicenow.relate(made[26], made[27])
    clock.move(hours=1)
    for parent in made[:25]:
        servicenow.relate(parent, made[29])

    read = await services(client, clock, size=10)

    assert set(read) == set(made[:25])
    assert all(depends_on(record) == [made[29]] for record in read.values())


async def test_a_page_of_changed_dependencies_moves_no_watermark(
    servicenow: ServiceNow, client: Client, clock: Clock
) -> None:
    web, db = service(servicenow, "Web Shop"), service(servicenow, "Database")
    clock.move(hours=1)
    servicenow.relate(web, db)

    ask = PageAsk(kind=RecordKind.SERVICE, since=clock(), position=None, size=10)
    page = await client.page(ask)

    assert isinstance(page, Page)
    assert [record.external_id for record in page.records] == [web]
    assert page.through is None
    assert page.position is not None


async def test_relations_that_may_not_be_read_are_left_untold(
    servicenow: ServiceNow, client: Client, clock: Clock
) -> None:
    web = service(servicenow, "Web Shop")
    servicenow.switches.closed_tables = {"cmdb_rel_ci"}

    assert (await services(client))[web].relations == {}
    assert set(await services(client, clock)) == {web}


async def test_many_ids_that_take_the_vendor_too_long_are_asked_for_in_parts(
    servicenow: ServiceNow, client: Client
) -> None:
    made = [service(servicenow, f"Service {n}", table="cmdb_ci") for n in range(60)]
    servicenow.misfortunes.push(misfortune.Fault(kind=Kind.CANCELLED))

    found = await client.read(RecordKind.SERVICE, made)

    assert isinstance(found, Found)
    assert {record.external_id for record in found.records} == set(made)
