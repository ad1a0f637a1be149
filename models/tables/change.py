"""Changes: planned work on services."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.coding import InstantField, json_field, maybe_instant, maybe_text
from models.tables.asset import AssetRow
from models.tables.integration import IntegrationRow
from models.tables.link import LinkRow


class ChangeRow(Model):
    """One change.

    ``starts_at`` and ``ends_at`` are when it was done, once that is known, else
    when it is planned; the four instants they come from stand beside them.
    """

    id = fields.CharField(max_length=26, primary_key=True)
    number = fields.CharField(max_length=100)
    title = fields.TextField()
    description = maybe_text()
    status = fields.CharField(max_length=16)
    risk = fields.CharField(max_length=8)
    assignee = fields.CharField(max_length=300, null=True)
    planned_starts_at = maybe_instant()
    planned_ends_at = maybe_instant()
    actual_starts_at = maybe_instant()
    actual_ends_at = maybe_instant()
    starts_at = maybe_instant()
    ends_at = maybe_instant()
    extra = json_field()
    created_at = InstantField()
    updated_at = InstantField()
    deleted_at = maybe_instant()
    version = fields.IntField()

    class Meta:
        """Storage."""

        table = "change"
        table_description = "changes"
        indexes = (
            Index(fields=("updated_at", "id")),
            Index(fields=("number", "id")),
            Index(fields=("starts_at", "id")),
            Index(fields=("ends_at", "id")),
            Index(fields=("status", "starts_at", "id")),
            Index(fields=("status", "updated_at", "id")),
            Index(fields=("deleted_at", "status", "ends_at")),
        )


class ChangeLinkRow(LinkRow):
    """A change's record at one vendor."""

    change: fields.ForeignKeyRelation[ChangeRow] = fields.ForeignKeyField(
        "models.ChangeRow", related_name="links", on_delete=fields.CASCADE
    )
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="change_links", on_delete=fields.CASCADE
    )

    class Meta:
        """Storage."""

        table = "change_link"
        table_description = "where changes live at vendors"
        unique_together = (("integration", "external_id"), ("change", "integration"))
        indexes = (
            Index(fields=("external_key",)),
            Index(fields=("integration_id", "last_seen_at")),
        )


class ChangeAssetRow(Model):
    """A change concerns an asset."""

    id = fields.BigIntField(primary_key=True)
    change: fields.ForeignKeyRelation[ChangeRow] = fields.ForeignKeyField(
        "models.ChangeRow", related_name="asset_links", on_delete=fields.CASCADE
    )
    asset: fields.ForeignKeyRelation[AssetRow] = fields.ForeignKeyField(
        "models.AssetRow", related_name="change_links", on_delete=fields.CASCADE
    )

    class Meta:
        """Storage."""

        table = "change_asset"
        table_description = "which assets changes concern"
        unique_together = (("change", "asset"), ("asset", "change"))
