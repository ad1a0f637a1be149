import signal
import subprocess

import httpx

from simulators.servicenow.log import read
from tests.simulators.running import COMMAND, ended, running

SERVICENOW = ("servicenow", "--rows", "20")


def test_it_says_where_it_listens_and_ends_at_once_when_told() -> None:
    sesame = "open sesame"
    with running(*SERVICENOW, "--history", "1", "--password", sesame) as (process, said):
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
    with running(*SERVICENOW, "--die-with-stdin") as (process, _):
        assert process.poll() is None
        assert ended(process) == -signal.SIGTERM


def test_a_port_in_use_is_one_line_and_status_1() -> None:
    with running(*SERVICENOW) as (_, said):
        port = said["url"].rpartition(":")[2]
        second = subprocess.run(  # noqa: S603 — our own command
            [*COMMAND, *SERVICENOW, "--port", port],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    assert second.returncode == 1
    assert second.stderr == f"cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_a_running_replay_writes_what_falls_due() -> None:
    with running(*SERVICENOW, "--history", "0", "--speed", "max") as (_, said):
        auth = (said["user"], said["password"])
        with httpx.Client(base_url=said["url"], auth=auth) as http:
            left = {"remaining": -1}
            for _attempt in range(200):
                left = http.post("/_control/step", json={"rows": 0}).json()["result"]
                if left["remaining"] == 0:
                    break
    assert left == {"written": 0, "remaining": 0}
