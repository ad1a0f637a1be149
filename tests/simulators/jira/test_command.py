import signal
from pathlib import Path

import httpx

from tests.simulators.jira.conftest import API
from tests.simulators.running import ended, running

NEW = {"project": {"key": "OPS"}, "issuetype": {"id": "10002"}, "summary": "Kept"}


def test_a_site_says_where_it_is_and_keeps_its_issues(tmp_path: Path) -> None:
    options = ["--store", str(tmp_path / "jira.db"), "--token", "sesame", "--die-with-stdin"]
    for start in range(2):
        with running("jira", *options) as (process, said):
            assert (said["vendor"], said["token"]) == ("jira", "sesame")
            auth = (said["email"], said["token"])
            with httpx.Client(base_url=said["url"], auth=auth) as http:
                if start == 0:
                    assert http.post(f"{API}/issue", json={"fields": NEW}).status_code == 201
                else:
                    read = http.get(f"{API}/issue/OPS-1").json()
                    assert read["fields"]["summary"] == "Kept"
            assert ended(process) == -signal.SIGTERM
