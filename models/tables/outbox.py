"""Writes that wait to be sent to vendors, in lanes."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.coding import InstantField, json_field, maybe_instant, maybe_text
from models.tables.incident import IncidentRow
from models.tables.integration import IntegrationRow
from models.tables.note import NoteRow


class LaneRow(Model):
    """The writes of one incident to one vendor: in order, one at a time (rule X1).

    ``due_at`` is null while nothing waits. ``is_blocked``: its create is dead.
    ``fence`` rises with each worker that takes the lane; only the newest may record.
    """

    id = fields.CharField(max_length=26, primary_key=True)
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="lanes", on_delete=fields.CASCADE
    )
    incident: fields.ForeignKeyRelation[IncidentRow] = fields.ForeignKeyField(
        "models.IncidentRow", related_name="lanes", on_delete=fields.CASCADE
    )
    last_seq = fields.BigIntField()
    due_at = maybe_instant()
    is_blocked = fields.BooleanField(db_default=False)
    lease_owner = fields.CharField(max_length=80, null=True)
    lease_until = maybe_instant()
    fence = fields.BigIntField(db_default=0)

    class Meta:
        """Storage."""

        table = "lane"
        table_description = "queues of writes, one for each incident and vendor"
        unique_together = (("incident", "integration"),)
        indexes = (Index(fields=("due_at",)),)


class OutboxRow(Model):
    """One write: a create, some fields or a note.

    ``fields`` are names: values are read when they are sent, so that an old value
    is never written. ``is_forced``: a person chose our value over the field's
    owner. ``starts`` counts the workers that began to send it since the last
    answer. ``number`` is what people call it once it is a dead letter. ``tries``
    are the attempts, ``payload`` what the last one sent, without secrets.
    ``trace`` carries the trace in which the edit was made.
    """

    id = fields.CharField(max_length=26, primary_key=True)
    lane: fields.ForeignKeyRelation[LaneRow] = fields.ForeignKeyField(
        "models.LaneRow", related_name="writes", on_delete=fields.CASCADE
    )
    seq = fields.BigIntField()
    kind = fields.CharField(max_length=8)
    fields_ = json_field(source_field="fields")
    note: fields.ForeignKeyNullableRelation[NoteRow] = fields.ForeignKeyField(
        "models.NoteRow", related_name="writes", on_delete=fields.SET_NULL, null=True
    )
    state = fields.CharField(max_length=12)
    is_forced = fields.BooleanField(db_default=False)
    attempt = fields.IntField(db_default=0)
    starts = fields.IntField(db_default=0)
    number = fields.BigIntField(null=True)
    code = fields.CharField(max_length=24, null=True)
    error = maybe_text()
    tries = json_field()
    payload = json_field(null=True)
    trace = fields.CharField(max_length=60, null=True)
    queued_by = fields.CharField(max_length=300)
    queued_at = InstantField()
    ended_at = maybe_instant()
    discarded_by = fields.CharField(max_length=200, null=True)
    discard_reason = maybe_text()

    class Meta:
        """Storage."""

        table = "outbox"
        table_description = "writes to vendors"
        unique_together = (("lane", "seq"),)
        indexes = (
            Index(fields=("state", "lane_id", "seq")),
            Index(fields=("number",)),
            Index(fields=("ended_at",)),
        )
