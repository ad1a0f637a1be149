"""People are told of alerts: at least once, at a pace, and by nobody twice at the same time."""

import asyncio

import pytest
from structlog.testing import capture_logs

from models.coding import loads
from operations.sla.notify import notify_due
from simulators.misfortune import Fault, Kind
from tests.adapters.channels.mailbox import mailbox
from tests.adapters.channels.telling import Receiver
from tests.operations.sla.speaking import TOKEN, Speaking, notifications, states
from tests.operations.sla.watched import POLICY, Watched
from tests.world import Crash


@pytest.fixture
def speaking(watched: Watched) -> Speaking:
    return Speaking(watched=watched)


async def test_an_alert_is_told_once_with_its_blocks_and_fields(speaking: Speaking) -> None:
    await speaking.raise_alerts()
    assert "notify" in speaking.watched.world.hints
    assert await speaking.tell() == 1
    assert await speaking.tell() == 0
    (message,) = speaking.slack.channel.messages
    (row,) = await notifications()
    assert list(message.ids) == [row["id"]]
    assert (row["state"], row["due_at"], row["error"]) == ("DONE", None, None)
    assert row["ended_at"] == int(speaking.watched.clock.at.timestamp() * 1000)
    fields = [field["text"] for field in message.blocks[2]["fields"]]
    assert fields[:4] == [
        "*Priority*\nP1",
        "*Clock*\nRESOLUTION",
        "*Used*\n85 % of 4 h",
        "*Time*\n36 min left",
    ]
    assert fields[5].endswith("|2026-03-02 14:00 UTC>")
    url = message.blocks[3]["elements"][1]["url"]
    assert url == f"http://127.0.0.1:8000/graphql#acknowledge={row['alert_id']}"


async def test_a_failed_message_is_tried_again_after_30_s_2_8_and_30_min_and_then_no_more(
    speaking: Speaking,
) -> None:
    await speaking.raise_alerts()
    speaking.slack.misfortunes.push(Fault(kind=Kind.ERROR, status=503, times=None))
    clock, slack = speaking.watched.clock, speaking.slack
    assert await speaking.tell() == 0
    for tries, minutes in enumerate((0.5, 2, 8, 30), start=1):
        clock.move(minutes=minutes, seconds=-1)
        assert await speaking.tell() == 0
        assert await _tries() == tries
        clock.move(seconds=1)
        assert await speaking.tell() == 0
        assert await _tries() == tries + 1
    (row,) = await notifications()
    assert (row["state"], row["attempt"], row["code"]) == ("DEAD", 5, "VENDOR_ERROR")
    assert [one["status"] for one in loads(row["tries"])] == [503] * 5
    clock.move(days=1)
    slack.misfortunes.clear()
    assert await speaking.tell() == 0
    assert slack.channel.count == 0


async def _tries() -> int:
    (row,) = await notifications()
    return len(loads(row["tries"]))


async def test_a_message_that_arrives_at_the_last_try_is_told(speaking: Speaking) -> None:
    await speaking.raise_alerts()
    speaking.slack.misfortunes.push(Fault(kind=Kind.ERROR, times=4))
    for minutes in (0, 0.5, 2, 8, 30):
        speaking.watched.clock.move(minutes=minutes)
        await speaking.tell()
    assert await states() == [("slack", "DONE", 4)]
    assert set(speaking.arrived.values()) == {1}


async def test_a_throttled_channel_is_left_alone_as_told_and_no_attempt_is_spent(
    speaking: Speaking,
) -> None:
    await speaking.raise_alerts("T-1")
    slack, clock = speaking.slack, speaking.watched.clock
    slack.misfortunes.push(Fault(kind=Kind.THROTTLED, detail="90"))
    assert await speaking.tell() == 0
    assert await states() == [("slack", "READY", 0)]
    # what comes meanwhile waits too
    clock.move(seconds=60)
    await speaking.raise_alerts("T-2", time="13:25")
    clock.at = clock.at.replace(minute=25, second=29)
    assert await speaking.tell() == 0
    assert slack.served["POST /services"] == 0
    clock.move(seconds=1)
    assert await speaking.tell() == 2
    assert [message.text for message in slack.channel.messages] == ["2 alerts"]
    assert await states() == [("slack", "DONE", 0)] * 2


