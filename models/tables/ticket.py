"""Tickets: what customers and colleagues ask for."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.coding import InstantField, json_field, maybe_instant, maybe_text
from models.tables.asset import AssetRow
from models.tables.integration import IntegrationRow
from models.tables.link import LinkRow


class TicketRow(Model):
    """One ticket. ``source_id`` is the key by which its source calls it.

    ``sent_as`` is that of a ticket which is sent to us, and not mirrored;
    ``incident_id`` the incident that it is said to be part of.
    """

    id = fields.CharField(max_length=26, primary_key=True)
    source_id = fields.CharField(max_length=100)
    title = fields.TextField()
    description = maybe_text()
    status = fields.CharField(max_length=16)
    priority = fields.CharField(max_length=8)
    tier = fields.CharField(max_length=80)
    assignee = fields.CharField(max_length=300, null=True)
    sent_as = fields.CharField(max_length=100, null=True, unique=True)
    incident_id = fields.CharField(max_length=26, null=True)
    resolved_at = maybe_instant()
    extra = json_field()
    created_at = InstantField()
    updated_at = InstantField()
    deleted_at = maybe_instant()
    version = fields.IntField()

    class Meta:
        """Storage."""

        table = "ticket"
        table_description = "tickets"
        indexes = (
            Index(fields=("updated_at", "id")),
            Index(fields=("source_id", "id")),
            Index(fields=("priority", "updated_at", "id")),
            Index(fields=("status", "updated_at", "id")),
            Index(fields=("deleted_at", "status")),
            Index(fields=("incident_id",)),
        )


class TicketStepRow(Model):
    """How a ticket stood from an instant on (rule S1).

    ``content`` is all that an update which was sent said, empty for what a vendor
    told; ``by`` is who sent it, or the vendor's author.
    """

    id = fields.BigIntField(primary_key=True)
    ticket: fields.ForeignKeyRelation[TicketRow] = fields.ForeignKeyField(
        "models.TicketRow", related_name="steps", on_delete=fields.CASCADE
    )
    at = InstantField()
    status = fields.CharField(max_length=16)
    priority = fields.CharField(max_length=8)
    tier = fields.CharField(max_length=80)
    content = fields.TextField(db_default="")
    by = fields.CharField(max_length=300)

    class Meta:
        """Storage."""

        table = "ticket_step"
        table_description = "histories of tickets"
        unique_together = (("ticket", "at"),)


class TicketLinkRow(LinkRow):
    """A ticket's record at one vendor."""

    ticket: fields.ForeignKeyRelation[TicketRow] = fields.ForeignKeyField(
        "models.TicketRow", related_name="links", on_delete=fields.CASCADE
    )
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="ticket_links", on_delete=fields.CASCADE
    )

    class Meta:
        """Storage."""

        table = "ticket_link"
        table_description = "where tickets live at vendors"
        unique_together = (("integration", "external_id"), ("ticket", "integration"))
        indexes = (
            Index(fields=("external_key",)),
            Index(fields=("integration_id", "last_seen_at")),
        )


class TicketAssetRow(Model):
    """A ticket concerns an asset."""

    id = fields.BigIntField(primary_key=True)
    ticket: fields.ForeignKeyRelation[TicketRow] = fields.ForeignKeyField(
        "models.TicketRow", related_name="asset_links", on_delete=fields.CASCADE
    )
    asset: fields.ForeignKeyRelation[AssetRow] = fields.ForeignKeyField(
        "models.AssetRow", related_name="ticket_links", on_delete=fields.CASCADE
    )

    class Meta:
        """Storage."""

        table = "ticket_asset"
        table_description = "which assets tickets concern"
        unique_together = (("ticket", "asset"), ("asset", "ticket"))
