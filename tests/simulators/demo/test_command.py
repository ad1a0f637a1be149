import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

COMMAND = [sys.executable, "-m", "simulators", "demo", "--rows", "100", "--history", "1"]


def _client(said: dict[str, Any], vendor: str) -> httpx.Client:
    facts = said["simulators"][vendor]
    match vendor:
        case "servicenow":
            return httpx.Client(base_url=facts["url"], auth=(facts["user"], facts["password"]))
        case "jira":
            return httpx.Client(base_url=facts["url"], auth=(facts["email"], facts["token"]))
        case _:
            key = {"Authorization": f"Token token={facts['token']}"}
            return httpx.Client(base_url=facts["url"], headers=key)


def test_one_program_runs_three_vendors_and_goes_on_where_it_ended(tmp_path: Path) -> None:
    options = ["--store-dir", str(tmp_path), "--jira-token", "sesame", "--die-with-stdin"]
    for start in range(2):
        with subprocess.Popen(  # noqa: S603 — our own command
            [*COMMAND, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            assert said["vendor"] == "demo"
            assert said["simulators"]["jira"]["token"] == "sesame"  # noqa: S105 — not a real one
            with _client(said, "servicenow") as http:
                named = "correlation_displayISNOTEMPTY"
                rows = http.get("/api/now/table/incident", params={"sysparm_query": named})
                joined = rows.json()["result"]
                assert joined
            with _client(said, "pagerduty") as http:
                whole = http.get("/incidents", params={"total": "true", "limit": 100}).json()
                ids = {incident["id"] for incident in whole["incidents"]}
            with _client(said, "jira") as http:
                path = "/rest/api/3/issue/"
                for row in joined:
                    if row["correlation_display"] == "jira":
                        assert http.get(path + row["correlation_id"]).status_code == 200
                if start == 0:
                    assert http.delete(f"{path}OPS-1").status_code == 204
                assert http.get(f"{path}OPS-1").status_code == 404
            paged = [row for row in joined if row["correlation_display"] == "pagerduty"]
            assert {row["correlation_id"] for row in paged} == ids
            process.stdin.close()
            assert process.wait(timeout=5) == -signal.SIGTERM
