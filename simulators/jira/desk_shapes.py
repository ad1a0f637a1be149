"""What Jira Service Management adds to an issue, as a client is shown it."""

from typing import Any, Final

from simulators.jira.catalogue import ISSUE_TYPES, ORGANIZATION_IDS, REQUEST_TYPES

DESK: Final = "/rest/servicedeskapi"


def request_type(root: str, id: str) -> dict[str, Any]:
    """Return a form of the portal; root: the address of the site."""
    name, issue_type = REQUEST_TYPES[id]
    return {
        "_expands": [],
        "id": id,
        "_links": {"self": f"{root}{DESK}/servicedesk/1/requesttype/{id}"},
        "name": name,
        "description": ISSUE_TYPES[issue_type].description,
        "helpText": "",
        "issueTypeId": issue_type,
        "serviceDeskId": "1",
        "portalId": "1",
        "groupIds": ["1"],
        "icon": {"id": "10470", "_links": {"iconUrls": {}}},
    }


def organization(root: str, id: str) -> dict[str, Any]:
    """Return an organization of customers; root: the address of the site."""
    return {
        "id": id,
        "name": ORGANIZATION_IDS[id],
        "_links": {"self": f"{root}{DESK}/organization/{id}"},
    }
