import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from simulators.servicenow.log import read

COMMAND = [sys.executable, "-m", "simulators", "servicenow", "--rows", "20"]


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Run the command until it says that it listens; end it afterwards."""
    with subprocess.Popen(  # noqa: S603 — our own command
        [*COMMAND, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def test_it_says_where_it_listens_and_ends_at_once_when_told() -> None:
    sesame = "open sesame"
    with running("--history", "1", "--password", sesame) as (process, said):
        assert (said["vendor"], said["user"]) == ("servicenow", "admin")
        assert said["password"] == sesame
        auth = (said["user"], said["password"])
        with httpx.Client(base_url=said["url"], auth=auth) as http:
            answer = http.get("/api/now/table/incident")
            assert answer.headers["X-Total-Count"] == str(len(read(rows=20)))
            assert len(answer.headers.get_list("Date")) == 1
            # An open connection does not delay the end.
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=5) == -signal.SIGTERM


def test_it_ends_when_its_stdin_closes() -> None:
    with running("--die-with-stdin") as (process, _):
        assert process.stdin is not None
        assert process.poll() is None
        process.stdin.close()
        assert process.wait(timeout=5) == -signal.SIGTERM


def test_a_port_in_use_is_one_line_and_status_1() -> None:
    with running() as (_, said):
        port = said["url"].rpartition(":")[2]
        second = subprocess.run(  # noqa: S603 — our own command
            [*COMMAND, "--port", port], capture_output=True, text=True, timeout=20, check=False
        )
    assert second.returncode == 1
    assert second.stderr == f"cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_a_running_replay_writes_what_falls_due() -> None:
    with running("--history", "0", "--speed", "max") as (_, said):
        auth = (said["user"], said["password"])
        with httpx.Client(base_url=said["url"], auth=auth) as http:
            left = {"remaining": -1}
            for _attempt in range(200):
                left = http.post("/_control/step", json={"rows": 0}).json()["result"]
                if left["remaining"] == 0:
                    break
    assert left == {"written": 0, "remaining": 0}
