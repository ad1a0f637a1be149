import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx

COMMAND = [sys.executable, "-m", "simulators", "pagerduty", "--die-with-stdin"]


def test_it_greets_serves_and_ends_with_its_stdin(tmp_path: Path) -> None:
    options = ["--token", "key", "--from", "bo.kim@example.com", "--incidents", "3"]
    with subprocess.Popen(  # noqa: S603 — our own command
        [*COMMAND, *options, "--store", str(tmp_path / "account.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        said = json.loads(process.stdout.readline())
        assert said.items() >= {"vendor": "pagerduty", "token": "key"}.items()
        headers = {"Authorization": "Token token=key", "From": said["from"]}
        with httpx.Client(base_url=said["url"], headers=headers) as http:
            answer = http.get("/incidents", params={"date_range": "all"})
            assert len(answer.json()["incidents"]) == 3
            assert len(answer.headers.get_list("Date")) == 1
            url = answer.json()["incidents"][0]["self"]
            assert url.startswith(said["url"])
            note = http.post(f"{url}/notes", json={"note": {"content": "Hi"}}).json()["note"]
            assert note["user"]["summary"] == "Bo Kim"
        process.stdin.close()
        assert process.wait(timeout=5) == -signal.SIGTERM
