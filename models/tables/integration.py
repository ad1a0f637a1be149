"""Integrations: a vendor's account and how we speak to it."""

from tortoise import fields
from tortoise.models import Model

from models.coding import InstantField, json_field, maybe_instant, maybe_text


class IntegrationRow(Model):
    """One vendor account."""

    id = fields.CharField(max_length=26, primary_key=True)
    key = fields.CharField(max_length=64, unique=True)
    name = fields.CharField(max_length=200)
    provider = fields.CharField(max_length=40)
    base_url = fields.CharField(max_length=500)
    is_enabled = fields.BooleanField(default=True)
    direction = fields.CharField(max_length=16)
    poll_interval_ms = fields.BigIntField()
    state = fields.CharField(max_length=16)
    state_reason = maybe_text()
    waiting_until = maybe_instant()
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
