"""Which field mappings can hold."""

import pytest

from domain.records import RecordKind
from domain.sync.field_mapping import (
    CLOSED_SETS,
    LONGEST_VALUE,
    MOST_VALUES,
    Mappable,
    ValuePair,
    Wrong,
    find_field,
    wrong_mapping,
)

STATUS = Mappable(kind=RecordKind.INCIDENT, field="status", has_values=True)
TITLE = Mappable(kind=RecordKind.INCIDENT, field="title")
SERVICES = Mappable(kind=RecordKind.CHANGE, field="services")
KNOWN = (STATUS, TITLE, Mappable(kind=RecordKind.CHANGE, field="number", is_fixed=True))


def path(about: Mappable, external_field: str | None = None, **values: str | None) -> str:
    """Return where a mapping is wrong, an empty text when it can hold."""
    pairs = [ValuePair(external=external, ours=ours) for external, ours in values.items()]
    wrong = wrong_mapping(about, external_field=external_field, values=pairs)
    return "" if wrong is None else ".".join(wrong.path)


def test_a_field_is_found_by_kind_and_name_unless_it_is_fixed() -> None:
    assert find_field(KNOWN, RecordKind.INCIDENT, "title") == TITLE
    for kind, field in ((RecordKind.CHANGE, "title"), (RecordKind.CHANGE, "number")):
        found = find_field(KNOWN, kind, field)
        assert isinstance(found, Wrong)
        assert found.path == ("field",)


@pytest.mark.parametrize(
    "name",
    ["u_severity", "customfield_10042", "caller_id.name", "Change risk", "Priorität", "x" * 200],
)
def test_names_that_vendors_give_fields_are_taken(name: str) -> None:
    assert path(TITLE, name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a^ORb",
        "a=b",
        "a,b",
        "a&b",
        'a"b',
        "a'b",
        "a\nb",
        "a\x00",
        "../a",
        " a",
        "a ",
        "a/b",
        "x" * 201,
    ],
)
def test_names_that_a_query_could_misread_are_refused(name: str) -> None:
    assert path(TITLE, name) == "externalField"


def test_a_value_is_one_of_the_fields_closed_set_or_taken_away() -> None:
    assert path(STATUS, **{"99": "ON_HOLD", "3": None}) == ""
    assert path(STATUS, **{"3": "ON_HOLD", "99": "Waiting"}) == "values.1.ours"


def test_services_take_any_ids_and_free_fields_no_values() -> None:
    assert path(SERVICES, ci1="PABC123") == ""
    assert path(TITLE, "summary", a="b") == "values"


def test_a_vendors_value_is_given_once() -> None:
    pairs = [ValuePair(external="1", ours="NEW"), ValuePair(external="1", ours="CLOSED")]
    wrong = wrong_mapping(STATUS, external_field=None, values=pairs)
    assert wrong is not None
    assert wrong.path == ("values", "1", "external")


@pytest.mark.parametrize("value", ["", "  ", "a\nb", "a\x00", "x" * (LONGEST_VALUE + 1)])
def test_values_are_printable_and_not_too_long(value: str) -> None:
    assert path(STATUS, **{value: "NEW"}) == "values.0.external"
    assert path(SERVICES, ci1=value) == "values.0.ours"


def test_a_setting_says_something_and_not_too_much() -> None:
    assert path(STATUS) == "externalField"
    assert path(STATUS, **{str(number): "NEW" for number in range(MOST_VALUES)}) == ""
    assert path(STATUS, **{str(number): "NEW" for number in range(MOST_VALUES + 1)}) == "values"


def test_each_kind_has_its_closed_sets() -> None:
    assert {kind for kind, _ in CLOSED_SETS} == set(RecordKind)
