"""Services and configuration items, and which records they belong to."""

from tortoise import fields
from tortoise.models import Model

from models.coding import InstantField
from models.tables.incident import IncidentRow
from models.tables.integration import IntegrationRow


class AssetRow(Model):
    """A service or configuration item, as its vendor names it."""

    id = fields.CharField(max_length=26, primary_key=True)
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="assets", on_delete=fields.CASCADE
    )
    external_id = fields.CharField(max_length=200)
    name = fields.CharField(max_length=300)
    criticality = fields.CharField(max_length=8)
    is_configuration_item = fields.BooleanField()
    created_at = InstantField()

    class Meta:
        """Storage."""

        table = "asset"
        table_description = "services and configuration items"
        unique_together = (("integration", "external_id"),)


class IncidentAssetRow(Model):
    """An incident affects an asset."""

    id = fields.BigIntField(primary_key=True)
    incident: fields.ForeignKeyRelation[IncidentRow] = fields.ForeignKeyField(
        "models.IncidentRow", related_name="asset_links", on_delete=fields.CASCADE
    )
    asset: fields.ForeignKeyRelation[AssetRow] = fields.ForeignKeyField(
        "models.AssetRow", related_name="incident_links", on_delete=fields.CASCADE
    )

    class Meta:
        """Storage."""

        table = "incident_asset"
        table_description = "which assets an incident affects"
        unique_together = (("incident", "asset"), ("asset", "incident"))
