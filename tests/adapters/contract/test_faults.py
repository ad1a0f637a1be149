from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.contract import Manifest, Mappings, Vendor
from adapters.exchange import Checked, Page
from domain.records import RecordKind, VendorFeature
from domain.sync.retry import Fault
from simulators.limit import Limit
from simulators.misfortune import Kind
from tests.adapters.contract.bench import Bench
from tests.adapters.contract.conftest import Connect
from tests.adapters.contract.reading import FIRST, census, failed, pull


@pytest.mark.parametrize(
    ("kind", "detail", "fault"),
    [
        (Kind.UNAUTHORISED, "", Fault.UNAUTHORISED),
        (Kind.THROTTLED, "7", Fault.THROTTLED),
        (Kind.ERROR, "", Fault.VENDOR_ERROR),
        (Kind.LOST, "", Fault.VENDOR_ERROR),
        (Kind.HTML, "", Fault.BAD_ANSWER),
        (Kind.TRUNCATED, "", Fault.BAD_ANSWER),
        (Kind.BOMB, "", Fault.BAD_ANSWER),
        (Kind.HANG, "", Fault.TIMED_OUT),
    ],
)
async def test_what_goes_wrong_is_told_and_passes(
    vendor: Vendor, bench: Bench, kind: Kind, detail: str, fault: Fault
) -> None:
    bench.befall(kind, detail=detail)

    outcome = await failed(vendor)

    assert outcome.fault is fault
    assert outcome.retry_after == (timedelta(seconds=7) if detail else None)
    assert 0 < len(outcome.detail) <= 500
    assert isinstance(await vendor.page(FIRST), Page)


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (400, Fault.REJECTED),
        (403, Fault.UNAUTHORISED),
        (404, Fault.REJECTED),
        (408, Fault.VENDOR_ERROR),
        (502, Fault.VENDOR_ERROR),
    ],
)
async def test_a_status_is_a_fault(vendor: Vendor, bench: Bench, status: int, fault: Fault) -> None:
    bench.befall(Kind.ERROR, status=status)

    outcome = await failed(vendor)

    assert (outcome.fault, outcome.status) == (fault, status)


async def test_a_limit_that_is_met_says_when_to_come_back(vendor: Vendor, bench: Bench) -> None:
    bench.limit(Limit(requests=0, per=timedelta(minutes=1)))

    outcome = await failed(vendor)

    assert outcome.fault is Fault.THROTTLED
    assert outcome.retry_after is not None
    assert timedelta(0) < outcome.retry_after <= timedelta(minutes=1)


async def test_every_request_waits_for_the_pace(
    connect: Connect, about: Manifest, bench: Bench
) -> None:
    waited: list[int] = []

    @asynccontextmanager
    async def pace() -> AsyncIterator[None]:
        waited.append(bench.asked())
        yield

    vendor = connect(pace=pace)
    bench.create("One")

    await pull(vendor, about)
    await census(vendor, RecordKind.INCIDENT)
    await vendor.check()

    assert waited == list(range(bench.asked()))


async def test_a_good_connection_passes_every_step(
    vendor: Vendor, about: Manifest, bench: Bench
) -> None:
    bench.create("One")
    steps = {"reach", "sign-in", "mapping", "clock"}
    steps |= {"write"} if VendorFeature.WRITE in about.features else set()

    checked = await vendor.check()

    names = [check.name for check in checked.checks]
    assert [check for check in checked.checks if not check.is_ok] == []
    assert steps <= set(names)
    assert any(name.startswith("read") for name in names)
    assert checked.latency is not None


async def test_revoked_credentials_fail_at_sign_in_and_say_what_to_do(
    vendor: Vendor, bench: Bench
) -> None:
    bench.revoke()

    assert (await failed(vendor)).fault is Fault.UNAUTHORISED
    assert list(_wrong(await vendor.check())) == ["sign-in"]


@pytest.mark.parametrize("kind", [Kind.HTML, Kind.ERROR, Kind.HANG, Kind.THROTTLED])
async def test_a_vendor_that_does_not_answer_fails_at_reach_and_says_what_to_do(
    vendor: Vendor, bench: Bench, kind: Kind
) -> None:
    bench.befall(kind)

    wrong = _wrong(await vendor.check())

    assert list(wrong) == ["reach"]
    assert len(wrong["reach"]) > 20


async def test_a_mapping_to_a_field_that_the_vendor_lacks_fails_and_names_it(
    connect: Connect, about: Manifest, bench: Bench
) -> None:
    bench.create("One")
    mapped = Mappings(
        replace(entry, external_field="no_such_field")
        if (entry.kind, entry.field) == (RecordKind.INCIDENT, "description")
        else entry
        for entry in about.mappings
    )

    wrong = _wrong(await connect(mapped).check())

    assert list(wrong) == ["mapping"]
    assert "no_such_field" in wrong["mapping"]
    assert "description" in wrong["mapping"]


def _wrong(checked: Checked) -> dict[str, str]:
    return {check.name: check.detail for check in checked.checks if not check.is_ok}
