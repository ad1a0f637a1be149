"""Brings the database up to this program, and ends."""

from im import telemetry
from im.settings import Settings


async def migrate(settings: Settings) -> None:
    """Apply the migrations that are missing; raises StartRefusedError."""
    telemetry.start(level=settings.log_level, form=settings.log_format)
    from im import boot  # noqa: PLC0415 — imports every layer; logs are set up before

    await boot.migrate(settings)
