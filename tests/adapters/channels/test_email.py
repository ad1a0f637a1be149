"""E-mail, handed in at a real server."""

from datetime import timedelta

import pytest

from adapters.channels.email import Email
from domain.sync.retry import Fault
from tests.adapters.channels.mailbox import mailbox
from tests.adapters.channels.telling import CHANGES, MENDED, NOTICE, REFUSED, notices, way

SENDER, RECIPIENTS = "watchpane@example.com", "ann@example.com, bo@example.com"


def email(url: str, to: str = RECIPIENTS) -> Email:
    return Email(way(smtp_url=url, alert_email_from=SENDER, alert_email_to=to))


async def test_an_alert_is_handed_in_for_all_recipients_under_its_id() -> None:
    async with mailbox() as box:
        assert await email(f"smtp://127.0.0.1:{box.port}").send([NOTICE]) is None
    (mail,) = box.mails
    assert box.recipients == [["ann@example.com", "bo@example.com"]]
    assert (mail["Subject"], mail["From"]) == ("BREACH: HELP-17 I cannot pay", SENDER)
    assert (mail["Message-ID"], mail["X-Watchpane-Id"]) == ("<01N@example.com>", "01N")
    assert mail["Date"] == "Mon, 02 Mar 2026 14:00:00 +0000"
    text = mail.get_content()
    for line in ("10 min overdue", f"Open: {NOTICE.link}", f"Acknowledge: {NOTICE.acknowledge}"):
        assert line in text


async def test_changes_that_were_under_way_have_a_line_each() -> None:
    async with mailbox() as box:
        await email(f"smtp://127.0.0.1:{box.port}").send(notices(1, during=CHANGES))
    (mail,) = box.mails
    assert mail.get_content().splitlines()[3:5] == [
        "During the change CHG1 Replace a disk, until 2026-03-02 14:00 UTC",
        "During the change CHG2 Move",
    ]


async def test_several_alerts_are_one_mail_of_the_same_id_at_each_try() -> None:
    async with mailbox() as box:
        channel = email(f"smtp://127.0.0.1:{box.port}")
        for _ in range(2):
            assert await channel.send(notices(40)) is None
        assert await channel.send(notices(39)) is None
    first, again, other = box.mails
    assert first["Subject"] == "40 alerts"
    assert first.get_content().count("HELP-17 I cannot pay") == 40
    assert len(first["X-Watchpane-Id"].split(", ")) == 40
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]


async def test_a_refused_policy_file_is_told_until_it_is_good_again() -> None:
    async with mailbox() as box:
        channel = email(f"smtp://127.0.0.1:{box.port}")
        await channel.send([REFUSED])
        await channel.send([MENDED, NOTICE])
    refused, both = box.mails
    assert refused["Subject"] == "Service levels refused: /etc/watchpane/sla_config.yaml"
    assert refused.get_content().splitlines() == [
        "Service levels refused: /etc/watchpane/sla_config.yaml",
        "line 3, column 1: <ALERT> & more; write 85%",
        "Still in force: version 0123456789ab, since 2026-03-02 14:00 UTC",
        "Found 2026-03-02 14:00 UTC",
        f"Open: {REFUSED.link}",
    ]
    assert both["Subject"] == "2 alerts"
    assert both.get_content().startswith("Service levels good again: ")


async def test_a_title_adds_no_header() -> None:
    async with mailbox() as box:
        channel = email(f"smtp://127.0.0.1:{box.port}")
        await channel.send(notices(1, title="Ünpaid\r\nBcc: eve@example.com", number="H\n1"))
    (mail,) = box.mails
    assert mail["Subject"] == "BREACH: H 1 Ünpaid Bcc: eve@example.com"
    assert mail["Bcc"] is None


async def test_a_user_signs_in() -> None:
    async with mailbox(opened_by=("wp@x", "p:/w")) as box:
        good, wrong = (
            email(f"smtp://wp%40x:{password}@127.0.0.1:{box.port}")
            for password in ("p%3A%2Fw", "canary")
        )
        assert await good.send([NOTICE]) is None
        failed = await wrong.send([NOTICE])
    assert failed is not None
    assert (failed.fault, failed.status) == (Fault.UNAUTHORISED, 535)
    assert "canary" not in repr(failed)


async def test_no_password_goes_to_another_machine_without_tls() -> None:
    async with mailbox(opened_by=("wp", "canary")) as box:
        # An address of this machine that does not say so.
        failed = await email(f"smtp://wp:canary@0.0.0.0:{box.port}").send([NOTICE])
    assert failed is not None
    assert (box.tried, box.mails) == ([], [])


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("451 try later", Fault.VENDOR_ERROR),
        ("550 no such user ann@example.com bo@example.com", Fault.REJECTED),
    ],
)
@pytest.mark.parametrize("step", ["DATA", "RCPT"])
async def test_a_refusal_is_told_without_an_address(said: str, fault: Fault, step: str) -> None:
    async with mailbox() as box:
        refused = ["DATA"] if step == "DATA" else RECIPIENTS.split(", ")
        box.answers = dict.fromkeys(refused, said)
        failed = await email(f"smtp://127.0.0.1:{box.port}").send([NOTICE])
    assert failed is not None
    assert (failed.fault, failed.status) == (fault, int(said[:3]))
    assert "example.com" not in repr(failed)


async def test_a_mail_that_one_recipient_gets_has_arrived() -> None:
    async with mailbox() as box:
        box.answers = {"ann@example.com": "550 no such user"}
        assert await email(f"smtp://127.0.0.1:{box.port}").send([NOTICE]) is None
    assert box.recipients == [["bo@example.com"]]


async def test_a_server_that_is_away_or_speaks_otherwise_is_told_without_its_name() -> None:
    away = await email("smtp://127.0.0.1:9").send([NOTICE])
    async with mailbox() as box:
        plain = await email(f"smtps://127.0.0.1:{box.port}").send([NOTICE])
    for failed in (away, plain):
        assert failed is not None
        assert failed.fault is Fault.UNREACHABLE
        assert "127" not in failed.detail


@pytest.mark.parametrize(
    ("url", "to"),
    [
        ("mail.example.com", RECIPIENTS),
        ("smtp://", RECIPIENTS),
        ("smtp://h:x", RECIPIENTS),
        ("https://h", RECIPIENTS),
        ("smtp://h", "canary"),
    ],
)
def test_settings_that_are_no_addresses_are_refused(url: str, to: str) -> None:
    with pytest.raises(ValueError, match="must be") as refused:
        email(url, to)
    assert "canary" not in str(refused.value)


def test_mails_need_not_wait_for_each_other() -> None:
    assert email("smtp://h").pause == timedelta(0)