async def test_many_that_wait_are_told_in_digests_one_a_second_that_name_all(
    speaking: Speaking,
) -> None:
    keys = [f"T-{number}" for number in range(60)]
    await speaking.raise_alerts(*keys)
    for told in (25, 25, 10):
        assert await speaking.tell() == told
        speaking.watched.clock.move(milliseconds=999)
        assert await speaking.tell() == 0
        speaking.watched.clock.move(milliseconds=1)
    assert speaking.slack.served["POST /services"] == 3
    limit = speaking.slack.switches.rate_limit
    assert limit is not None
    assert limit.busiest == 1
    assert len(speaking.arrived) == 60
    assert set(speaking.arrived.values()) == {1}
    text = "\n".join(
        block["text"]["text"]
        for message in speaking.slack.channel.messages
        for block in message.blocks
    )
    assert all(f"|{key}>" in text for key in keys)


@pytest.mark.parametrize("step", ["before", "after"])
async def test_a_worker_that_dies_around_the_sending_leaves_it_to_another(
    speaking: Speaking, step: str
) -> None:
    await speaking.raise_alerts()

    def die(_: object) -> None:
        raise Crash

    hooks = speaking.slack.hooks
    setattr(hooks, f"{step}_message", die)
    with pytest.raises(BaseExceptionGroup):
        await speaking.tell()
    hooks.before_message = hooks.after_message = None
    successor = speaking.worker("successor")
    speaking.watched.clock.move(seconds=59)
    assert await speaking.tell(successor) == 0
    speaking.watched.clock.move(seconds=1)
    assert await speaking.tell(successor) == 1
    (row,) = await notifications()
    # twice, under one id: a time-out may have delivered
    assert dict(speaking.arrived) == {row["id"]: 2 if step == "after" else 1}
    assert await states() == [("slack", "DONE", 0)]


async def test_two_workers_together_tell_each_alert_once_and_keep_the_pace(
    speaking: Speaking,
) -> None:
    await speaking.raise_alerts(*(f"T-{number}" for number in range(40)))
    workers = [speaking.worker(f"worker-{number}") for number in range(3)]
    for _ in range(3):
        await asyncio.gather(*(speaking.tell(worker) for worker in workers))
        speaking.watched.clock.move(seconds=1)
    assert speaking.slack.served["POST /services"] == 2
    assert len(speaking.arrived) == 40
    assert set(speaking.arrived.values()) == {1}


async def test_a_worker_that_was_away_for_too_long_records_nothing(speaking: Speaking) -> None:
    await speaking.raise_alerts()
    slow, quick = speaking.worker("slow"), speaking.worker("quick")
    speaking.slack.misfortunes.push(Fault(kind=Kind.HANG))
    sending = asyncio.create_task(notify_due(slow))
    while speaking.slack.misfortunes.faults:
        await asyncio.wait({sending}, timeout=0.01)
    speaking.watched.clock.move(seconds=61)
    speaking.slack.misfortunes.push(Fault(kind=Kind.ERROR))
    assert await speaking.tell(quick) == 0
    speaking.slack.misfortunes.release()
    await sending
    # what the newer worker saw stands: it is tried again
    assert await states() == [("slack", "READY", 1)]


async def test_a_worker_that_is_stopped_lets_another_go_on(speaking: Speaking) -> None:
    await speaking.raise_alerts()
    speaking.slack.misfortunes.push(Fault(kind=Kind.HANG))
    sending = asyncio.create_task(speaking.tell())
    while speaking.slack.misfortunes.faults:
        await asyncio.wait({sending}, timeout=0.01)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    speaking.slack.misfortunes.clear()
    speaking.watched.clock.move(seconds=1)
    assert await speaking.tell(speaking.worker("successor")) == 1


