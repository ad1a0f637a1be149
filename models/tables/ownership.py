"""Who owns which field, where a person has said so."""

from tortoise import fields
from tortoise.models import Model

from models.coding import InstantField
from models.tables.integration import IntegrationRow


class OwnershipRuleRow(Model):
    """A rule of one integration; it stands in place of its vendor's default (rule O1)."""

    id = fields.CharField(max_length=26, primary_key=True)
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="ownership_rules", on_delete=fields.CASCADE
    )
    field = fields.CharField(max_length=100)
    owner = fields.CharField(max_length=8)
    priority = fields.IntField()
    set_at = InstantField()
    set_by = fields.CharField(max_length=200)

    class Meta:
        """Storage."""

        table = "ownership_rule"
        table_description = "field owners set by people"
        unique_together = (("integration", "field"),)
