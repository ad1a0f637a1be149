"""Notes: comments and work notes of incidents, and where copies of them stand."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.coding import InstantField, maybe_instant
from models.tables.incident import IncidentRow
from models.tables.integration import IntegrationRow


class NoteRow(Model):
    """One note. A deleted one stays, with ``deleted_at`` (rule K2)."""

    id = fields.CharField(max_length=26, primary_key=True)
    incident: fields.ForeignKeyRelation[IncidentRow] = fields.ForeignKeyField(
        "models.IncidentRow", related_name="notes", on_delete=fields.CASCADE
    )
    integration: fields.ForeignKeyNullableRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="notes", on_delete=fields.SET_NULL, null=True
    )
    external_id = fields.CharField(max_length=200, null=True)
    author = fields.CharField(max_length=300)
    body = fields.TextField()
    visibility = fields.CharField(max_length=8)
    created_at = InstantField()
    edited_at = maybe_instant()
    deleted_at = maybe_instant()

    class Meta:
        """Storage."""

        table = "note"
        table_description = "notes of incidents"
        unique_together = (("integration", "external_id"),)
        indexes = (Index(fields=("incident_id", "created_at", "id")),)


class NoteCopyRow(Model):
    """A note that we have written to a vendor, under the id that it has there."""

    id = fields.CharField(max_length=26, primary_key=True)
    note: fields.ForeignKeyRelation[NoteRow] = fields.ForeignKeyField(
        "models.NoteRow", related_name="copies", on_delete=fields.CASCADE
    )
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="note_copies", on_delete=fields.CASCADE
    )
    external_id = fields.CharField(max_length=200)

    class Meta:
        """Storage."""

        table = "note_copy"
        table_description = "notes written to vendors"
        unique_together = (("integration", "external_id"), ("note", "integration"))
