"""Questions about integrations and providers."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from adapters.registry import VENDORS
from domain.records import Owner
from gql.arguments import After, First
from gql.context import Context
from gql.integrations.ownership_preview import OwnershipPreview
from gql.integrations.provider import Provider
from gql.integrations.types import Integration
from gql.keysets import keyset
from gql.nodes import key_in, own_key
from gql.paging import DEFAULT, Connection, connection, window
from models.reads.integration import integration_count, integration_keyed, integration_page
from operations.access.scope import scope_of
from operations.integrations.ownership import SetFieldOwnership
from operations.integrations.preview_ownership import preview_ownership


@strawberry.input(one_of=True, description="An integration by one of its names.")
class IntegrationBy:
    """Exactly one field is given."""

    id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="The global id.")
    key: strawberry.Maybe[str] = strawberry.field(description="The key given at its creation.")


@strawberry.type
class IntegrationQueries:
    """Root fields."""

    @strawberry.field(description="One integration; null when there is none that you may see.")
    async def integration(
        self,
        info: Info[Context, Any],
        by: Annotated[IntegrationBy, strawberry.argument(description="Which one.")],
    ) -> Integration | None:
        """Read one integration."""
        loaders = info.context.loaders
        if by.key is not None:
            found = await integration_keyed(loaders.scope, by.key.value)
        else:
            named = by.id.value if by.id is not None else ""
            found = await loaders.integrations.load(own_key(named, "Integration"))
        return None if found is None else Integration.of(found)

    @strawberry.field(description="The integrations by key.")
    async def integrations(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Connection[Integration]:
        """Read a page of integrations."""
        asked = window(order="KEY", first=first, after=after)
        scope = info.context.loaders.scope
        return connection(
            asked,
            await integration_page(scope, keyset(asked, is_descending=False)),
            key=lambda row: (row.key, row.id),
            node=Integration.of,
            count=lambda: integration_count(scope),
        )

    @strawberry.field(description="One vendor that this build knows; null when it knows none.")
    def provider(
        self,
        info: Info[Context, Any],
        key: Annotated[str, strawberry.argument(description="As in `Provider.key`.")],
    ) -> Provider | None:
        """Show one vendor, to those who may read. Raises Forbidden."""
        scope_of(info.context.actor)
        about = VENDORS.get(key)
        return None if about is None else Provider.of(about)

    @strawberry.field(description="The vendors that this build knows, with what each can do.")
    def providers(self, info: Info[Context, Any]) -> list[Provider]:
        """Show all vendors, to those who may read. Raises Forbidden."""
        scope_of(info.context.actor)
        return [Provider.of(about) for about in VENDORS.values()]

    @strawberry.field(
        description="What a rule would do to the values that both sides hold now, before "
        "`setFieldOwnership`. Needs the same right. Reads all incidents of the integration."
    )
    async def ownership_preview(
        self,
        info: Info[Context, Any],
        integration_id: Annotated[
            strawberry.ID, strawberry.argument(description="Which integration.")
        ],
        field: Annotated[str, strawberry.argument(description="As in `setFieldOwnership`.")],
        owner: Annotated[
            Owner, strawberry.argument(description="The side whose value is to stand.")
        ],
        priority: Annotated[int, strawberry.argument(description="0 to 1,000.")] = 0,
    ) -> OwnershipPreview:
        """Compare now. Raises NotFound, Forbidden and Invalid."""
        scope_of(info.context.actor)
        ask = SetFieldOwnership(
            integration_id=key_in(integration_id, "Integration", path=("integrationId",)),
            field=field,
            owner=owner,
            priority=priority,
        )
        return OwnershipPreview.of(await preview_ownership(info.context.actor, ask))
