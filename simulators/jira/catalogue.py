"""What the site is made of: projects, issue types, fields and their values. Data only."""

from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Final

from simulators.company import CUSTOMERS, SERVICES
from simulators.jira.workflows import CHANGE, INCIDENT, REQUEST, TASK, Workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueType:
    """A kind of issue; ``request_type`` is the id of the portal's form for it, or ""."""

    id: str
    name: str
    description: str
    workflow: Workflow
    request_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project; ``desk`` is the id of its service desk, or ""."""

    id: str
    key: str
    name: str
    kind: str
    issue_types: tuple[str, ...]
    desk: str = ""


class Kind(StrEnum):
    """How a field's value is written, kept and shown."""

    TEXT = auto()
    RICH = auto()
    USER = auto()
    LABELS = auto()
    COMPONENTS = auto()
    PRIORITY = auto()
    OPTION = auto()
    SERVICES = auto()
    ORGANIZATIONS = auto()
    REQUEST_TYPE = auto()
    INSTANT = auto()
    DAY = auto()
    PROJECT = auto()
    ISSUE_TYPE = auto()
    STATUS = auto()
    RESOLUTION = auto()
    LINKS = auto()
    COMMENTS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of an issue.

    type, items: of its schema; custom: of a custom field, its type's full name.
    is_written: it is on the screens to create and to edit an issue.
    options: id to text, of a select.
    """

    id: str
    name: str
    kind: Kind
    type: str
    items: str = ""
    custom: str = ""
    is_written: bool = True
    options: tuple[tuple[str, str], ...] = ()


_SELECT: Final = "com.atlassian.jira.plugin.system.customfieldtypes:select"
_DATETIME: Final = "com.atlassian.jira.plugin.system.customfieldtypes:datetime"

SEVERITY: Final = "customfield_10040"
AFFECTED_SERVICES: Final = "customfield_10041"
PLANNED_START: Final = "customfield_10042"
PLANNED_END: Final = "customfield_10043"
RISK: Final = "customfield_10044"
REQUEST_TYPE: Final = "customfield_10010"
ORGANIZATIONS: Final = "customfield_10002"

FIELDS: Final = {
    field.id: field
    for field in (
        Field(id="summary", name="Summary", kind=Kind.TEXT, type="string"),
        Field(id="description", name="Description", kind=Kind.RICH, type="string"),
        Field(id="environment", name="Environment", kind=Kind.RICH, type="string"),
        Field(id="project", name="Project", kind=Kind.PROJECT, type="project"),
        Field(id="issuetype", name="Issue Type", kind=Kind.ISSUE_TYPE, type="issuetype"),
        Field(id="priority", name="Priority", kind=Kind.PRIORITY, type="priority"),
        Field(id="labels", name="Labels", kind=Kind.LABELS, type="array", items="string"),
        Field(
            id="components",
            name="Components",
            kind=Kind.COMPONENTS,
            type="array",
            items="component",
        ),
        Field(id="assignee", name="Assignee", kind=Kind.USER, type="user"),
        Field(id="reporter", name="Reporter", kind=Kind.USER, type="user"),
        Field(id="duedate", name="Due date", kind=Kind.DAY, type="date"),
        Field(
            id=SEVERITY,
            name="Severity",
            kind=Kind.OPTION,
            type="option",
            custom=_SELECT,
            options=tuple((str(10100 + rank), f"Sev-{rank}") for rank in range(1, 6)),
        ),
        Field(
            id=AFFECTED_SERVICES,
            name="Affected services",
            kind=Kind.SERVICES,
            type="array",
            items="service-field",
            custom="com.atlassian.jira.plugins.service-entity:service-entity-field-cftype",
        ),
        Field(
            id=PLANNED_START,
            name="Planned start",
            kind=Kind.INSTANT,
            type="datetime",
            custom=_DATETIME,
        ),
        Field(
            id=PLANNED_END, name="Planned end", kind=Kind.INSTANT, type="datetime", custom=_DATETIME
        ),
        Field(
            id=RISK,
            name="Change risk",
            kind=Kind.OPTION,
            type="option",
            custom=_SELECT,
            options=(
                ("10010", "Critical"),
                ("10011", "High"),
                ("10012", "Medium"),
                ("10013", "Low"),
            ),
        ),
        Field(
            id=REQUEST_TYPE,
            name="Request Type",
            kind=Kind.REQUEST_TYPE,
            type="sd-customerrequesttype",
            custom="com.atlassian.servicedesk:vp-origin",
        ),
        Field(
            id=ORGANIZATIONS,
            name="Organizations",
            kind=Kind.ORGANIZATIONS,
            type="array",
            items="sd-customerorganization",
            custom="com.atlassian.servicedesk:sd-customer-organizations",
        ),
        Field(id="status", name="Status", kind=Kind.STATUS, type="status", is_written=False),
        Field(
            id="resolution",
            name="Resolution",
            kind=Kind.RESOLUTION,
            type="resolution",
            is_written=False,
        ),
        Field(id="creator", name="Creator", kind=Kind.USER, type="user", is_written=False),
        Field(id="created", name="Created", kind=Kind.INSTANT, type="datetime", is_written=False),
        Field(id="updated", name="Updated", kind=Kind.INSTANT, type="datetime", is_written=False),
        Field(
            id="resolutiondate",
            name="Resolved",
            kind=Kind.INSTANT,
            type="datetime",
            is_written=False,
        ),
        Field(
            id="statuscategorychangedate",
            name="Status Category Changed",
            kind=Kind.INSTANT,
            type="datetime",
            is_written=False,
        ),
        Field(
            id="issuelinks",
            name="Linked Issues",
            kind=Kind.LINKS,
            type="array",
            items="issuelinks",
            is_written=False,
        ),
        Field(
            id="comment",
            name="Comment",
            kind=Kind.COMMENTS,
            type="comments-page",
            is_written=False,
        ),
    )
}
ISSUE_TYPES: Final = {
    issue_type.id: issue_type
    for issue_type in (
        IssueType(
            id="10002",
            name="[System] Incident",
            description="For system outages or incidents.",
            workflow=INCIDENT,
            request_type="11",
        ),
        IssueType(
            id="10003",
            name="[System] Change",
            description="For system upgrades or alterations.",
            workflow=CHANGE,
            request_type="12",
        ),
        IssueType(
            id="10004",
            name="[System] Service request",
            description="For general requests from a user.",
            workflow=REQUEST,
            request_type="13",
        ),
        IssueType(
            id="10005", name="Task", description="A small, distinct piece of work.", workflow=TASK
        ),
    )
}
# The second project exists to be left out: a query that forgets its project shows it.
PROJECTS: Final = {
    project.id: project
    for project in (
        Project(
            id="10000",
            key="OPS",
            name="Operations",
            kind="service_desk",
            issue_types=("10002", "10003", "10004", "10005"),
            desk="1",
        ),
        Project(id="10001", key="DEV", name="Development", kind="software", issue_types=("10005",)),
    )
}
# In the order of the site's list, most urgent first.
PRIORITIES: Final = {"1": "Highest", "2": "High", "3": "Medium", "4": "Low", "5": "Lowest"}
DEFAULT_PRIORITY: Final = "3"
REQUEST_TYPES: Final = {
    "11": ("Report a system problem", "10002"),
    "12": ("Request a change", "10003"),
    "13": ("Get IT help", "10004"),
}
# id: name, inward, outward.
LINK_TYPES: Final = {
    "10000": ("Blocks", "is blocked by", "blocks"),
    "10001": ("Problem/Incident", "is caused by", "causes"),
    "10002": ("Duplicate", "is duplicated by", "duplicates"),
    "10003": ("Relates", "relates to", "relates to"),
}
COMPONENTS: Final = {
    str(number): service.name for number, service in enumerate(SERVICES, start=10_000)
}
SERVICE_IDS: Final = {
    f"ari:cloud:graph::service/{service.key}": service.name for service in SERVICES
}
ORGANIZATION_IDS: Final = {
    str(number): customer.name for number, customer in enumerate(CUSTOMERS, start=1)
}
