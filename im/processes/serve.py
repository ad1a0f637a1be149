"""The API process: the web's doors and the graph, on one socket."""

import socket

from im import telemetry, tracing
from im.address import listener
from im.processes.collector import spare_imports
from im.settings import Settings


async def serve(settings: Settings, *, descriptor: int | None) -> None:
    """Serve until SIGINT or SIGTERM.

    descriptor: a listening socket that was handed on; ``None`` opens one on
        ``host`` and ``port``.
    Raises StartRefusedError.
    """
    telemetry.start(level=settings.log_level, form=settings.log_format)
    from im import boot  # noqa: PLC0415 — imports every layer; logs are set up before

    spare_imports()
    if descriptor is None:
        listening = listener(settings.host, settings.port)
    else:
        listening = socket.socket(fileno=descriptor)
    with (
        listening,
        tracing.exported(
            endpoint=settings.otel_exporter_otlp_endpoint,
            file=settings.trace_file,
            process="api",
        ),
    ):
        await boot.serve(settings, listening)
