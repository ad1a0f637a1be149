"""Traces: one span for each sync operation, with the brief's five attributes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from opentelemetry import context, trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from domain.exchange import FlowDirection

_TRACER: Final = trace.get_tracer("watchpane")
_PROPAGATOR: Final = TraceContextTextMapPropagator()
_PARENT: Final = "traceparent"


def trace_here() -> str | None:
    """Return the present trace as it is stored with a row, None outside of any."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get(_PARENT)


@contextmanager
def within(stored: str | None) -> Iterator[None]:
    """Go on with a stored trace in the block; with the present one where none was stored."""
    if stored is None:
        yield
        return
    token = context.attach(_PROPAGATOR.extract({_PARENT: stored}))
    try:
        yield
    finally:
        context.detach(token)


@contextmanager
def span(  # noqa: PLR0913 — the brief's attributes
    name: str,
    *,
    integration_id: str,
    integration_type: str,
    direction: FlowDirection,
    incident_id: str | None = None,
    external_id: str | None = None,
    parent: str | None = None,
) -> Iterator[trace.Span]:
    """Trace a sync operation (brief, "OpenTelemetry Tracing").

    parent: what ``trace_here`` gave when the work was stored, so that one trace
        runs from the webhook through the worker to the vendor.
    """
    attributes = {
        "sync.integration_id": integration_id,
        "sync.integration_type": integration_type,
        "sync.direction": direction.lower(),
    }
    if incident_id is not None:
        attributes["sync.incident_id"] = incident_id
    if external_id is not None:
        attributes["sync.external_id"] = external_id
    above: context.Context | None = None
    if parent is not None:
        above = _PROPAGATOR.extract({_PARENT: parent})
    with _TRACER.start_as_current_span(name, context=above, attributes=attributes) as started:
        yield started


def name_incident(incident_id: str) -> None:
    """Say which incident the present span is about."""
    trace.get_current_span().set_attribute("sync.incident_id", incident_id)


def name_record(external_id: str) -> None:
    """Say which of the vendor's records the present span is about."""
    trace.get_current_span().set_attribute("sync.external_id", external_id)
