"""What incidents refer to, over HTTP; and what the account may do."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.pagerduty.answers import Refusal, answer_json, error, not_found
from simulators.pagerduty.directory import ABILITIES, Directory
from simulators.pagerduty.drafts import Agent, Happened
from simulators.pagerduty.gate import Endpoint, Gate, id_of, told
from simulators.pagerduty.incidents import Incidents
from simulators.pagerduty.paging import page, several
from simulators.pagerduty.store import Document, Selection
from simulators.pagerduty.switches import Switches
from simulators.pagerduty.views import PLURALS

# What can be created, and by which folder; business services share the scope of services.
_KINDS: Final = ("service", "user", "team", "escalation_policy", "business_service")
_DEPENDENT: Final = {"technical_services": "service", "business_services": "business_service"}
_ACCOUNT_KEY: Final = {
    "error": "The request was made with an account-level access token; "
    "it must be made with a user-level one."
}


class DirectoryApi:
    """Endpoints over services, users, teams, policies, priorities and abilities."""

    def __init__(
        self,
        incidents: Incidents,
        switches: Switches,
        gate: Gate,
        tell: Callable[[Happened], None],
    ) -> None:
        """Serve the directory of these incidents; tell of changed services."""
        self._incidents = incidents
        self._directory: Directory = incidents.directory
        self._switches = switches
        self._gate = gate
        self._tell = tell

    def routes(self) -> list[Route]:
        """Return the routes."""
        guarded = self._gate.guarded
        dependencies = "/service_dependencies/{kind}/{id}"
        routes = [
            Route("/users/me", guarded(self._me, "users"), methods=["GET"]),
            Route("/priorities", guarded(self._priorities, "priorities"), methods=["GET"]),
            Route("/abilities", guarded(self._abilities, "abilities"), methods=["GET"]),
            Route("/abilities/{id}", guarded(self._ability, "abilities"), methods=["GET"]),
            Route(dependencies, guarded(self._dependencies, "services"), methods=["GET"]),
        ]
        for kind in _KINDS:
            folder = f"/{PLURALS[kind]}"
            scope = "services" if kind == "business_service" else PLURALS[kind]
            for method, path, make in (
                ("GET", folder, self._list),
                ("POST", folder, self._create),
                ("GET", f"{folder}/{{id}}", self._one),
                ("PUT", f"{folder}/{{id}}", self._edit),
                ("DELETE", f"{folder}/{{id}}", self._delete),
            ):
                routes.append(Route(path, guarded(make(kind), scope), methods=[method]))
        return routes

    def _list(self, kind: str) -> Endpoint:
        async def serve(request: Request) -> Response:
            conditions, parameters = ["1"], []
            if query := request.query_params.get("query"):
                columns = ("name", "email") if kind == "user" else ("name",)
                found = " OR ".join(f"{column} LIKE ?" for column in columns)
                conditions.append(f"({found})")
                parameters += [f"%{query}%"] * len(columns)
            if name := request.query_params.get("name"):
                conditions.append("name = ?")
                parameters.append(name)
            if teams := several(request, "team_ids"):
                conditions.append("document LIKE ?")
                parameters.append(f"%{teams[0]}%")
            selection = Selection(
                where=" AND ".join(conditions), parameters=tuple(parameters), order="name, seq"
            )
            return answer_json(self._gate.listed(request, kind, selection, page(request)))

        return serve

    def _one(self, kind: str) -> Endpoint:
        async def serve(request: Request) -> Response:
            found = self._directory.get(kind, request.path_params["id"])
            return answer_json({kind: self._gate.one(request, kind, found)})

        return serve

    def _create(self, kind: str) -> Endpoint:
        async def serve(request: Request) -> Response:
            made = self._directory.add(kind, _fields(await told(request, kind)))
            self._announce(request, kind, "created", made)
            # Documented so: of all kinds, this one alone is not answered with 201.
            status = 200 if kind == "business_service" else 201
            return answer_json({kind: self._gate.one(request, kind, made)}, status)

        return serve

    def _edit(self, kind: str) -> Endpoint:
        async def serve(request: Request) -> Response:
            asked = _fields(await told(request, kind))
            after = self._directory.edit(kind, request.path_params["id"], asked)
            self._announce(request, kind, "updated", after)
            return answer_json({kind: self._gate.one(request, kind, after)})

        return serve

    def _delete(self, kind: str) -> Endpoint:
        async def serve(request: Request) -> Response:
            gone = self._directory.remove(kind, request.path_params["id"])
            self._announce(request, kind, "deleted", gone)
            return Response(status_code=204)

        return serve

    def _announce(self, request: Request, kind: str, what: str, document: Document) -> None:
        if kind != "service":
            return
        user = self._directory.user(request.state.caller.email)
        agent = _acting(user)
        now = self._incidents.now()
        self._tell(Happened(event=f"service.{what}", at=now, agent=agent, service=document))

    async def _me(self, request: Request) -> Response:
        user = self._directory.user(request.state.caller.email)
        if user is None:
            return answer_json(_ACCOUNT_KEY, 400)
        return answer_json({"user": self._gate.one(request, "user", user)})

    async def _priorities(self, request: Request) -> Response:
        if not self._switches.priorities:
            raise Refusal(402, error("Account does not have the abilities: priorities", 2014))
        selection = Selection(order="seq")
        return answer_json(self._gate.listed(request, "priority", selection, page(request)))

    async def _abilities(self, _: Request) -> Response:
        return answer_json({"abilities": list(self._able())})

    async def _ability(self, request: Request) -> Response:
        name = request.path_params["id"]
        if name not in ABILITIES:
            raise Refusal(404, error("Not Found", 2100))
        if name not in self._able():
            raise Refusal(402, error(f"Account does not have the abilities: {name}", 2014))
        return Response(status_code=204)

    def _able(self) -> tuple[str, ...]:
        lacks = () if self._switches.priorities else ("priorities",)
        return tuple(ability for ability in ABILITIES if ability not in lacks)

    async def _dependencies(self, request: Request) -> Response:
        kind = _DEPENDENT.get(request.path_params["kind"])
        if kind is None:
            raise not_found()
        found = self._directory.get(kind, request.path_params["id"])
        edges = self._directory.dependencies(found["id"])
        relationships = [
            {
                "id": edge["id"],
                "type": "service_dependency",
                "supporting_service": self._end(edge["supporting"]),
                "dependent_service": self._end(edge["dependent"]),
            }
            for edge in edges
        ]
        return answer_json({"relationships": relationships})

    def _end(self, id: str) -> dict[str, str]:
        technical = self._directory.find("service", id) is not None
        kind = "technical_service" if technical else "business_service"
        return {"id": id, "type": f"{kind}_reference"}


def _acting(user: Document | None) -> Agent | None:
    if user is None:
        return None
    return Agent(kind="user", id=user["id"], name=user["name"], channel="api")


def _fields(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields asked for, references as ids; raise Refusal (400)."""
    fields = dict(asked)
    if fields.get("escalation_policy"):
        fields["escalation_policy"] = id_of(fields["escalation_policy"])
    if "teams" in fields:
        fields["teams"] = [id_of(team) for team in fields["teams"] or []]
    if "escalation_rules" in fields:
        fields["escalation_rules"] = [
            {
                "escalation_delay_in_minutes": int(rule["escalation_delay_in_minutes"]),
                "targets": [id_of(target) for target in rule["targets"]],
            }
            for rule in fields["escalation_rules"] or []
        ]
    return fields
