import pytest

from adapters.registry import VENDORS, manifest
from domain.errors import NotFound
from domain.records import Owner
from domain.sync.ownership import canonical


def test_a_vendor_is_found_by_its_own_key() -> None:
    assert all(manifest(key) is about and about.key == key for key, about in VENDORS.items())


def test_an_unknown_vendor_is_refused_where_it_was_named() -> None:
    with pytest.raises(NotFound) as refused:
        manifest("nobody")
    assert refused.value.path == ("providerKey",)


@pytest.mark.parametrize(
    ("provider", "platform", "external"),
    [
        ("servicenow", "severity title description", "assigned_to work_notes"),
        ("jira", "severity priority", "assignee comments"),
        ("pagerduty", "title description", "escalation_policy assigned_to"),
    ],
)
def test_a_vendors_fields_have_the_owners_that_are_the_rule(
    provider: str, platform: str, external: str
) -> None:
    # Rule O2, by the names that people know.
    wanted = {canonical(name): Owner.PLATFORM for name in platform.split()}
    wanted |= {canonical(name): Owner.EXTERNAL for name in external.split()}
    assert dict(manifest(provider).ownership) == wanted
