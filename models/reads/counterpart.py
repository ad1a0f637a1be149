"""Whom a vendor knows by a name of ours."""

from collections.abc import Collection

from domain.inbound import Reference
from models.reads.statement import rows


async def counterpart(
    integration_id: str, name: str, *, tables: Collection[str]
) -> Reference | None:
    """Return the vendor's entry for a person or a group; None when there is none, or several.

    What a person has mapped comes first, then the entry of that name or e-mail, in
    any case, in the first of the tables that has one.
    Cost: two statements, by index.
    """
    mapped = await rows(
        """
        SELECT d."table", d.external_id FROM user_map m
        JOIN directory d ON d.integration_id = m.integration_id
            AND d.external_id = m.external_user
        WHERE m.integration_id = $1 AND lower(m."user") = lower($2)
        ORDER BY d."table", d.external_id
        """,
        integration_id,
        name,
    )
    named = mapped or await rows(
        """
        SELECT "table", external_id FROM directory
        WHERE integration_id = $1 AND (name = $2 OR lower(email) = lower($2))
        ORDER BY "table", external_id
        """,
        integration_id,
        name,
    )
    fit = [row for row in named if row["table"] in tables]
    first = [row for row in fit if row["table"] == fit[0]["table"]]
    if len(first) != 1:
        return None
    return Reference(table=first[0]["table"], external_id=first[0]["external_id"])
