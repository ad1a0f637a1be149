"""Channels that are not set are told of before anybody misses an alert."""

from structlog.testing import capture_logs

from operations.sla.absence import warn_at_start
from tests.operations.sla.watched import Watched


async def test_a_worker_says_at_its_start_which_channels_are_not_set(watched: Watched) -> None:
    with capture_logs() as logs:
        await warn_at_start(watched.runtime)
    told = {log["channel"]: (log["log_level"], log["detail"]) for log in logs}
    assert told.keys() == {"email", "slack"}
    assert told["slack"] == (
        "warning",
        "the channel slack is not set; set SLACK_WEBHOOK_URL, or take it out of the policy",
    )
