"""Setting integrations up."""

from datetime import timedelta
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from domain.errors import Invalid
from domain.exchange import ConflictStrategy, ConflictWindowMode
from domain.records import Direction
from gql import errors
from gql.attempts import attempt
from gql.context import Context
from gql.errors import UserError
from gql.integrations.connection_test import ConnectionTest
from gql.integrations.types import Integration, shown_integration
from gql.nodes import key_in
from operations.integrations.configure import ConfigureIntegration, configure_integration
from operations.integrations.create import CreateIntegration, create_integration
from operations.integrations.credentials import SetCredentials, set_credentials
from operations.integrations.test_connection import TestConnection, test_connection


@strawberry.input(description="A vendor's account to mirror.")
class CreateIntegrationInput:
    """What an integration begins with."""

    key: str = strawberry.field(
        description="What to call it: 1 to 64 lower-case letters, digits and inner hyphens."
    )
    name: str | None = strawberry.field(
        description="Its title; the provider's name when left out.", default=None
    )
    provider_key: str = strawberry.field(description="As in `Provider.key`.")
    base_url: str = strawberry.field(
        description="Where the vendor's account is, https://… without a path."
    )
    direction: Direction = strawberry.field(
        description="Which way it carries changes.", default=Direction.OUTBOUND
    )
    conflict_strategy: ConflictStrategy = strawberry.field(
        description="Which side wins when both have changed a field.",
        default=ConflictStrategy.LAST_WRITE_WINS,
    )

    def to_request(self) -> CreateIntegration:
        """Return what the operation takes."""
        return CreateIntegration(
            key=self.key,
            name=self.name,
            provider_key=self.provider_key,
            base_url=self.base_url,
            direction=self.direction,
            conflict_strategy=self.conflict_strategy,
        )


@strawberry.input(description="What to change; what is left out stays as it is.")
class ConfigureIntegrationInput:
    """Settings."""

    id: strawberry.ID = strawberry.field(description="Which integration.")
    name: str | None = strawberry.field(description="Its title.", default=None)
    enabled: bool | None = strawberry.field(
        description="Whether it is switched on; switching it on pulls at once.", default=None
    )
    direction: Direction | None = strawberry.field(
        description="Which way it carries changes.", default=None
    )
    conflict_strategy: ConflictStrategy | None = strawberry.field(
        description="Which side wins when both have changed a field; for later conflicts.",
        default=None,
    )
    conflict_window: timedelta | None = strawberry.field(
        description="Edits no further apart are simultaneous: nothing to one hour.", default=None
    )
    conflict_window_mode: ConflictWindowMode | None = strawberry.field(
        description="What makes two edits a conflict.", default=None
    )
    poll_interval: timedelta | None = strawberry.field(
        description="How often the vendor is read, one second to one day.", default=None
    )
    census_interval: timedelta | None = strawberry.field(
        description="How often records are counted through to find deleted ones, "
        "ten minutes to 30 days.",
        default=None,
    )
    requests_per_minute: int | None = strawberry.field(
        description="How often the vendor is asked at most, by all processes together, "
        "1 to 60,000 times a minute.",
        default=None,
    )
    rate_limit_backoff: bool | None = strawberry.field(
        description='Whether it is asked half as often for a while after it said "too often".',
        default=None,
    )

    def to_request(self) -> ConfigureIntegration:
        """Return what the operation takes. Raises NotFound."""
        return ConfigureIntegration(
            integration_id=key_in(self.id, "Integration", path=("id",)),
            name=self.name,
            is_enabled=self.enabled,
            direction=self.direction,
            conflict_strategy=self.conflict_strategy,
            conflict_window=self.conflict_window,
            conflict_window_mode=self.conflict_window_mode,
            poll_interval=self.poll_interval,
            census_interval=self.census_interval,
            requests_per_minute=self.requests_per_minute,
            slows_down=self.rate_limit_backoff,
        )


@strawberry.input(description="One secret value.")
class CredentialInput:
    """A name and a value."""

    name: str = strawberry.field(
        description="As in `SignIn.credentials` or `Provider.webhookSecrets`."
    )
    value: str = strawberry.field(description="The secret; it is sealed and never shown.")


