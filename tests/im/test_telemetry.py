"""Logs: one JSON object a line, whoever wrote it, and no secret in it."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from im import telemetry
from im.secret import Secret
from im.values import LogFormat, LogLevel


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    written = io.StringIO()
    telemetry.start(level=LogLevel.INFO, form=LogFormat.AUTO, stream=written)
    yield written
    root.handlers[:], root.level = before[0], before[1]
    structlog.reset_defaults()


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_has_time_level_name_and_facts(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(correlation_id="c-1"):
        structlog.get_logger().warning("push_failed", attempt=2)
    (line,) = _lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "warning",
        "event": "push_failed",
        "attempt": 2,
        "correlation_id": "c-1",
    }


@pytest.mark.parametrize("name", ["uvicorn.error", "arq.worker", "tortoise", "anything"])
def test_a_librarys_log_takes_the_same_form(stream: io.StringIO, name: str) -> None:
    with structlog.contextvars.bound_contextvars(correlation_id="c-2"):
        logging.getLogger(name).error("lost %s", "it")
    (line,) = _lines(stream)
    assert (line["event"], line["level"], line["correlation_id"]) == ("lost it", "error", "c-2")


def test_below_the_level_nothing_is_written(stream: io.StringIO) -> None:
    structlog.get_logger().debug("looked")
    logging.getLogger("arq").debug("looked")
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    "key",
    ["password", "db_PASSWORD", "accessToken", "client_secret", "Authorization", "credentials"],
)
def test_telling_keys_are_hidden_at_any_depth(stream: io.StringIO, key: str) -> None:
    facts = {key: "canary", "list": [{"deep": {key: ["canary"]}}], "pair": ({key: "canary"},)}
    structlog.get_logger().info("connected", **facts)
    logging.getLogger("arq").warning("connected", extra=facts)
    assert "canary" not in stream.getvalue()
    assert [line[key] for line in _lines(stream)] == ["***", "***"]


def test_secret_values_are_hidden_under_any_key(stream: io.StringIO) -> None:
    structlog.get_logger().info("x", plain=Secret("canary"), nested=[{"a": Secret("canary")}])
    structlog.get_logger().info("x %s", Secret("canary"))
    assert "canary" not in stream.getvalue()


def test_what_nests_endlessly_is_cut(stream: io.StringIO) -> None:
    loop: dict[str, Any] = {}
    loop["again"] = loop
    structlog.get_logger().info("x", loop=loop)
    assert "***" in stream.getvalue()


def test_an_exception_is_one_line_with_its_traceback(stream: io.StringIO) -> None:
    try:
        int("odd")
    except ValueError:
        structlog.get_logger().exception("failed")
    (line,) = _lines(stream)
    assert line["level"] == "error"
    assert "ValueError: invalid" in line["exception"]


def test_a_line_break_in_a_fact_starts_no_line(stream: io.StringIO) -> None:
    structlog.get_logger().info("seen", title='a\n{"level":"error"}\x1b[2J')
    assert len(_lines(stream)) == 1
    assert "\x1b" not in stream.getvalue()
