"""The service levels in force, and what became of the file that tells them."""

from tortoise import fields
from tortoise.models import Model

from models.coding import InstantField, maybe_instant, maybe_text


class SlaPolicyRow(Model):
    """A policy that is or was in force, by the hash of what it means (rule S11).

    ``content`` is the text of the last file that meant this.
    """

    version = fields.CharField(max_length=64, primary_key=True)
    content = fields.TextField()
    loaded_at = InstantField()

    class Meta:
        """Storage."""

        table = "sla_policy"
        table_description = "service levels by version"


class SlaFileRow(Model):
    """The one line that says which version is in force; every process goes by it.

    ``digest`` and ``loaded_at`` are of the last file that was good. ``error`` and its
    companions tell of one that was refused since, and are empty once a good one has come.
    """

    id = fields.IntField(primary_key=True)
    version = fields.CharField(max_length=64)
    in_force_since = InstantField()
    path = fields.TextField()
    digest = fields.CharField(max_length=64)
    loaded_at = InstantField()
    loaded_by = fields.CharField(max_length=200)
    error = maybe_text()
    error_line = fields.IntField(null=True)
    error_column = fields.IntField(null=True)
    error_at = maybe_instant()
    error_digest = fields.CharField(max_length=64, null=True)

    class Meta:
        """Storage."""

        table = "sla_file"
        table_description = "which service levels are in force"
