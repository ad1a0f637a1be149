"""Who owns which field, where a person has said so."""

from domain.records import Owner
from domain.sync.ownership import Rule
from models.reads.statement import rows


async def rules_set() -> dict[str, list[Rule]]:
    """Return the rules that people have set, by integration. Cost: one small read."""
    found: dict[str, list[Rule]] = {}
    for row in await rows(
        "SELECT integration_id, field, owner, priority FROM ownership_rule ORDER BY field"
    ):
        found.setdefault(row["integration_id"], []).append(
            Rule(field=row["field"], owner=Owner(row["owner"]), priority=row["priority"])
        )
    return found
