"""What vendors have told by themselves, before it is judged."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.coding import InstantField, json_field, maybe_instant, maybe_text
from models.tables.integration import IntegrationRow


class InboundRow(Model):
    """One delivery, as it came.

    ``dedup_key`` is the vendor's own id of the delivery, null where it gives none.
    ``external_id`` names the record, once it is known. ``body`` is the raw text;
    null for our own note that a record is to be read again, and for a row that could
    not be read, which ``faulty_record`` has under the same id. ``number`` is what
    people call it once it is a dead letter.
    """

    id = fields.CharField(max_length=26, primary_key=True)
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="deliveries", on_delete=fields.CASCADE
    )
    dedup_key = fields.CharField(max_length=200, null=True)
    external_id = fields.CharField(max_length=200, null=True)
    headers = json_field()
    body = maybe_text()
    received_at = InstantField()
    state = fields.CharField(max_length=12)
    due_at = maybe_instant()
    lease_owner = fields.CharField(max_length=80, null=True)
    lease_until = maybe_instant()
    fence = fields.BigIntField(db_default=0)
    attempt = fields.IntField(db_default=0)
    starts = fields.IntField(db_default=0)
    number = fields.BigIntField(null=True)
    code = fields.CharField(max_length=24, null=True)
    error = maybe_text()
    tries = json_field()
    trace = fields.CharField(max_length=60, null=True)
    ended_at = maybe_instant()
    discarded_by = fields.CharField(max_length=200, null=True)
    discard_reason = maybe_text()

    class Meta:
        """Storage."""

        table = "inbound"
        table_description = "deliveries of vendors"
        unique_together = (("integration", "dedup_key"),)
        indexes = (
            Index(fields=("due_at", "id")),
            Index(fields=("number",)),
            Index(fields=("ended_at",)),
            Index(fields=("integration_id", "received_at")),
        )


class RejectedDeliveryRow(Model):
    """A delivery that was refused: when and why, never what it said."""

    id = fields.CharField(max_length=26, primary_key=True)
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="rejected_deliveries", on_delete=fields.CASCADE
    )
    at = InstantField()
    reason = fields.CharField(max_length=200)
    source_address = fields.CharField(max_length=100, null=True)
    bytes = fields.BigIntField()

    class Meta:
        """Storage."""

        table = "rejected_delivery"
        table_description = "refused deliveries"
        indexes = (Index(fields=("integration_id", "at", "id")),)
