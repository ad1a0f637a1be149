"""Logs: one form for ours and the libraries', JSON in production, no secret in either.

The correlation id and what else a unit of work binds with
``structlog.contextvars`` is added to each line.
"""

import logging
import sys
from collections.abc import Mapping
from typing import Any, Final, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from domain.redaction import HIDDEN, names_a_secret
from im.secret import Secret
from im.values import LogFormat, LogLevel

# A log holds facts, not documents: what lies deeper is not walked but hidden.
_DEEPEST: Final = 8


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide values under telling keys, and ``Secret`` values anywhere, nested ones too."""
    return {key: _hidden(value, key=key) for key, value in event.items()}


def _hidden(value: object, *, key: object = "", depth: int = 0) -> Any:  # noqa: ANN401 — log fields are of any type
    if isinstance(value, Secret) or depth > _DEEPEST:
        return HIDDEN
    if names_a_secret(key):
        return HIDDEN
    if isinstance(value, Mapping):
        return {k: _hidden(v, key=k, depth=depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_hidden(item, depth=depth + 1) for item in value]
    return value


def _name_level(_logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Write ``level`` in the words of LOG_LEVEL; logging's ``exception`` is an error."""
    return {**event, "level": {"exception": "error", "warn": "warning"}.get(method, method)}


def _drop_colours(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop uvicorn's second copy of its message, coloured for a terminal."""
    event.pop("color_message", None)
    return event


def start(
    *,
    level: LogLevel = LogLevel.INFO,
    form: LogFormat = LogFormat.AUTO,
    stream: TextIO = sys.stderr,
) -> None:
    """Send every log of this process to ``stream``; calling it again replaces the way.

    ``auto`` is coloured on a terminal and JSON elsewhere.
    """
    on_terminal = form is LogFormat.CONSOLE or (form is LogFormat.AUTO and stream.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _name_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.StackInfoRenderer(),
    ]
    ending: list[Processor] = [ProcessorFormatter.remove_processors_meta, _drop_colours, redact]
    if on_terminal:
        ending.append(
            structlog.dev.ConsoleRenderer(
                colors=stream.isatty(),
                # The rich form prints local variables, and with them secrets.
                exception_formatter=structlog.dev.plain_traceback,
            )
        )
    else:
        ending += [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=_shown, ensure_ascii=False),
        ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ProcessorFormatter(foreign_pre_chain=shared, processors=ending))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    _quieten()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _quieten() -> None:
    """Take the libraries' own ways out, and what they tell of every request."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "arq", "tortoise"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # One line a request or job is our own log's; SQL and addresses may hold content.
    for name in ("uvicorn.access", "arq", "httpx", "httpcore", "tortoise", "aiosqlite"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _shown(value: object) -> str:
    """Write what JSON does not know, such as an instant or a path, as text."""
    return str(value)
