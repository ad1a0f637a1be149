"""The event log: every fact that a subscription shows, in the order of commits."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.coding import InstantField, json_field, maybe_text


class EventHeadRow(Model):
    """The log's one counter. It is always the last row a transaction locks.

    A database sequence would not do: its numbers are given before the commit,
    so a reader could pass over a number that becomes visible later.
    """

    id = fields.IntField(primary_key=True)
    epoch = fields.CharField(max_length=32)
    newest = fields.BigIntField()
    oldest = fields.BigIntField()

    class Meta:
        """Storage."""

        table = "event_head"
        table_description = "counter of the event log"


class EventLogRow(Model):
    """One fact. ``changed`` names the changed fields of a record that keeps no edits."""

    number = fields.BigIntField(primary_key=True)
    topic = fields.CharField(max_length=16)
    kind = fields.CharField(max_length=24)
    occurred_at = InstantField()
    integration_id = fields.CharField(max_length=26, null=True)
    record_id = fields.CharField(max_length=26, null=True)
    run_id = fields.CharField(max_length=26, null=True)
    edit_ids = json_field()
    changed = json_field(null=True)
    message = maybe_text()

    class Meta:
        """Storage."""

        table = "event_log"
        table_description = "facts in commit order"
        indexes = (Index(fields=("occurred_at",)),)
