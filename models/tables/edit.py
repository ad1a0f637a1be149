"""Every judged change of a field."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.coding import InstantField, json_field
from models.tables.incident import IncidentRow
from models.tables.integration import IntegrationRow


class EditRow(Model):
    """One change of one field: taken or not, and why (rule M13).

    ``at`` is when it was made, in the clock of the side that made it;
    ``sequence`` orders changes of one instant. ``external_id`` names the
    vendor's own history row, by which it is stored once only.
    """

    id = fields.CharField(max_length=26, primary_key=True)
    incident: fields.ForeignKeyRelation[IncidentRow] = fields.ForeignKeyField(
        "models.IncidentRow", related_name="edits", on_delete=fields.CASCADE
    )
    integration: fields.ForeignKeyNullableRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="edits", on_delete=fields.SET_NULL, null=True
    )
    external_id = fields.CharField(max_length=200, null=True)
    field = fields.CharField(max_length=100)
    before = json_field(null=True)
    after = json_field(null=True)
    version = fields.IntField(null=True)
    at = InstantField()
    sequence = fields.BigIntField()
    by = fields.CharField(max_length=300)
    source = fields.CharField(max_length=24)
    accepted = fields.BooleanField()
    reason = fields.CharField(max_length=24)
    warning = fields.CharField(max_length=24, null=True)

    class Meta:
        """Storage."""

        table = "edit"
        table_description = "field changes"
        unique_together = (("integration", "external_id"),)
        indexes = (Index(fields=("incident_id", "at", "sequence", "id")),)
