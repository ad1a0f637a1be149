"""Read what a newer build can read of integrations that an older one set up."""

from adapters.registry import VENDORS
from models.coding import to_milliseconds
from models.tables.integration import IntegrationRow
from models.tables.sync_run import WatermarkRow
from models.transaction import Transaction, commit
from operations.runtime import Runtime


async def add_new_kinds(runtime: Runtime) -> int:
    """Give each integration a source for each kind that it lacks; return how many came.

    They are due at once. Run at the start of each worker; several may do so at once.
    """

    async def write(tx: Transaction) -> int:
        known = set(await WatermarkRow.all().values_list("integration_id", "kind"))
        lines: list[dict[str, object]] = [
            {
                "id": runtime.new_id(),
                "integration_id": integration.id,
                "kind": kind,
                "next_pull_at": to_milliseconds(runtime.now()),
                "failures": 0,
            }
            for integration in await IntegrationRow.all().order_by("id")
            if (about := VENDORS.get(integration.provider)) is not None
            for kind in about.kinds
            if (integration.id, kind) not in known
        ]
        await tx.upsert("watermark", lines, key=("integration_id", "kind"), overwrite=False)
        return len(lines)

    return await commit(write)
