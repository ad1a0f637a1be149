"""Fields of one integration are mapped otherwise than its vendor's default."""

import pytest

from adapters.registry import manifest
from domain.access.roles import Actor, Role
from domain.errors import Forbidden, Invalid, NotFound
from domain.records import RecordKind, RunStatus
from domain.sync.field_mapping import ValuePair
from models.reads.field_override import FieldOverride, overrides
from models.tables.integration import IntegrationRow, UnmappedValueRow
from models.tables.sync_run import SyncRunRow
from operations.integrations.clear_field_mapping import ClearFieldMapping, clear_field_mapping
from operations.integrations.mappings import effective
from operations.integrations.set_field_mapping import SetFieldMapping, set_field_mapping
from tests import given
from tests.operations.integrations.opened import account_of
from tests.world import ADMIN, World

SERVICENOW = manifest("servicenow")


def setting(world: World, **changes: object) -> SetFieldMapping:
    values: dict[str, object] = {
        "integration_id": world.integration_id,
        "kind": RecordKind.INCIDENT,
        "field": "severity",
        "external_field": "u_severity",
        "values": (ValuePair(external="9", ours="SEV1"), ValuePair(external="5", ours=None)),
    }
    return SetFieldMapping(**values | changes)  # type: ignore[arg-type]  # — a test's own words


def severity(world: World) -> ClearFieldMapping:
    return ClearFieldMapping(
        integration_id=world.integration_id, kind=RecordKind.INCIDENT, field="severity"
    )


async def active(world: World) -> list[SyncRunRow]:
    runs = SyncRunRow.filter(integration_id=world.integration_id, active_slot__isnull=False)
    return await runs.order_by("id")


async def test_a_setting_reaches_the_adapter_on_top_of_the_default(world: World) -> None:
    await set_field_mapping(world.runtime, ADMIN, setting(world))
    mappings = (await account_of(world)).mappings
    assert mappings.external_fields(RecordKind.INCIDENT, "severity") == ("u_severity",)
    assert mappings.external_fields(RecordKind.INCIDENT, "priority") == ("priority",)

    default = effective(SERVICENOW, ()).values(RecordKind.INCIDENT, "severity")
    expected = {**default, "9": "SEV1"}
    expected.pop("5", None)
    assert mappings.values(RecordKind.INCIDENT, "severity") == expected


async def test_a_change_cancels_the_run_under_way_and_reads_all_again(world: World) -> None:
    await world.sync()
    before = await given.run(
        await IntegrationRow.get(id=world.integration_id),
        status=RunStatus.RUNNING,
        active_slot=1,
    )
    await set_field_mapping(world.runtime, ADMIN, setting(world))
    assert (await SyncRunRow.get(id=before.id)).status == RunStatus.CANCELLED
    (run,) = await active(world)
    assert (run.is_full, run.kind, run.requested_by) == (True, RecordKind.INCIDENT, ADMIN.name)
    assert {"pull", "events"} <= set(world.hints)


async def test_what_was_unmapped_in_the_field_is_found_anew(world: World) -> None:
    row = await IntegrationRow.get(id=world.integration_id)
    await given.unmapped(row, "priority", "9")
    await given.unmapped(row, "state", "99")
    await set_field_mapping(world.runtime, ADMIN, setting(world))
    assert [row.field for row in await UnmappedValueRow.all()] == ["state"]


async def test_a_new_setting_replaces_the_old_one_and_clearing_brings_the_default(
    world: World,
) -> None:
    await set_field_mapping(world.runtime, ADMIN, setting(world))
    await set_field_mapping(world.runtime, ADMIN, setting(world, values=()))
    assert await overrides(world.integration_id) == [
        FieldOverride(
            kind=RecordKind.INCIDENT, field="severity", external_field="u_severity", values={}
        )
    ]
    await clear_field_mapping(world.runtime, ADMIN, severity(world))
    assert await overrides(world.integration_id) == []


async def test_clearing_what_was_never_set_reads_nothing_again(world: World) -> None:
    await clear_field_mapping(world.runtime, ADMIN, severity(world))
    assert await active(world) == []


async def test_a_setting_that_cannot_hold_changes_nothing(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        await set_field_mapping(
            world.runtime, ADMIN, setting(world, values=[ValuePair(external="9", ours="SEV9")])
        )
    assert refused.value.path == ("values", "0", "ours")
    assert await overrides(world.integration_id) == []
    assert await active(world) == []


async def test_only_who_configures_the_integration_maps_its_fields(world: World) -> None:
    outsider = Actor(
        id="o", name="Olga", roles=frozenset({Role.INTEGRATION_MANAGER}), scopes=frozenset({"x"})
    )
    with pytest.raises(Forbidden):
        await set_field_mapping(world.runtime, outsider, setting(world))
    with pytest.raises(Forbidden):
        await clear_field_mapping(world.runtime, outsider, severity(world))
    with pytest.raises(NotFound) as missing:
        await set_field_mapping(world.runtime, ADMIN, setting(world, integration_id="nobody"))
    assert missing.value.path == ("integrationId",)


def test_services_are_joined_where_they_are_stored_not_by_the_adapter() -> None:
    override = FieldOverride(
        kind=RecordKind.INCIDENT,
        field="services",
        external_field=None,
        values={"ci-1": "component-7"},
    )
    mappings = effective(SERVICENOW, [override])
    assert mappings.values(RecordKind.INCIDENT, "services") == {}
    assert mappings.external_fields(RecordKind.INCIDENT, "services") == effective(
        SERVICENOW, ()
    ).external_fields(RecordKind.INCIDENT, "services")


def test_several_default_places_become_the_one_that_a_setting_names() -> None:
    override = FieldOverride(
        kind=RecordKind.INCIDENT, field="services", external_field="u_service", values={}
    )
    assert len(effective(SERVICENOW, ()).external_fields(RecordKind.INCIDENT, "services")) > 1
    mappings = effective(SERVICENOW, [override])
    assert mappings.external_fields(RecordKind.INCIDENT, "services") == ("u_service",)
