import pytest

from adapters.jira.maps import AFFECTED_SERVICES
from adapters.jira.site import Field
from adapters.jira.writing import Draft, drafted
from domain.inbound import MirroredValue, Reference
from tests.adapters.jira.reading import altered, site

ANN = Reference(table="user", external_id="5b10")
MAIL = Reference(table="component", external_id="10016")
WEB = Reference(table="service", external_id="b:web")
AFFECTED = Field(id="customfield_10041", names=frozenset({AFFECTED_SERVICES}), is_scoped=False)


def draft(present: dict[str, object] | None = None, **fields: MirroredValue) -> Draft:
    return drafted(fields, present or {}, site(fields=[AFFECTED]))


def test_fields_are_written_in_the_form_of_their_kind() -> None:
    made = draft(
        title="  Mail\nis down ",
        assignee=ANN,
        priority="P2",
        labels=("a", "two words"),
        services=(MAIL, WEB),
        status="ON_HOLD",
    )

    assert made.fields == {
        "summary": "Mail is down",
        "assignee": {"accountId": "5b10"},
        "priority": {"id": "2"},
        "labels": ["a", "two_words"],
        "components": [{"id": "10016"}],
        "customfield_10041": [{"id": "b:web"}],
    }
    assert (made.status, made.refused) == ("ON_HOLD", {})


@pytest.mark.parametrize(
    ("present", "field", "value"),
    [
        ({"summary": "Mail"}, "title", "Mail"),
        ({"assignee": {"accountId": "5b10", "displayName": "Ann"}}, "assignee", ANN),
        ({"assignee": None}, "assignee", None),
        ({"priority": {"id": "2", "name": "High"}}, "priority", "P2"),
        ({"priority": {"id": "2", "name": "High"}}, "severity", "SEV2"),
        ({"components": [{"id": "10016"}]}, "services", (MAIL,)),
        ({"description": None}, "description", ""),
    ],
)
def test_what_an_issue_shows_already_is_not_sent(
    present: dict[str, object], field: str, value: MirroredValue
) -> None:
    assert draft(present, **{field: value}).fields == {}


def test_rich_text_keeps_its_form_while_its_words_stay() -> None:
    bold = {"type": "text", "text": "Mail is down", "marks": [{"type": "strong"}]}
    rich = {"type": "doc", "content": [{"type": "paragraph", "content": [bold]}]}

    assert draft({"description": rich}, description="Mail is down\n").fields == {}
    assert draft({"description": rich}, description="Mail is up").fields != {}
    assert draft({"description": rich}, description=None).fields == {"description": None}


def test_our_id_stays_among_the_labels() -> None:
    assert draft({"labels": ["old", "wp-01K"]}, labels=["new"]).fields["labels"] == [
        "new",
        "wp-01K",
    ]


def test_priority_goes_before_the_severity_that_would_stand_in_its_place() -> None:
    assert draft(severity="SEV1", priority="P4").fields == {"priority": {"id": "4"}}
    assert draft(severity="SEV1").fields == {"priority": {"id": "1"}}


def test_a_site_with_few_priorities_takes_the_lowest_for_those_beyond() -> None:
    few = site(priorities=["Urgent", "Normal"])

    assert drafted({"priority": "P2"}, {}, few).fields == {"priority": {"id": "2"}}
    assert drafted({"priority": "P5"}, {}, few).fields == {"priority": {"id": "2"}}


def test_several_of_their_values_for_one_of_ours_leave_the_present_one() -> None:
    maps = altered("priority", values={"Blocker": "P1", "Critical": "P1", "Minor": "P5"}).maps
    many = site(maps, priorities=["Blocker", "Critical", "Minor"])
    present = {"priority": {"id": "2", "name": "Critical"}}

    assert drafted({"priority": "P1"}, present, many).fields == {}
    assert drafted({"priority": "P5"}, present, many).fields == {"priority": {"id": "3"}}
    assert drafted({"priority": "P1"}, {}, many).fields == {"priority": {"id": "1"}}


def test_a_severity_of_its_own_is_written_by_its_option() -> None:
    maps = altered(
        "severity", external_field="Severity", values={"#1": "SEV1", "Sev-1": "SEV1"}
    ).maps
    own = Field(id="customfield_10040", names=frozenset({"severity"}), is_scoped=False)
    there = site(maps, fields=[own])

    made = drafted({"severity": "SEV1", "priority": "P3"}, {}, there)
    assert made.fields == {"customfield_10040": {"value": "Sev-1"}, "priority": {"id": "3"}}
    assert "SEV4" in drafted({"severity": "SEV4"}, {}, there).refused["severity"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", " \n"),
        ("assignee", "Ann Lee"),
        ("assignee", Reference(table="sys_user", external_id="1")),
        ("services", ("Mail",)),
        ("services", "Mail"),
        ("services", (Reference(table="cmdb_ci", external_id="1"),)),
        ("labels", "mail"),
        ("priority", "P9"),
        ("number", "OPS-1"),
        ("startedAt", "2026-01-02T03:04:05.000Z"),
        ("issueType", "Bug"),
        ("escalationPolicy", "Mail team"),
    ],
)
def test_what_jira_cannot_take_is_refused_and_said_why(field: str, value: MirroredValue) -> None:
    made = drafted({field: value, "description": "Still here"}, {}, site(fields=[AFFECTED]))

    assert set(made.refused) == {field}
    assert made.refused[field]
    assert set(made.fields) == {"description"}
