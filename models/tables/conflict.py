"""Edits of both sides that had not seen each other."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.coding import InstantField, json_field, maybe_instant
from models.tables.incident import IncidentRow
from models.tables.integration import IntegrationRow


class ConflictRow(Model):
    """One conflict of one field between us and one vendor.

    ``open_slot`` is 1 while it is open, then null: one open conflict a field and
    link (rule F1). ``version`` grows with each later clash that it takes up.
    ``external_at``, ``external_sequence`` are the vendor's version of its value.
    """

    id = fields.CharField(max_length=26, primary_key=True)
    number = fields.BigIntField(unique=True)
    incident: fields.ForeignKeyRelation[IncidentRow] = fields.ForeignKeyField(
        "models.IncidentRow", related_name="conflicts", on_delete=fields.CASCADE
    )
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="conflicts", on_delete=fields.CASCADE
    )
    field = fields.CharField(max_length=100)
    open_slot = fields.IntField(null=True)
    kind = fields.CharField(max_length=12)
    status = fields.CharField(max_length=20)
    version = fields.IntField()
    base_value = json_field(null=True)
    platform_value = json_field(null=True)
    external_value = json_field(null=True)
    platform_version = fields.IntField()
    platform_edited_at = InstantField()
    platform_edited_by = fields.CharField(max_length=300)
    external_at = InstantField()
    external_sequence = fields.BigIntField()
    external_edited_at = InstantField()
    external_edited_by = fields.CharField(max_length=300, null=True)
    strategy = fields.CharField(max_length=20)
    warning = fields.CharField(max_length=24, null=True)
    detected_at = InstantField()
    resolved_at = maybe_instant()
    resolved_by = fields.CharField(max_length=200, null=True)

    class Meta:
        """Storage."""

        table = "conflict"
        table_description = "conflicts of field edits"
        unique_together = (("incident", "integration", "field", "open_slot"),)
        indexes = (
            Index(fields=("status", "detected_at", "id")),
            Index(fields=("integration_id", "status", "detected_at")),
        )
