import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from tests.simulators.jira.conftest import API

COMMAND = [sys.executable, "-m", "simulators", "jira"]
NEW = {"project": {"key": "OPS"}, "issuetype": {"id": "10002"}, "summary": "Kept"}


def test_a_site_says_where_it_is_and_keeps_its_issues(tmp_path: Path) -> None:
    options = ["--store", str(tmp_path / "jira.db"), "--token", "sesame", "--die-with-stdin"]
    for start in range(2):
        with subprocess.Popen(  # noqa: S603 — our own command
            [*COMMAND, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            assert (said["vendor"], said["token"]) == ("jira", "sesame")
            auth = (said["email"], said["token"])
            with httpx.Client(base_url=said["url"], auth=auth) as http:
                if start == 0:
                    assert http.post(f"{API}/issue", json={"fields": NEW}).status_code == 201
                else:
                    read = http.get(f"{API}/issue/OPS-1").json()
                    assert read["fields"]["summary"] == "Kept"
            process.stdin.close()
            assert process.wait(timeout=5) == -signal.SIGTERM
