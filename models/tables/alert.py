"""Alerts, and the messages to people."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.coding import InstantField, json_field, maybe_instant, maybe_text
from models.tables.sla_clock import SlaSubjectRow


class AlertRow(Model):
    """A threshold that a clock has reached: once for each ``key`` (rule S8).

    ``is_suppressed``: stored only, for the like was told shortly before (rule S9).
    """

    id = fields.CharField(max_length=26, primary_key=True)
    key = fields.CharField(max_length=200, unique=True)
    subject: fields.ForeignKeyRelation[SlaSubjectRow] = fields.ForeignKeyField(
        "models.SlaSubjectRow", related_name="alerts", on_delete=fields.CASCADE
    )
    clock = fields.CharField(max_length=10)
    cycle = fields.IntField()
    target_ms = fields.BigIntField()
    level = fields.CharField(max_length=10)
    percent = fields.FloatField()
    crossed_at = InstantField()
    raised_at = InstantField()
    escalation_level = fields.IntField()
    is_suppressed = fields.BooleanField()
    acknowledged_at = maybe_instant()
    acknowledged_by = fields.CharField(max_length=200, null=True)
    snoozed_until = maybe_instant()
    snoozed_by = fields.CharField(max_length=200, null=True)

    class Meta:
        """Storage."""

        table = "alert"
        table_description = "thresholds that clocks have reached"
        indexes = (Index(fields=("subject_id", "raised_at")), Index(fields=("raised_at", "id")))


class NotificationRow(Model):
    """A message through one channel, sent at least once under one id.

    It is about an alert, or tells ``policy_news``: what became of the file of the service
    levels, as JSON. ``due_at`` is null once it has ended. ``tries`` are the attempts,
    without secrets.
    """

    id = fields.CharField(max_length=26, primary_key=True)
    alert: fields.ForeignKeyNullableRelation[AlertRow] = fields.ForeignKeyField(
        "models.AlertRow", related_name="notifications", on_delete=fields.CASCADE, null=True
    )
    policy_news = maybe_text()
    channel = fields.CharField(max_length=64)
    state = fields.CharField(max_length=12)
    attempt = fields.IntField(db_default=0)
    due_at = maybe_instant()
    code = fields.CharField(max_length=24, null=True)
    error = maybe_text()
    tries = json_field()
    trace = fields.CharField(max_length=60, null=True)
    queued_at = InstantField()
    ended_at = maybe_instant()

    class Meta:
        """Storage."""

        table = "notification"
        table_description = "messages to people"
        unique_together = (("alert", "channel"),)
        indexes = (Index(fields=("due_at", "id")),)


class ChannelRow(Model):
    """A channel, which one worker at a time sends through.

    Nobody may before ``free_at``: a worker has it until then, or it is to be left alone so
    long. ``fence`` rises with each worker that takes it; only the newest may record.
    """

    name = fields.CharField(max_length=64, primary_key=True)
    free_at = InstantField()
    fence = fields.BigIntField(db_default=0)

    class Meta:
        """Storage."""

        table = "channel"
        table_description = "ways in which people are told"
