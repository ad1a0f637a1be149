"""Sync runs, and the watermarks that they move."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.coding import InstantField, json_field, maybe_instant, maybe_text
from models.tables.integration import IntegrationRow


class WatermarkRow(Model):
    """Up to where one kind of one integration is mirrored, and when it is pulled next.

    ``as_of`` is our time at the start of the last run that read to the end, of
    all that the vendor has: it is empty until the first backfill has ended, at
    ``backfilled_at``. ``pulls`` counts incremental runs. ``last_skew_ms`` is how
    far the vendor's clock was ahead of ours at the last page of this kind: each
    kind follows a step back by itself.
    """

    id = fields.CharField(max_length=26, primary_key=True)
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="watermarks", on_delete=fields.CASCADE
    )
    kind = fields.CharField(max_length=16)
    watermark = maybe_instant()
    as_of = maybe_instant()
    backfilled_at = maybe_instant()
    censused_at = maybe_instant()
    next_pull_at = InstantField()
    next_census_at = maybe_instant()
    pulls = fields.BigIntField(db_default=0)
    last_skew_ms = fields.BigIntField(null=True)
    failures = fields.IntField(default=0)
    last_error = maybe_text()
    last_error_code = fields.CharField(max_length=24, null=True)

    class Meta:
        """Storage."""

        table = "watermark"
        table_description = "sync positions"
        unique_together = (("integration", "kind"),)
        indexes = (Index(fields=("next_pull_at",)),)


class SyncRunRow(Model):
    """One run. ``active_slot`` is set until it ends, then null: one active run a kind and slot.

    Incremental runs have slot 1, backfills 2, so that changes go on arriving
    while old records do, and censuses 3.

    ``position`` is the vendor's page after the last committed one, ``is_full`` asks for
    all rows again. ``horizon`` is the vendor's time when the run began, or how far
    its clock stepped back since; the watermark does not pass it. ``fence`` rises
    with each worker that takes the run; only the newest may write.
    """

    id = fields.CharField(max_length=26, primary_key=True)
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="runs", on_delete=fields.CASCADE
    )
    kind = fields.CharField(max_length=16)
    phase = fields.CharField(max_length=16)
    status = fields.CharField(max_length=16)
    active_slot = fields.IntField(null=True)
    is_full = fields.BooleanField()
    fence = fields.BigIntField(default=0)
    lease_owner = fields.CharField(max_length=80, null=True)
    lease_until = maybe_instant()
    since = maybe_instant()
    horizon = maybe_instant()
    position = maybe_text()
    pages = fields.IntField(default=0)
    read = fields.BigIntField(default=0)
    written = fields.BigIntField(default=0)
    unchanged = fields.BigIntField(default=0)
    deleted = fields.BigIntField(default=0)
    failed = fields.BigIntField(default=0)
    error_code = fields.CharField(max_length=24, null=True)
    error = maybe_text()
    requested_by = fields.CharField(max_length=200)
    queued_at = InstantField()
    started_at = maybe_instant()
    finished_at = maybe_instant()

    class Meta:
        """Storage."""

        table = "sync_run"
        table_description = "sync runs"
        unique_together = (("integration", "kind", "active_slot"),)
        indexes = (Index(fields=("integration_id", "queued_at", "id")),)


class FaultyRecordRow(Model):
    """A vendor's row that could not be read, kept until it can be; its dead letter has its id."""

    id = fields.CharField(max_length=26, primary_key=True)
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="faulty_records", on_delete=fields.CASCADE
    )
    kind = fields.CharField(max_length=16)
    external_id = fields.CharField(max_length=200)
    detail = fields.TextField()
    payload = json_field()
    seen_at = InstantField()

    class Meta:
        """Storage."""

        table = "faulty_record"
        table_description = "vendor rows that could not be read"
        unique_together = (("integration", "kind", "external_id"),)
