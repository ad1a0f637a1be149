"""The worker process: scheduled jobs, and those that a wake-up asks for."""

import asyncio
import signal

from im import telemetry, tracing
from im.processes.collector import spare_imports
from im.settings import Settings


async def work(settings: Settings) -> None:
    """Work until SIGINT or SIGTERM; raises StartRefusedError."""
    telemetry.start(level=settings.log_level, form=settings.log_format)
    from im import boot  # noqa: PLC0415 — imports every layer; logs are set up before

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    spare_imports()
    exporting = tracing.exported(
        endpoint=settings.otel_exporter_otlp_endpoint, file=settings.trace_file, process="worker"
    )
    with exporting:
        await boot.work(settings, stop)
