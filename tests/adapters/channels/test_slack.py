"""What is sent to Slack: blocks that Slack takes, whatever a title holds."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.channels.contract import Maintenance
from adapters.channels.slack import Slack, message
from adapters.channels.wording import line, span
from domain.sync.retry import Fault
from simulators.slack.block_kit import check
from simulators.slack.instance import Slack as Workspace
from tests.adapters.channels.telling import MENDED, NOTICE, NOW, REFUSED, Receiver, notices, way

TOKEN = "open-sesame"  # noqa: S105 — of a simulator


def test_one_alert_tells_all_that_matters() -> None:
    told = message([NOTICE])
    header, title, fields, actions, _ = told["blocks"]
    assert header["text"]["text"] == "BREACH: HELP-17"
    assert title["text"]["text"] == (
        "<https://wp.example.com/graphql#ticket=01T|HELP-17> I cannot pay"
    )
    assert [field["text"] for field in fields["fields"]] == [
        "*Priority*\nP1",
        "*Clock*\nRESOLUTION",
        "*Used*\n104.1 % of 4 h",
        "*Time*\n10 min overdue",
        "*Escalation*\n2",
        "*Target*\n<!date^1772460000^{date_short_pretty} {time}|2026-03-02 14:00 UTC>",
    ]
    assert [(one["text"]["text"], one["url"]) for one in actions["elements"]] == [
        ("Open", NOTICE.link),
        ("Acknowledge", NOTICE.acknowledge),
    ]
    assert told["metadata"]["event_payload"] == {"ids": ["01N"]}
    assert told["text"] == (
        "BREACH: HELP-17 I cannot pay (P1), RESOLUTION 104.1 % of 4 h used, 10 min overdue"
    )


def test_changes_that_were_under_way_are_named() -> None:
    change = Maintenance(number="CHG1", title="Replace <a> disk", ends_at=NOW)
    *_, words, _, _ = message([replace(NOTICE, during=[change])])["blocks"]
    assert [one["text"] for one in words["elements"]] == [
        "During the change CHG1 Replace &lt;a&gt; disk, until 2026-03-02 14:00 UTC"
    ]
    *_, words, _, _ = message([replace(NOTICE, during=[change] * 7)])["blocks"]
    lines = words["elements"][0]["text"].splitlines()
    assert (len(lines), lines[-1]) == (6, "and 2 more")
    check(message([replace(NOTICE, during=[change] * 7)])["blocks"])
    _, lines_of_both = message(notices(2, during=[change] * 2))["blocks"]
    assert lines_of_both["text"]["text"].count(", during CHG1, <") == 2


def test_a_refused_policy_file_is_told_with_its_fault_and_what_is_in_force() -> None:
    told = message([REFUSED])
    header, what, in_force, actions, _ = told["blocks"]
    assert header["text"]["text"] == "Service levels refused"
    assert what["text"]["text"] == (
        "/etc/watchpane/sla_config.yaml\nline 3, column 1: &lt;ALERT&gt; &amp; more; write 85%"
    )
    assert in_force["text"]["text"] == (
        "Still in force: version 0123456789ab, since 2026-03-02 14:00 UTC"
    )
    assert [one["url"] for one in actions["elements"]] == [REFUSED.link]
    check(told["blocks"])


def test_that_it_is_good_again_is_told_too_beside_alerts() -> None:
    header, *_ = message([MENDED])["blocks"]
    assert header["text"]["text"] == "Service levels good again"
    _, lines = message([REFUSED, NOTICE, MENDED])["blocks"]
    assert lines["text"]["text"].splitlines()[::2] == [
        "• *Service levels refused* line 3, column 1: &lt;ALERT&gt; &amp; more; write 85%",
        "• *Service levels good again*",
    ]


@given(fault=st.text(max_size=2_000), path=st.text(max_size=5_000), count=st.integers(1, 25))
def test_slack_takes_it_whatever_the_fault_and_the_path_hold(
    fault: str, path: str, count: int
) -> None:
    told = [replace(REFUSED, fault=fault, path=path or "-")] * count
    check(message(told)["blocks"])


def test_a_digest_names_each_alert_with_its_links() -> None:
    told = message(notices(Slack.most, left=timedelta(minutes=36)))
    text = "\n".join(block["text"]["text"] for block in told["blocks"])
    assert text.count("|HELP-17> I cannot pay (P1), RESOLUTION, 36 min left") == Slack.most
    assert text.count(f"<{NOTICE.acknowledge}|acknowledge>") == Slack.most
    assert told["text"] == f"{Slack.most} alerts"
    assert len(set(told["metadata"]["event_payload"]["ids"])) == Slack.most


@given(title=st.text(max_size=600), number=st.text(max_size=120), count=st.integers(1, Slack.most))
def test_slack_takes_it_whatever_the_title_and_the_number_hold(
    title: str, number: str, count: int
) -> None:
    check(message(notices(count, title=title, number=number or "-"))["blocks"])


def test_the_longest_digest_is_short_enough() -> None:
    long = "https://watchpane.internal.a-long-name.example.com/graphql#incident=" + "0" * 26
    check(
        message(
            notices(
                Slack.most,
                title="&<>" * 200,
                number="N" * 100,
                link=long,
                acknowledge=long,
                during=[Maintenance(number="&" * 100, title="", ends_at=None)],
            )
        )["blocks"]
    )


def test_a_title_calls_nobody() -> None:
    told = message([replace(NOTICE, title="<!channel> & <@U1>\n*b*")])
    assert told["blocks"][1]["text"]["text"].endswith("&lt;!channel&gt; &amp; &lt;@U1&gt; *b*")
    assert "<!channel>" not in told["text"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3_600, "1 h"),
        (7_500, "2 h 5 min"),
        (86_400, "1 d"),
        (273_960, "3 d 4 h"),
        (90_000_000, "1041 d 16 h"),
    ],
)
def test_a_span_is_told_to_the_minute(seconds: int, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words


def test_a_text_is_one_line() -> None:
    assert line(" a\n\tb ", 10) == "a b"
    assert line("abcdef", 4) == "abc…"


async def test_what_slack_answers_is_told_without_the_address() -> None:
    workspace = Workspace(now=lambda: NOW, token=TOKEN)
    url = f"https://hooks.example.com{workspace.path}"
    slack = Slack(way(workspace.app, slack_webhook_url=url))
    assert await slack.send([NOTICE]) is None
    assert workspace.channel.ids == {"01N": 1}
    throttled = await slack.send([NOTICE])
    assert throttled is not None
    assert (throttled.fault, throttled.retry_after) == (Fault.THROTTLED, timedelta(seconds=1))
    workspace.login.revoke()
    refused = await slack.send([NOTICE])
    assert refused is not None
    assert (refused.fault, refused.detail) == (Fault.REJECTED, "HTTP 404: no_service")
    await slack.close()


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (302, Fault.BAD_ANSWER),
        (400, Fault.REJECTED),
        (403, Fault.UNAUTHORISED),
        (410, Fault.REJECTED),
        (429, Fault.THROTTLED),
        (503, Fault.VENDOR_ERROR),
    ],
)
async def test_a_status_is_told_as_a_fault_and_its_words_without_the_address(
    status: int, fault: Fault
) -> None:
    url = f"https://hooks.example.com/services/T0000DEMO/B0000DEMO/{TOKEN}?key=canary"
    said = f"{url} hooks.example.com /services/T0000DEMO {TOKEN} " + "x" * 9_000
    server = Receiver(status=status, said=said, headers={"location": "https://elsewhere/"})
    slack = Slack(way(server, slack_webhook_url=url))
    failed = await slack.send([NOTICE])
    assert failed is not None
    assert failed.fault is fault
    for secret in (TOKEN, "hooks.example.com", "DEMO", "canary"):
        assert secret not in repr(failed)
    assert len(failed.detail) < 250


async def test_a_server_that_is_away_is_told_without_its_name() -> None:
    slack = Slack(way(slack_webhook_url=f"http://127.0.0.1:9/services/{TOKEN}"))
    failed = await slack.send([NOTICE])
    assert failed is not None
    assert failed.fault is Fault.UNREACHABLE
    assert failed.detail == "there is no connection (ConnectError)"
    await slack.close()
