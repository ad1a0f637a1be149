"""Integrations: a vendor's account and how we speak to it."""

from tortoise import fields
from tortoise.models import Model

from models.coding import InstantField, json_field, maybe_instant, maybe_text


class IntegrationRow(Model):
    """One vendor account.

    ``requests_per_minute`` is null where the vendor's own default holds.
    ``slows_down``: ask half as often for a while after the vendor said "too often".
    ``renewing_until``: how long somebody's turn to ask for new tokens lasts.
    """

    id = fields.CharField(max_length=26, primary_key=True)
    key = fields.CharField(max_length=64, unique=True)
    name = fields.CharField(max_length=200)
    provider = fields.CharField(max_length=40)
    base_url = fields.CharField(max_length=500)
    is_enabled = fields.BooleanField(default=True)
    direction = fields.CharField(max_length=16)
    conflict_strategy = fields.CharField(max_length=20, db_default="LAST_WRITE_WINS")
    conflict_window_ms = fields.BigIntField(db_default=5_000)
    conflict_window_mode = fields.CharField(max_length=8, db_default="CAUSAL")
    poll_interval_ms = fields.BigIntField()
    census_interval_ms = fields.BigIntField(db_default=24 * 60 * 60 * 1000)
    requests_per_minute = fields.IntField(null=True)
    slows_down = fields.BooleanField(db_default=True)
    state = fields.CharField(max_length=16)
    state_reason = maybe_text()
    waiting_until = maybe_instant()
    renewing_until = maybe_instant()
    skew_samples = json_field()
    created_at = InstantField()
    updated_at = InstantField()

    class Meta:
        """Storage."""

        table = "integration"
        table_description = "vendor accounts"


class CredentialRow(Model):
    """One secret value of an integration, sealed."""

    id = fields.CharField(max_length=26, primary_key=True)
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="credentials", on_delete=fields.CASCADE
    )
    name = fields.CharField(max_length=40)
    sealed = fields.TextField()
    set_at = InstantField()
    set_by = fields.CharField(max_length=200)
    last_used_at = maybe_instant()

    class Meta:
        """Storage."""

        table = "credential"
        table_description = "sealed secrets of integrations"
        unique_together = (("integration", "name"),)


class UnmappedValueRow(Model):
    """A vendor's value that has no counterpart of ours, and how often it was seen."""

    id = fields.CharField(max_length=26, primary_key=True)
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="unmapped_values", on_delete=fields.CASCADE
    )
    field = fields.CharField(max_length=100)
    value = fields.CharField(max_length=300)
    seen = fields.BigIntField()
    last_seen_at = InstantField()

    class Meta:
        """Storage."""

        table = "unmapped_value"
        table_description = "vendor values without a counterpart"
        unique_together = (("integration", "field", "value"),)


class FieldOverrideRow(Model):
    """Where one integration translates a field otherwise than its vendor's default.

    ``external_field`` is null where the default holds; ``values`` adds to the
    default's, and null takes a default value's meaning away.
    """

    id = fields.CharField(max_length=26, primary_key=True)
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="field_overrides", on_delete=fields.CASCADE
    )
    kind = fields.CharField(max_length=16)
    field = fields.CharField(max_length=100)
    external_field = fields.CharField(max_length=200, null=True)
    values = json_field()
    set_at = InstantField()
    set_by = fields.CharField(max_length=200)

    class Meta:
        """Storage."""

        table = "field_override"
        table_description = "field mappings set by people"
        unique_together = (("integration", "kind", "field"),)


class UserMapRow(Model):
    """A vendor's person is one of our users."""

    id = fields.CharField(max_length=26, primary_key=True)
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="user_maps", on_delete=fields.CASCADE
    )
    external_user = fields.CharField(max_length=200)
    user = fields.CharField(max_length=300)
    set_at = InstantField()
    set_by = fields.CharField(max_length=200)

    class Meta:
        """Storage."""

        table = "user_map"
        table_description = "which vendor people are our users"
        unique_together = (("integration", "external_user"),)
