"""Where an integration's credentials lie sealed: put in, and taken out for its vendor alone."""

from collections.abc import Collection, Mapping

from models.tables.integration import CredentialRow
from operations.runtime import Runtime


async def opened(
    runtime: Runtime, integration_id: str, *, without: Collection[str] = ()
) -> dict[str, str]:
    """Return all values by their names, in the clear, but those that are not wanted.

    Raises CannotOpen when one was sealed under a key that is not here.
    """
    return {
        row.name: runtime.keys.open(row.sealed, integration_id=integration_id, name=row.name)
        for row in await CredentialRow.filter(integration_id=integration_id)
        if row.name not in without
    }


async def put(
    runtime: Runtime, integration_id: str, values: Mapping[str, str], *, set_by: str
) -> None:
    """Seal the values, in place of those that have the same names. Call it in a transaction."""
    now = runtime.now()
    known = CredentialRow.filter(integration_id=integration_id, name__in=list(values))
    await known.delete()
    for name, value in sorted(values.items()):
        await CredentialRow.create(
            id=runtime.new_id(),
            integration_id=integration_id,
            name=name,
            sealed=runtime.keys.seal(value, integration_id=integration_id, name=name),
            set_at=now,
            set_by=set_by,
        )
