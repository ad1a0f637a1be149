import signal
from pathlib import Path

import httpx

from tests.simulators.running import ended, running


def test_it_greets_serves_and_ends_with_its_stdin(tmp_path: Path) -> None:
    owner = ("--token", "key", "--from", "bo.kim@example.com", "--incidents", "3")
    kept = ("--store", str(tmp_path / "account.db"), "--die-with-stdin")
    with running("pagerduty", *owner, *kept) as (process, said):
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
        assert ended(process) == -signal.SIGTERM
