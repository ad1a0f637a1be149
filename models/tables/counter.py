"""Figures that all processes count together, numbers that people use, and answers given twice."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.coding import InstantField
from models.tables.integration import IntegrationRow


class SyncCounterRow(Model):
    """One of an integration's figures, since it was created (rule X8)."""

    id = fields.CharField(max_length=26, primary_key=True)
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="counters", on_delete=fields.CASCADE
    )
    name = fields.CharField(max_length=32)
    value = fields.BigIntField()

    class Meta:
        """Storage."""

        table = "sync_counter"
        table_description = "figures of syncs"
        unique_together = (("integration", "name"),)


class SerialRow(Model):
    """The last number given to a thing that people call by number: ``conflict-123``."""

    name = fields.CharField(max_length=20, primary_key=True)
    value = fields.BigIntField()

    class Meta:
        """Storage."""

        table = "serial"
        table_description = "numbers given to things"


class IdempotencyRow(Model):
    """What a request under a caller's own key has made: the same again makes nothing new."""

    id = fields.CharField(max_length=26, primary_key=True)
    actor = fields.CharField(max_length=200)
    key = fields.CharField(max_length=200)
    digest = fields.CharField(max_length=64)
    result = fields.CharField(max_length=26)
    at = InstantField()

    class Meta:
        """Storage."""

        table = "idempotency"
        table_description = "requests that may be repeated"
        unique_together = (("actor", "key"),)
        indexes = (Index(fields=("at",)),)
