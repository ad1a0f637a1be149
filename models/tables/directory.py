"""People, groups and other things that vendors' records point to."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.coding import InstantField
from models.tables.integration import IntegrationRow


class DirectoryRow(Model):
    """A person, a group or another thing, as its vendor names it.

    ``table`` is the vendor's word for the kind, such as ``sys_user``.
    """

    id = fields.CharField(max_length=26, primary_key=True)
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="directory", on_delete=fields.CASCADE
    )
    table = fields.CharField(max_length=80)
    external_id = fields.CharField(max_length=200)
    name = fields.CharField(max_length=300)
    email = fields.CharField(max_length=300, null=True)
    seen_at = InstantField()

    class Meta:
        """Storage."""

        table = "directory"
        table_description = "people, groups and other referred things"
        unique_together = (("integration", "table", "external_id"),)
        indexes = (Index(fields=("integration_id", "name", "id")),)
