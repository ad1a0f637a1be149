"""What records are to each other, and what else they are known as."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.tables.integration import IntegrationRow


class RelationRow(Model):
    """A record of ours points to a vendor's record, mirrored already or not yet.

    Whoever reads it joins the target's link by (integration, external id), so
    the order in which the two ends arrive does not matter.
    """

    id = fields.CharField(max_length=26, primary_key=True)
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="relations", on_delete=fields.CASCADE
    )
    name = fields.CharField(max_length=16)
    from_kind = fields.CharField(max_length=16)
    from_id = fields.CharField(max_length=26)
    to_kind = fields.CharField(max_length=16)
    to_external_id = fields.CharField(max_length=200)

    class Meta:
        """Storage."""

        table = "relation"
        table_description = "what records are to each other"
        unique_together = (("from_id", "integration", "name", "to_kind", "to_external_id"),)
        indexes = (Index(fields=("integration_id", "to_kind", "to_external_id", "name")),)


class AliasRow(Model):
    """A record says that another vendor knows it by another name (rule I3c)."""

    id = fields.CharField(max_length=26, primary_key=True)
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="aliases", on_delete=fields.CASCADE
    )
    kind = fields.CharField(max_length=16)
    record_id = fields.CharField(max_length=26)
    provider = fields.CharField(max_length=40, null=True)
    known_as = fields.CharField(max_length=200)

    class Meta:
        """Storage."""

        table = "alias"
        table_description = "names of records at other vendors"
        unique_together = (("record_id", "integration", "known_as"),)
        indexes = (Index(fields=("kind", "known_as")),)
