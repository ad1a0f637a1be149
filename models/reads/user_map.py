"""Which people of a vendor are not known to be users of ours."""

from collections.abc import Collection
from typing import Final

from models.coding import dumps
from models.reads.conditions import Conditions
from models.reads.scope import Scope
from models.reads.statement import one_of, rows

MOST_UNMAPPED: Final = 200


async def unmapped_users_of(
    scope: Scope, integration_ids: Collection[str], *, people: Collection[str]
) -> dict[str, list[str]]:
    """Return the names of each integration's people who are no user of ours, 200 at most.

    people: the vendor's tables of persons. A person is a user of ours when a map
    says so, or when the e-mail is that of somebody whom a map or a token names.
    Cost: reads the integrations' people.
    """
    conditions = Conditions()
    conditions.add(one_of("d.integration_id", conditions.put(dumps(sorted(integration_ids)))))
    conditions.add(f'd."table" IN ({conditions.put_all(sorted(people))})')
    conditions.see(scope, "d.integration_id")
    found = await rows(
        f"""
        SELECT integration_id, name FROM (
            SELECT d.integration_id, d.name, row_number() OVER (
                PARTITION BY d.integration_id ORDER BY d.name, d.id
            ) AS place
            FROM directory d WHERE {conditions.where}
                AND NOT EXISTS (
                    SELECT 1 FROM user_map m WHERE m.integration_id = d.integration_id
                        AND m.external_user = d.external_id
                )
                AND coalesce(lower(d.email), '') NOT IN (
                    SELECT lower("user") FROM user_map
                    UNION SELECT lower(name) FROM token WHERE revoked_at IS NULL
                )
        ) AS ranked
        WHERE place <= {conditions.put(MOST_UNMAPPED)} ORDER BY integration_id, place
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    names: dict[str, list[str]] = {one: [] for one in integration_ids}
    for row in found:
        names[row["integration_id"]].append(row["name"])
    return names