@strawberry.input(
    description="All values of one way to sign in, which replace those that are set; or webhook "
    "secrets; or both."
)
class SetCredentialsInput:
    """Secrets."""

    id: strawberry.ID = strawberry.field(description="Which integration.")
    credentials: list[CredentialInput] = strawberry.field(description="The values, each once.")

    def to_request(self) -> SetCredentials:
        """Return what the operation takes. Raises NotFound, and Invalid for a name given twice."""
        values = {credential.name: credential.value for credential in self.credentials}
        if len(values) != len(self.credentials):
            raise Invalid("each credential is given once", path=("credentials",))
        return SetCredentials(
            integration_id=key_in(self.id, "Integration", path=("id",)), values=values
        )


@strawberry.input(description="Which integration to try.")
class TestIntegrationInput:
    """An integration."""

    __test__ = False

    id: strawberry.ID = strawberry.field(description="Which integration.")

    def to_request(self) -> TestConnection:
        """Return what the operation takes. Raises NotFound."""
        return TestConnection(integration_id=key_in(self.id, "Integration", path=("id",)))


@strawberry.type(description="What became of the creation.")
class CreateIntegrationPayload:
    """An answer."""

    integration: Integration | None = strawberry.field(
        description="The new integration; null when it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of the change.")
class ConfigureIntegrationPayload:
    """An answer."""

    integration: Integration | None = strawberry.field(
        description="The integration as it is now; null when the change was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of the credentials.")
class SetCredentialsPayload:
    """An answer."""

    integration: Integration | None = strawberry.field(
        description="The integration as it is now; null when they were refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why they were refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of the test.")
class TestIntegrationPayload:
    """An answer."""

    __test__ = False

    result: ConnectionTest | None = strawberry.field(
        description="What the test found; null when it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


Input = strawberry.argument(description="What is asked for.")


@strawberry.type
class IntegrationMutations:
    """Root fields."""

    @strawberry.mutation(description="Set up an integration; it is read once it has credentials.")
    async def create_integration(
        self, info: Info[Context, Any], input: Annotated[CreateIntegrationInput, Input]
    ) -> CreateIntegrationPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        key, refusals = await attempt(context, create_integration, input.to_request)
        return CreateIntegrationPayload(
            integration=await shown_integration(context, key), user_errors=refusals, warnings=[]
        )

    @strawberry.mutation(description="Change how an integration works.")
    async def configure_integration(
        self, info: Info[Context, Any], input: Annotated[ConfigureIntegrationInput, Input]
    ) -> ConfigureIntegrationPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        done, refusals = await attempt(context, configure_integration, input.to_request)
        is_without_rules = done is not None and done.is_without_rules
        return ConfigureIntegrationPayload(
            integration=await shown_integration(
                context, None if done is None else done.integration_id
            ),
            user_errors=refusals,
            warnings=[_without_rules()] if is_without_rules else [],
        )

    @strawberry.mutation(description="Give an integration its secrets; no field returns one.")
    async def set_credentials(
        self, info: Info[Context, Any], input: Annotated[SetCredentialsInput, Input]
    ) -> SetCredentialsPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        key, refusals = await attempt(context, set_credentials, input.to_request)
        return SetCredentialsPayload(
            integration=await shown_integration(context, key), user_errors=refusals, warnings=[]
        )

    @strawberry.mutation(
        description="Try the vendor, and say what to do about each failure; "
        "a parked integration that passes is read again."
    )
    async def test_integration(
        self, info: Info[Context, Any], input: Annotated[TestIntegrationInput, Input]
    ) -> TestIntegrationPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        checked, refusals = await attempt(context, test_connection, input.to_request)
        result = None if checked is None else ConnectionTest.of(checked)
        return TestIntegrationPayload(result=result, user_errors=refusals, warnings=[])


def _without_rules() -> errors.Warning:
    """Say that nobody has said who owns which field (brief, "Define Clear Ownership")."""
    return errors.Warning(
        message=(
            "Nobody has set who owns which field: the vendor's defaults hold, and what they do"
            " not name is decided by the conflict strategy. See `ownership`."
        ),
        code=errors.WarningCode.NO_OWNERSHIP_RULES,
        path=["direction"],
    )
