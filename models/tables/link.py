"""What a record's link to a vendor holds, the same for every kind."""

from tortoise import fields
from tortoise.models import Model

from models.coding import InstantField, json_field, maybe_instant


class LinkRow(Model):
    """A record at one vendor, and what we last knew it to hold.

    ``base`` maps field to value, as the vendor last told them (names resolved).
    ``fingerprint`` tells two contents of one version apart.
    ``history_through`` is the vendor time up to which its own history was read.
    ``gone_at`` is the vendor time at which it was seen to be deleted.
    """

    id = fields.CharField(max_length=26, primary_key=True)
    external_id = fields.CharField(max_length=200)
    external_key = fields.CharField(max_length=100)
    url = fields.CharField(max_length=800)
    known_at = InstantField()
    known_sequence = fields.BigIntField()
    base = json_field()
    fingerprint = fields.CharField(max_length=32, db_default="")
    history_through = maybe_instant()
    last_seen_at = InstantField()
    gone_at = maybe_instant()

    class Meta:
        """Storage."""

        abstract = True
