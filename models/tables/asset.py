"""Services and configuration items, and which records they belong to."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.coding import InstantField, json_field, maybe_instant
from models.tables.incident import IncidentRow
from models.tables.integration import IntegrationRow
from models.tables.link import LinkRow


class AssetRow(Model):
    """A service or configuration item, as all sides together have it."""

    id = fields.CharField(max_length=26, primary_key=True)
    name = fields.CharField(max_length=300)
    criticality = fields.CharField(max_length=8)
    is_configuration_item = fields.BooleanField()
    extra = json_field()
    created_at = InstantField()
    updated_at = InstantField()
    deleted_at = maybe_instant()
    version = fields.IntField()

    class Meta:
        """Storage."""

        table = "asset"
        table_description = "services and configuration items"
        indexes = (Index(fields=("name", "id")),)


class AssetLinkRow(LinkRow):
    """An asset's record at one vendor."""

    asset: fields.ForeignKeyRelation[AssetRow] = fields.ForeignKeyField(
        "models.AssetRow", related_name="links", on_delete=fields.CASCADE
    )
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="asset_links", on_delete=fields.CASCADE
    )

    class Meta:
        """Storage."""

        table = "asset_link"
        table_description = "where assets live at vendors"
        unique_together = (("integration", "external_id"), ("asset", "integration"))
        indexes = (
            Index(fields=("external_key",)),
            Index(fields=("integration_id", "last_seen_at")),
        )


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
