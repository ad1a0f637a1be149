"""The pages of the vendors say what the manifests and the connection tests say."""

import re
from datetime import timedelta
from itertools import groupby
from typing import Final

import pytest

from adapters.contract import Access, FieldMap, Manifest
from adapters.registry import VENDORS
from domain.records import Direction, Owner, RecordKind
from tests.adapters.conftest import Clock
from tests.adapters.contract.benches import bench_of
from tests.docs.documents import ROOT, table

_WAYS: Final = {
    Direction.INBOUND: "in",
    Direction.OUTBOUND: "out",
    Direction.BIDIRECTIONAL: "both",
}
_KINDS: Final = [
    pytest.param(about, kind, id=f"{about.key}-{kind}")
    for about in VENDORS.values()
    for kind in about.kinds
]


def _page(about: Manifest) -> str:
    return f"docs/reference/vendors/{about.key}.md"


def _map_row(entry: FieldMap) -> list[str]:
    """Return a map as its page tells it, with the vendor's values before ours."""
    way = _WAYS[entry.direction] + " ≈" * entry.is_lossy + ", fixed" * entry.is_fixed
    values = [
        f"{', '.join(f'`{value}`' for value, _ in group)} {ours}"
        for ours, group in groupby(entry.values.items(), key=lambda pair: str(pair[1]))
    ]
    return [f"`{entry.field}`", f"`{entry.external_field}`", way, "; ".join(values)]


@pytest.mark.parametrize(("about", "kind"), _KINDS)
def test_the_fields_of_a_kind_are_told_as_they_are_mapped(
    about: Manifest, kind: RecordKind
) -> None:
    mapped = [_map_row(entry) for entry in about.mappings if entry.kind is kind]
    assert table(_page(about), head=kind.lower()) == mapped


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():g} s"


def _owned(about: Manifest, owner: Owner) -> str:
    fields = [field for field, side in about.ownership.items() if side is owner]
    return ", ".join(f"`{field}`" for field in fields)


def _facts(about: Manifest) -> list[list[str]]:
    kept = [f"{kind.lower()}s {span.days} days" for kind, span in about.keeps.items()]
    return [
        ["provider key", f"`{about.key}`"],
        ["kinds", ", ".join(about.kinds)],
        ["beyond reading", ", ".join(sorted(about.features))],
        ["overlap of pulls", _seconds(about.overlap)],
        ["resolution of times, in answers", _seconds(about.value_resolution)],
        ["the same, in queries", _seconds(about.operand_resolution)],
        ["records asked for at once", str(about.page_size)],
        ["requests a minute, by default", str(about.requests_per_minute)],
        ["kept by the vendor", "; ".join(kept) or "for ever"],
        ["decided by the vendor", _owned(about, Owner.EXTERNAL)],
        ["decided here", _owned(about, Owner.PLATFORM)],
    ]


@pytest.mark.parametrize("about", VENDORS.values(), ids=VENDORS)
def test_the_facts_of_a_vendor_are_those_of_its_manifest(about: Manifest) -> None:
    assert table(_page(about), head="fact") == _facts(about)


@pytest.mark.parametrize("about", VENDORS.values(), ids=VENDORS)
def test_every_way_to_sign_in_is_told(about: Manifest) -> None:
    rows = table(_page(about), head="set")
    told = {cells[0].strip("`"): re.findall(r"`(\w+)`", cells[1]) for cells in rows}
    assert told == {way.name: list(way.values) for way in about.credentials}


@pytest.mark.parametrize("about", VENDORS.values(), ids=VENDORS)
async def test_every_step_of_the_connection_test_is_told(about: Manifest) -> None:
    clock = Clock()
    bench = bench_of(about.key, clock)
    vendor = about.connect(
        Access(
            base_url="https://vendor.example.com",
            credentials=bench.credentials,
            now=clock,
            deadline=timedelta(seconds=5),
            transport=bench.transport,
        )
    )
    taken = [check.name for check in (await vendor.check()).checks]
    await vendor.close()
    told = [cells[0] for cells in table(_page(about), head="step")]
    assert re.findall(r"`([^`]+)`", " ".join(told)) == taken


def test_every_vendor_has_its_page_and_its_how_to() -> None:
    pages = {file.stem for file in (ROOT / "docs/reference/vendors").glob("*.md")}
    ways = {file.stem for file in (ROOT / "docs/how-to").glob("connect-*.md")}
    assert pages == set(VENDORS)
    assert ways == {f"connect-{key}" for key in VENDORS}
