"""Plans that bring two sides together again, and when they are made."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.coding import InstantField, json_field, maybe_instant, maybe_text
from models.tables.incident import IncidentRow
from models.tables.integration import IntegrationRow


class DriftPlanRow(Model):
    """What differs between us and one vendor, and what healing would do.

    ``rules`` is a digest of the direction and the field owners that it was made
    by. ``position`` is the vendor's page after the last one compared. ``heals``:
    its healing was asked for.
    """

    id = fields.CharField(max_length=26, primary_key=True)
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="drift_plans", on_delete=fields.CASCADE
    )
    status = fields.CharField(max_length=12)
    hash = fields.CharField(max_length=64, null=True)
    rules = fields.CharField(max_length=64)
    is_scheduled = fields.BooleanField()
    heals = fields.BooleanField()
    compared = fields.BigIntField(db_default=0)
    item_count = fields.IntField(db_default=0)
    healed = fields.IntField(db_default=0)
    position = maybe_text()
    requested_by = fields.CharField(max_length=200)
    created_at = InstantField()
    ready_at = maybe_instant()
    healed_at = maybe_instant()
    error = maybe_text()
    lease_owner = fields.CharField(max_length=80, null=True)
    lease_until = maybe_instant()
    fence = fields.BigIntField(db_default=0)

    class Meta:
        """Storage."""

        table = "drift_plan"
        table_description = "plans of reconciliation"
        indexes = (
            Index(fields=("integration_id", "created_at", "id")),
            Index(fields=("status", "created_at")),
        )


class DriftItemRow(Model):
    """One field, or one record, that differs. ``place`` is its order in the plan."""

    id = fields.CharField(max_length=26, primary_key=True)
    plan: fields.ForeignKeyRelation[DriftPlanRow] = fields.ForeignKeyField(
        "models.DriftPlanRow", related_name="items", on_delete=fields.CASCADE
    )
    place = fields.IntField()
    incident: fields.ForeignKeyNullableRelation[IncidentRow] = fields.ForeignKeyField(
        "models.IncidentRow", related_name="drift_items", on_delete=fields.CASCADE, null=True
    )
    external_id = fields.CharField(max_length=200, null=True)
    field = fields.CharField(max_length=100)
    platform_value = json_field(null=True)
    external_value = json_field(null=True)
    platform_version = fields.IntField()
    external_at = maybe_instant()
    external_sequence = fields.BigIntField(null=True)
    action = fields.CharField(max_length=20)
    outcome = fields.CharField(max_length=12)
    because = fields.TextField()
    healed_at = maybe_instant()

    class Meta:
        """Storage."""

        table = "drift_item"
        table_description = "differences between the sides"
        unique_together = (("plan", "place"),)
        indexes = (Index(fields=("incident_id", "field", "healed_at")),)


class ReconcileScheduleRow(Model):
    """How often one integration is reconciled by itself (rule R6)."""

    id = fields.CharField(max_length=26, primary_key=True)
    integration: fields.OneToOneRelation[IntegrationRow] = fields.OneToOneField(
        "models.IntegrationRow", related_name="reconcile_schedule", on_delete=fields.CASCADE
    )
    interval_ms = fields.BigIntField()
    auto_heal = fields.BooleanField()
    is_enabled = fields.BooleanField()
    next_run_at = maybe_instant()

    class Meta:
        """Storage."""

        table = "reconcile_schedule"
        table_description = "when integrations are reconciled"
        indexes = (Index(fields=("next_run_at",)),)
