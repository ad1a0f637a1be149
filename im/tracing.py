"""Where the spans of this process go."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from opentelemetry import trace

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

# One attempt to reach the collector; the last one is waited for when the process ends.
EXPORT_SECONDS: Final = 2.0


@contextmanager
def exported(*, endpoint: str, file: Path | None, process: str) -> Iterator[None]:
    """Export the spans that are made in the block, in batches; none when nothing says where to.

    endpoint: of a collector, over HTTP; file: gets a JSON object a line.
    process: what it does, as ``watchpane.process`` of each span.
    At the end what is left is sent. Call it once in a process.
    """
    if not endpoint and file is None:
        yield
        return
    # A fifth of a second that a start without traces is spared.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 — see above
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 — see above
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 — see above
    from opentelemetry.sdk.trace.export import (  # noqa: PLC0415 — see above
        BatchSpanProcessor,
        ConsoleSpanExporter,
    )

    provider = TracerProvider(
        resource=Resource.create({"service.name": "watchpane", "watchpane.process": process})
    )
    with _opened(file) as writing:
        if endpoint:
            sender = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", timeout=EXPORT_SECONDS)
            provider.add_span_processor(BatchSpanProcessor(sender))
        if writing is not None:
            writer = ConsoleSpanExporter(out=writing, formatter=_line)
            provider.add_span_processor(BatchSpanProcessor(writer))
        trace.set_tracer_provider(provider)
        try:
            yield
        finally:
            provider.shutdown()


def _opened(file: Path | None) -> AbstractContextManager[TextIO | None]:
    # Several processes add to one file: whole lines, each by one write.
    return nullcontext() if file is None else file.open("a", encoding="utf-8")


def _line(span: "ReadableSpan") -> str:
    return f"{span.to_json(indent=None)}\n"
