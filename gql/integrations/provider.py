"""Vendors and what each can do, as the graph shows them."""

import strawberry

from adapters.contract import Manifest
from domain.records import Direction, Owner, RecordKind, VendorFeature
from gql.integrations.mapping import FieldMapping


@strawberry.type(description="One way to sign in at a provider.")
class SignIn:
    """A set of credentials that belong together."""

    name: str = strawberry.field(description="What the way is called.")
    credentials: list[str] = strawberry.field(
        description="The names of the values that `setCredentials` takes for it."
    )


@strawberry.type(description="Which side decides a field where no rule of an integration does.")
class DefaultOwnership:
    """A field and its owner."""

    field: str = strawberry.field(description="The field, as in `FieldMapping.field`.")
    owner: Owner = strawberry.field(description="The side whose value stands.")


@strawberry.type(description="A vendor that this build knows.")
class Provider:
    """A vendor."""

    key: str = strawberry.field(description="What `createIntegration` calls it.")
    name: str = strawberry.field(description="What people call it.")
    pulls: list[RecordKind] = strawberry.field(description="The kinds of records read from it.")
    directions: list[Direction] = strawberry.field(description="The ways it can carry changes.")
    features: list[VendorFeature] = strawberry.field(
        description="What it can do with incidents beyond being read."
    )
    fields: list[str] = strawberry.field(description="The fields of ours that it supplies.")
    mappings: list[FieldMapping] = strawberry.field(
        description="Where each field stands at it when an integration says nothing else."
    )
    default_ownership: list[DefaultOwnership] = strawberry.field(
        description="Who decides a field when no rule of an integration does."
    )
    webhook_signatures: list[str] = strawberry.field(
        description="How it signs what it sends by itself; none when it sends nothing."
    )
    webhook_secrets: list[str] = strawberry.field(
        description="The secrets by which that is verified; `setCredentials` takes them, too, "
        "beside a way to sign in or alone. An empty value takes one away."
    )
    requests_per_minute: int = strawberry.field(
        description="How often a new integration asks it at most."
    )
    sign_ins: list[SignIn] = strawberry.field(description="The ways to sign in.")

    @classmethod
    def of(cls, about: Manifest) -> "Provider":
        """Show what a vendor is and can do."""
        return cls(
            key=about.key,
            name=about.name,
            pulls=list(about.kinds),
            directions=list(about.directions),
            features=sorted(about.features),
            fields=list(about.fields),
            mappings=[FieldMapping.of(entry) for entry in about.mappings],
            default_ownership=[
                DefaultOwnership(field=field, owner=owner)
                for field, owner in about.ownership.items()
            ],
            webhook_signatures=list(about.webhook_signatures),
            webhook_secrets=[] if about.webhooks is None else list(about.webhooks.credentials),
            requests_per_minute=about.requests_per_minute,
            sign_ins=[
                SignIn(name=way.name, credentials=list(way.values)) for way in about.credentials
            ],
        )
