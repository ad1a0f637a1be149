"""The mirror against the vendor, and the runs that keep it."""

from dataclasses import dataclass
from typing import Final

from tests.journeys.graph import Data, Graph
from tests.journeys.house import holds
from tests.journeys.tables import Rows, Tables
from tests.journeys.vendor import Vendor

DEMO: Final = "demo-snow"
VENDORS: Final = frozenset({DEMO, "demo-jira", "demo-pd"})
_FRESHNESS: Final = """
{ overview { integrations { key sync { resources { kind freshness } } } } }
"""


async def follow_closely(graph: Graph) -> None:
    """Let the vendor be read each second instead of every five."""
    found = await graph.integration(DEMO)
    await graph.change(
        "configureIntegration",
        "ConfigureIntegrationInput",
        {"id": found["id"], "pollInterval": "PT1S"},
        "integration { id }",
    )


async def only_servicenow(graph: Graph) -> None:
    """Read all vendors whole, and from then on none but the one that is stepped."""
    await fresh(graph)
    for key in VENDORS - {DEMO}:
        asked = {"id": (await graph.integration(key))["id"], "enabled": False}
        await graph.change(
            "configureIntegration", "ConfigureIntegrationInput", asked, "integration { id }"
        )


async def read_now(graph: Graph, *, seconds: float = 30.0) -> None:
    """Ask for a run, and wait until it has succeeded; raises TimeoutError."""
    found = await graph.integration(DEMO)
    asked = {"integrationId": found["id"], "kinds": ["INCIDENT"]}
    started = await graph.change("startSync", "StartSyncInput", asked, "runs { id }")
    (run,) = started["runs"]

    async def is_over() -> bool:
        return ended(await graph.integration(DEMO), run["id"])

    await holds(is_over, seconds=seconds)


def ended(integration: Data, run_id: str) -> bool:
    """Say whether a run has succeeded, or is further back than the last five."""
    found = [run["status"] for run in integration["runs"] if run["id"] == run_id]
    return found in ([], ["SUCCEEDED"])


async def fresh(graph: Graph, *, of: frozenset[str] = VENDORS, seconds: float = 60.0) -> None:
    """Wait until every kind of these integrations has been read whole; raises TimeoutError."""

    async def all_fresh() -> bool:
        found = (await graph.ask(_FRESHNESS))["overview"]["integrations"]
        asked = [one for one in found if one["key"] in of]
        assert len(asked) == len(of)
        kinds = [kind for one in asked for kind in one["sync"]["resources"]]
        return all(kind["freshness"] == "FRESH" for kind in kinds)

    await holds(all_fresh, seconds=seconds)


async def mirrored(vendor: Vendor, tables: Tables) -> None:
    """Wait until the newest version of each of the vendor's incidents is here."""
    rows = await vendor.rows("incident", ("sys_id", "sys_mod_count"))
    theirs = {(row["sys_id"], int(row["sys_mod_count"])) for row in rows}

    async def same() -> bool:
        links = await tables.rows(
            f"""
            SELECT external_id, known_sequence FROM incident_link
            WHERE integration_id = (SELECT id FROM integration WHERE key = '{DEMO}')
            """  # noqa: S608 — a name of ours
        )
        return {(link["external_id"], link["known_sequence"]) for link in links} == theirs

    await holds(same)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A run, and the worker that holds it."""

    run_id: str
    owner: str

    @property
    def worker(self) -> int:
        """The worker's process: owners are named host, process, number."""
        return int(self.owner.rsplit("-", 2)[1])


async def held_run(tables: Tables, *, other_than: str = "") -> Held:
    """Wait until a worker holds a run of the log that it has just taken, and return both."""
    found: list[Held] = []

    async def held() -> bool:
        rows = await tables.rows(
            f"""
            SELECT id, lease_owner FROM sync_run
            WHERE status = 'RUNNING' AND lease_until > 0 AND kind = 'INCIDENT'
                AND integration_id = (SELECT id FROM integration WHERE key = '{DEMO}')
            """  # noqa: S608 — a name of ours
        )
        holders = [Held(run_id=row["id"], owner=row["lease_owner"]) for row in rows]
        found.extend(held for held in holders if held.owner != other_than)
        return bool(found)

    await holds(held)
    return found[0]


async def pass_on(tables: Tables, held: Held) -> None:
    """Let the minute pass for which a dead worker would still hold its run."""
    await tables.run(
        f"UPDATE sync_run SET lease_until = 0 WHERE lease_owner = '{held.owner}'"  # noqa: S608 — a name of ours
    )


async def contents(tables: Tables, integration_id: str) -> dict[str, Rows]:
    """Return what is mirrored of an integration alone, without our own ids and times."""
    return {
        name: await tables.rows(statement.format(f"integration_id = '{integration_id}'"))
        for name, statement in _CONTENTS.items()
    }


# All links; of the incidents, those that name none of another vendor as themselves: the
# others' fields and edits depend on which vendor came first.
_CONTENTS: Final = {
    "links": """
        SELECT external_id, external_key, url, known_at, known_sequence, base, history_through
        FROM incident_link WHERE {} ORDER BY external_id
    """,
    "incidents": """
        SELECT external_id, external_key, url, known_at, known_sequence, base, history_through,
            number, title, description, status, severity, priority, assignee, escalation_policy,
            labels, extra, started_at, resolved_at, created_at, updated_at, deleted_at, version
        FROM incident_link l JOIN incident i ON i.id = l.incident_id
        WHERE l.{} AND NOT EXISTS (SELECT 1 FROM alias a WHERE a.record_id = i.id)
        ORDER BY external_id
    """,
    "edits": """
        SELECT external_id, field, "before", "after", version, "at", sequence, "by", source,
            accepted, reason, warning
        FROM edit e
        WHERE e.{} AND NOT EXISTS (SELECT 1 FROM alias a WHERE a.record_id = e.incident_id)
        ORDER BY external_id
    """,
    "services": """
        SELECT external_id, name, criticality, is_configuration_item
        FROM asset_link l JOIN asset a ON a.id = l.asset_id WHERE l.{} ORDER BY external_id
    """,
    "names": """
        SELECT "table", external_id, name, email FROM directory WHERE {}
        ORDER BY "table", external_id
    """,
}


async def apart(tables: Tables) -> Rows:
    """Return the incidents that name a mirrored one of PagerDuty's, and are not one with it."""
    return await tables.rows(
        """
        SELECT a.record_id, a.known_as FROM alias a
        JOIN incident_link l ON l.external_id = a.known_as AND l.incident_id <> a.record_id
        WHERE a.kind = 'INCIDENT'
        """
    )
