"""Finds anything by its id."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Annotated, Any, Final

import strawberry
from strawberry.types import Info

from domain.errors import Invalid
from domain.records import RecordKind
from gql.arguments import GlobalId
from gql.conflicts.types import Conflict
from gql.context import Context
from gql.dead_letters.types import DeadLetter
from gql.integrations.types import Integration
from gql.loaders import Loaders
from gql.nodes import Node, parts_of
from gql.paging import MOST
from gql.reconcile.types import DriftPlan
from gql.records.finding import record_found
from gql.sla.alerts import Alert
from gql.sync.types import SyncRun

Find = Callable[[Loaders, str], Awaitable[Node | None]]


async def _record(kind: RecordKind, loaders: Loaders, key: str) -> Node | None:
    return await record_found(loaders, kind, key)


async def _integration(loaders: Loaders, key: str) -> Node | None:
    found = await loaders.integrations.load(key)
    return None if found is None else Integration.of(found)


async def _conflict(loaders: Loaders, key: str) -> Node | None:
    found = await loaders.conflicts.by_id.load(key)
    return None if found is None else Conflict.of(found)


async def _run(loaders: Loaders, key: str) -> Node | None:
    found = await loaders.runs.load(key)
    return None if found is None else SyncRun.of(found)


async def _letter(loaders: Loaders, key: str) -> Node | None:
    found = await loaders.letters.by_id.load(key)
    return None if found is None else DeadLetter.of(found)


async def _alert(loaders: Loaders, key: str) -> Node | None:
    found = await loaders.sla.alerts.load(key)
    return None if found is None else Alert.of(found)


async def _plan(loaders: Loaders, key: str) -> Node | None:
    found = await loaders.drift.by_id.load(key)
    return None if found is None else DriftPlan.of(found)


_FINDERS: Final[Mapping[str, Find]] = MappingProxyType(
    {
        **{kind.title(): partial(_record, kind) for kind in RecordKind},
        "Integration": _integration,
        "SyncRun": _run,
        "Conflict": _conflict,
        "DeadLetter": _letter,
        "DriftPlan": _plan,
        "Alert": _alert,
    }
)


async def _found(context: Context, id: str) -> Node | None:
    kind, key = parts_of(id)
    find = _FINDERS.get(kind)
    return None if find is None else await find(context.loaders, key)


@strawberry.type
class NodeQueries:
    """Root fields."""

    @strawberry.field(description="The thing of an id; null when there is none you may see.")
    async def node(self, info: Info[Context, Any], id: GlobalId) -> Node | None:
        """Read one thing."""
        return await _found(info.context, id)

    @strawberry.field(description="The things of some ids in their order; null for the unseen.")
    async def nodes(
        self,
        info: Info[Context, Any],
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="At most 100 global ids.")
        ],
    ) -> list[Node | None]:
        """Read things, those of a type at once. Raises Invalid for too many ids."""
        if len(ids) > MOST:
            raise Invalid(f"at most {MOST} ids at once", path=("ids",))
        return await asyncio.gather(*(_found(info.context, one) for one in ids))
