from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from adapters.contract import Access, Manifest, Mappings, Pace, Vendor, at_once
from adapters.registry import VENDORS
from tests.adapters.conftest import Clock
from tests.adapters.contract.bench import Bench
from tests.adapters.contract.benches import bench_of

Connect = Callable[..., Vendor]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test on the vendors that can do what it is marked to need."""
    if "about" not in metafunc.fixturenames:
        return
    markers = metafunc.definition.iter_markers("needs")
    needed = {feature for marker in markers for feature in marker.args}
    able = [vendor for _, vendor in sorted(VENDORS.items()) if needed <= vendor.features]
    metafunc.parametrize("about", able, ids=[vendor.key for vendor in able])


@pytest.fixture
def bench(about: Manifest, clock: Clock) -> Bench:
    return bench_of(about.key, clock)


@pytest.fixture
async def connect(about: Manifest, bench: Bench, clock: Clock) -> AsyncIterator[Connect]:
    opened: list[Vendor] = []

    def connected(mappings: Mappings | None = None, pace: Pace = at_once) -> Vendor:
        access = Access(
            base_url="https://acme.example.com",
            credentials=bench.credentials,
            now=clock,
            deadline=timedelta(milliseconds=500),
            mappings=mappings,
            pace=pace,
            transport=bench.transport,
        )
        opened.append(about.connect(access))
        return opened[-1]

    yield connected
    for vendor in opened:
        await vendor.close()


@pytest.fixture
def vendor(connect: Connect) -> Vendor:
    return connect()