async def test_a_channel_that_is_not_there_ends_its_messages_and_holds_up_no_other(
    speaking: Speaking,
) -> None:
    policy = POLICY.replace("ALERT: [slack]", "ALERT: [slack, email, pager]")
    with capture_logs() as logs:
        await speaking.watched.go_by(policy)
    unset = [log["channel"] for log in logs if log["event"] == "channel_not_set"]
    assert unset == ["email", "pager"]
    await speaking.raise_alerts()
    workers = [speaking.watched.runtime, speaking.worker("worker-2")]
    with capture_logs() as logs:
        told = await asyncio.gather(*map(speaking.tell, workers))
    assert sum(told) == 1
    ended = {row["channel"]: row for row in await notifications()}
    dead = {name for name, row in ended.items() if row["state"] == "DEAD"}
    assert dead == {"email", "pager"}
    assert ended["email"]["code"] == ended["pager"]["code"] == "NO_CHANNEL"
    assert ended["email"]["error"].startswith("the channel email is not set; set SMTP_URL")
    assert ended["pager"]["error"].startswith("no channel is called pager; name one of")
    assert [log["log_level"] for log in logs if log["event"] == "alerts_not_told"] == ["error"] * 2


async def test_a_suppressed_alert_is_told_nobody(speaking: Speaking) -> None:
    await speaking.raise_alerts()
    await speaking.tell()
    await speaking.watched.go_by(POLICY.replace("target: 240m", "target: 230m"))
    await speaking.watched.look("13:27")
    assert await speaking.tell() == 0
    assert speaking.slack.channel.count == 1


async def test_each_alert_is_a_message_of_its_own_for_a_receiver_of_json(
    speaking: Speaking,
) -> None:
    receiver = Receiver()
    speaking.use(
        receiver,
        alert_webhook_url="https://alerts.example.com/",
        alert_webhook_secret="long enough to be one",  # noqa: S106 — of a test
    )
    await speaking.watched.go_by(POLICY.replace("ALERT: [slack]", "ALERT: [webhook]"))
    await speaking.raise_alerts(*(f"T-{number}" for number in range(30)))
    receiver.status = 500
    assert await speaking.tell() == 0
    receiver.status = 204
    speaking.watched.clock.move(seconds=30)
    assert await speaking.tell() == 30
    sent = [request.headers["webhook-id"] for request, _ in receiver.requests]
    assert len(sent) == 60
    assert set(sent) == {row["id"] for row in await notifications()}


async def test_alerts_are_told_by_email(speaking: Speaking) -> None:
    async with mailbox() as box:
        speaking.use(
            smtp_url=f"smtp://127.0.0.1:{box.port}",
            alert_email_from="watchpane@example.com",
            alert_email_to="ann@example.com",
        )
        await speaking.watched.go_by(POLICY.replace("ALERT: [slack]", "ALERT: [email]"))
        await speaking.raise_alerts("T-1", "T-2")
        box.answers = {"DATA": "451 later"}
        assert await speaking.tell() == 0
        box.answers = {}
        speaking.watched.clock.move(seconds=30)
        assert await speaking.tell() == 2
    (mail,) = box.mails
    assert mail["Subject"] == "2 alerts"
    assert mail["X-Watchpane-Id"].split(", ") == [row["id"] for row in await notifications()]


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Fault(kind=Kind.ERROR, status=500), "READY"),
        (Fault(kind=Kind.UNAUTHORISED), "DEAD"),
        (Fault(kind=Kind.HTML, status=404), "DEAD"),
        (Fault(kind=Kind.HTML, status=302), "READY"),
        (Fault(kind=Kind.LOST), "READY"),
        (Fault(kind=Kind.THROTTLED), "READY"),
    ],
)
async def test_no_address_is_in_a_log_or_a_row(
    speaking: Speaking, fault: Fault, state: str
) -> None:
    await speaking.raise_alerts()
    speaking.slack.misfortunes.push(fault)
    with capture_logs() as logs:
        await speaking.tell()
    (row,) = await notifications()
    assert row["state"] == state
    told = f"{logs} {dict(row)} {speaking.watched.runtime}"
    assert [log["event"] for log in logs] == ["alerts_not_told"]
    assert "canary" not in told
    assert TOKEN not in told


async def test_an_answer_that_was_lost_brings_the_same_id_again(speaking: Speaking) -> None:
    await speaking.raise_alerts()
    speaking.slack.misfortunes.push(Fault(kind=Kind.LOST))
    await speaking.tell()
    speaking.watched.clock.move(seconds=30)
    assert await speaking.tell() == 1
    assert list(speaking.arrived.values()) == [2]
