"""A worker says that it lives."""

from models.coding import to_milliseconds
from models.transaction import Transaction, commit
from operations.runtime import Runtime


async def heartbeat(runtime: Runtime) -> None:
    """Write when this process last lived; ``/readyz`` reads it."""

    async def write(tx: Transaction) -> None:
        line = {"id": runtime.owner, "at": to_milliseconds(runtime.now())}
        await tx.upsert("heartbeat", [line], key=("id",))

    await commit(write)
