"""Incidents, and where they live in the vendors' systems."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.coding import InstantField, json_field, maybe_instant, maybe_text
from models.tables.integration import IntegrationRow
from models.tables.link import LinkRow


class IncidentRow(Model):
    """One incident, as all sides together have it.

    ``extra`` holds the fields that have no canonical name, under the vendor's.
    ``revisions`` tells of each field that has changed since the first copy which
    version it has, when it was made, and by whom.
    """

    id = fields.CharField(max_length=26, primary_key=True)
    number = fields.CharField(max_length=100)
    title = fields.TextField()
    description = maybe_text()
    status = fields.CharField(max_length=16)
    severity = fields.CharField(max_length=8)
    priority = fields.CharField(max_length=8, null=True)
    assignee = fields.CharField(max_length=300, null=True)
    escalation_policy = fields.CharField(max_length=300, null=True)
    labels = json_field()
    extra = json_field()
    revisions = json_field(db_default="{}")
    started_at = InstantField()
    resolved_at = maybe_instant()
    created_at = InstantField()
    updated_at = InstantField()
    deleted_at = maybe_instant()
    version = fields.IntField()

    class Meta:
        """Storage."""

        table = "incident"
        table_description = "incidents"
        indexes = (
            Index(fields=("updated_at", "id")),
            Index(fields=("created_at", "id")),
            Index(fields=("severity", "id")),
            Index(fields=("severity", "updated_at", "id")),
            Index(fields=("number", "id")),
            Index(fields=("status", "updated_at", "id")),
            Index(fields=("assignee", "updated_at", "id")),
            Index(fields=("deleted_at", "status", "severity", "assignee")),
            Index(fields=("started_at",)),
            Index(fields=("resolved_at",)),
        )


class IncidentLinkRow(LinkRow):
    """An incident's record at one vendor.

    ``dealings`` tells of each field that we have written there what was sent and
    acknowledged, and which of the vendor's changes was judged last.
    ``compared_at`` is the vendor's stamp of the version from which single fields were
    healed last: nothing else of that version is known.
    """

    dealings = json_field(db_default="{}")
    compared_at = maybe_instant()

    incident: fields.ForeignKeyRelation[IncidentRow] = fields.ForeignKeyField(
        "models.IncidentRow", related_name="links", on_delete=fields.CASCADE
    )
    integration: fields.ForeignKeyRelation[IntegrationRow] = fields.ForeignKeyField(
        "models.IntegrationRow", related_name="incident_links", on_delete=fields.CASCADE
    )

    class Meta:
        """Storage."""

        table = "incident_link"
        table_description = "where incidents live at vendors"
        unique_together = (("integration", "external_id"), ("incident", "integration"))
        indexes = (
            Index(fields=("external_key",)),
            Index(fields=("integration_id", "last_seen_at")),
        )
