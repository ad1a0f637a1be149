"""Events: what monitoring tells."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.coding import InstantField, json_field, maybe_instant
from models.tables.asset import AssetRow
from models.tables.integration import IntegrationRow
from models.tables.link import LinkRow


class EventRow(Model):
    """One event, as long as it fires and afterwards; repeats of its key are the same event."""

    id = fields.CharField(max_length=26, primary_key=True)
    title = fields.TextField()
    severity = fields.CharField(max_length=8)
    status = fields.CharField(max_length=8)
    source = fields.CharField(max_length=300)
    dedup_key = fields.CharField(max_length=500, null=True)
    occurred_at = InstantField()
    extra = json_field()
    created_at = InstantField()
    updated_at = InstantField()
    deleted_at = maybe_instant()
    version = fields.IntField()

    class Meta:
        """Storage."""

        table = "event"
        table_description = "events"
        indexes = (
            Index(fields=("updated_at", "id")),
            Index(fields=("occurred_at", "id")),
            Index(fields=("status", "occurred_at", "id")),
            Index(fields=("dedup_key", "source")),
            Index(fields=("deleted_at", "status", "severity", "occurred_at")),
        )


class EventLinkRow(LinkRow):
    """An event's record at one vendor."""

    event: fields.ForeignKeyRelation[EventRow] = fields.ForeignKeyField(
        "models.EventRow", related_name="links", on_delete=fields.CASCADE
    )
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="event_links", on_delete=fields.CASCADE
    )

    class Meta:
        """Storage."""

        table = "event_link"
        table_description = "where events live at vendors"
        unique_together = (("integration", "external_id"), ("event", "integration"))
        indexes = (
            Index(fields=("external_key",)),
            Index(fields=("integration_id", "last_seen_at")),
        )


class EventAssetRow(Model):
    """An event concerns an asset."""

    id = fields.BigIntField(primary_key=True)
    event: fields.ForeignKeyRelation[EventRow] = fields.ForeignKeyField(
        "models.EventRow", related_name="asset_links", on_delete=fields.CASCADE
    )
    asset: fields.ForeignKeyRelation[AssetRow] = fields.ForeignKeyField(
        "models.AssetRow", related_name="event_links", on_delete=fields.CASCADE
    )

    class Meta:
        """Storage."""

        table = "event_asset"
        table_description = "which assets events concern"
        unique_together = (("event", "asset"), ("asset", "event"))
