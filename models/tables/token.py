"""Access tokens; only their hashes are stored."""

from tortoise import fields
from tortoise.models import Model

from models.coding import InstantField, json_field, maybe_instant


class TokenRow(Model):
    """A bearer token: ``digest`` is the SHA-256 of its secret part, in hex."""

    id = fields.CharField(max_length=26, primary_key=True)
    digest = fields.CharField(max_length=64)
    name = fields.CharField(max_length=200)
    roles = json_field()
    scopes = json_field()
    created_at = InstantField()
    expires_at = maybe_instant()
    revoked_at = maybe_instant()

    class Meta:
        """Storage."""

        table = "token"
        table_description = "access tokens"


class HeartbeatRow(Model):
    """When a worker process last said that it lives."""

    id = fields.CharField(max_length=80, primary_key=True)
    at = InstantField()

    class Meta:
        """Storage."""

        table = "heartbeat"
        table_description = "signs of life of worker processes"
