import pytest

from adapters.registry import VENDORS, manifest
from domain.errors import NotFound


def test_a_vendor_is_found_by_its_own_key() -> None:
    assert all(manifest(key) is about and about.key == key for key, about in VENDORS.items())


def test_an_unknown_vendor_is_refused_where_it_was_named() -> None:
    with pytest.raises(NotFound) as refused:
        manifest("nobody")
    assert refused.value.path == ("providerKey",)
