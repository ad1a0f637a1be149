"""The watch over the clocks: look at what is due, one process at a time (rules S5, S8, S11)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import structlog
from structlog.contextvars import bound_contextvars

from domain.errors import Unavailable
from domain.sla.terms import SlaState, SlaSubjectKind
from models.coding import from_milliseconds, to_milliseconds
from models.reads.statement import rows
from models.transaction import AT_ONCE, Transaction, commit
from operations.runtime import Runtime
from operations.sla.evaluate import Raised, Subject, evaluate
from operations.sla.policy_in_force import InForce, policy_in_force
from operations.sla.set_aside import OF_DATA, Spoilt, set_aside

log = structlog.get_logger()

# Subjects of one transaction, under one lock.
BATCH: Final = 500
_NAME: Final = "sla"


@dataclass(slots=True, kw_only=True)
class Round:
    """What a round over the clocks has seen so far.

    late: how long before it the earliest of its subjects had been due.
    fresh: what the last batch has raised.
    """

    began: datetime
    looked_at: int = 0
    raised: int = 0
    fresh: Sequence[Raised] = ()
    late: timedelta = field(default_factory=timedelta)


async def evaluate_due(runtime: Runtime) -> Round | None:
    """Look at all subjects that are due; None when none is, or another process does it.

    What has changed is looked at each time, what only time changes every ``evaluate_every``.
    The lock of the schedule's row is the right to work; the work is done inside of the
    transaction that holds it, so that losing the connection loses both together. However
    late it comes, each alert is raised once, and those missed are one round. A subject
    that cannot be looked at is set aside for an hour, and all others go on.
    Cost when nothing is due: two index probes, no lock. Else some twenty statements for
    500 subjects.
    """
    now = runtime.now()
    if not await _is_due(now, runtime.evaluate_every):
        return None
    with bound_contextvars(correlation_id=runtime.new_id(), operation="sla.tick"):
        return await _round(runtime, Round(began=now))


async def _round(runtime: Runtime, done: Round) -> Round | None:
    has_more, alone = True, 0
    while has_more:
        done.fresh = ()
        try:
            in_force = await policy_in_force(runtime)
        except Unavailable as error:
            log.warning("clocks_not_looked_at", detail=error.message)
            return None
        most = 1 if alone else BATCH
        batch = partial(_batch, runtime=runtime, in_force=in_force, done=done, most=most)
        try:
            has_more = await commit(batch)
        except Spoilt as spoilt:
            # Each is looked at alone, and the one that spoils it is set aside.
            if len(spoilt.rows) > 1:
                alone = len(spoilt.rows)
                continue
            await _set_aside(runtime, spoilt)
        _log_raised(done.fresh)
        alone = max(0, alone - 1)
    if done.looked_at:
        await runtime.wake("events")
        await runtime.wake("notify")
        log.info(
            "clocks_looked_at",
            subjects=done.looked_at,
            alerts=done.raised,
            late_ms=done.late // timedelta(milliseconds=1),
            latency_ms=(runtime.now() - done.began) // timedelta(milliseconds=1),
        )
    return done


async def _set_aside(runtime: Runtime, spoilt: Spoilt) -> None:
    (row,), error = spoilt.rows, spoilt.__cause__
    log.error("clocks_not_measured", **{f"{row['kind'].lower()}_id": row["id"]}, exc_info=error)
    await commit(partial(set_aside, runtime=runtime, row=row, error=error))


def _log_raised(raised: Sequence[Raised]) -> None:
    for one in raised:
        alert = one.alert
        log.info(
            "alert_raised",
            **{f"{one.subject.kind.lower()}_id": one.subject.id},
            clock=alert.kind,
            level=alert.level,
            is_suppressed=alert.is_suppressed,
            late_ms=alert.raised_ms - alert.crossed_ms,
        )


async def _is_due(now: datetime, interval: timedelta) -> bool:
    found = await rows(
        """
        SELECT next_at, (SELECT version FROM sla_file WHERE id = 1) AS version, walk_version,
            walk_after, (SELECT min(look_at) FROM sla_subject) AS look_at
        FROM schedule WHERE name = $1
        """,
        _NAME,
    )
    if not found or found[0]["version"] is None:
        return False
    (row,) = found
    return (
        row["look_at"] == AT_ONCE
        or _has_come(row, now, interval)
        or row["walk_after"] is not None
        or row["walk_version"] != row["version"]
    )


def _has_come(row: dict[str, Any], now: datetime, interval: timedelta) -> bool:
    """Say whether a round over all is due; one planned too far ahead is of a clock set back."""
    next_at = from_milliseconds(row["next_at"])
    return not now < next_at <= now + interval


async def _batch(
    tx: Transaction, *, runtime: Runtime, in_force: InForce, done: Round, most: int
) -> bool:
    """Look at some subjects; False when there are no more, or another process is at it."""
    found = await tx.rows(
        f"SELECT s.* FROM schedule s WHERE s.name = $1 {tx.skip_locked_of('s')}",  # noqa: S608 — words of ours
        _NAME,
    )
    if not found:
        return False
    if not await _is_in_force(tx, in_force):
        return True
    (schedule,) = found
    if schedule["walk_version"] != in_force.file.version:
        # Before the first look by it: should the former come back, that is another again.
        schedule |= await _note_walk(tx, in_force.file.version, after="")
    now, interval = runtime.now(), runtime.evaluate_every
    is_round = _has_come(schedule, now, interval)
    until = to_milliseconds(now) if is_round else AT_ONCE
    subjects = await tx.rows(
        f"""
        SELECT s.id, s.kind, s.state, s.look_at, 1 = 0 AS is_walked FROM sla_subject s
        WHERE s.look_at <= $1 ORDER BY s.look_at, s.id LIMIT $2 {tx.skip_locked_of("s")}
        """,  # noqa: S608 — words of ours
        until,
        most,
    )
    has_more = len(subjects) == most
    if not has_more:
        walked, is_walking = await _walk(tx, schedule, most=most)
        known = {row["id"] for row in subjects}
        subjects += [row for row in walked if row["id"] not in known]
        has_more = is_walking
    try:
        raised = await evaluate(runtime, tx, [_subject(row) for row in subjects], in_force)
    except OF_DATA as error:
        raise Spoilt(subjects) from error
    done.looked_at += len(subjects)
    done.raised += len(raised)
    done.fresh = raised
    done.late = max([done.late, *(_late(row, now) for row in subjects)])
    if is_round and not has_more:
        await _rest(tx, runtime, done, next_at=now + interval)
    return has_more


async def _is_in_force(tx: Transaction, in_force: InForce) -> bool:
    """Say whether the policy is that of the file still; then it is so until the commit.

    So nothing is raised by a policy after another was told to be in force.
    """
    (file,) = await tx.rows(
        f"SELECT version, in_force_since FROM sla_file WHERE id = 1 {tx.for_update}"  # noqa: S608 — words of ours
    )
    since = to_milliseconds(in_force.file.in_force_since)
    return (file["version"], file["in_force_since"]) == (in_force.file.version, since)


async def _walk(
    tx: Transaction, schedule: dict[str, Any], *, most: int
) -> tuple[list[dict[str, Any]], bool]:
    """Return the next subjects that another policy may change, and whether there are more.

    All that are not at rest are looked at once for each policy, in the order of their
    ids; the schedule remembers how far that has come. One that is being changed is
    passed over: it is looked at after its change.
    """
    if schedule["walk_after"] is None:
        return [], False
    found = await tx.rows(
        f"""
        SELECT s.id, s.kind, s.state, s.look_at, 1 = 1 AS is_walked FROM sla_subject s
        WHERE s.id > $1 AND NOT s.is_at_rest ORDER BY s.id LIMIT $2 {tx.skip_locked_of("s")}
        """,  # noqa: S608 — words of ours
        schedule["walk_after"],
        most,
    )
    is_walking = len(found) == most
    after = found[-1]["id"] if is_walking else None
    await _note_walk(tx, schedule["walk_version"], after=after)
    return found, is_walking


async def _note_walk(tx: Transaction, version: str, *, after: str | None) -> dict[str, Any]:
    """Note for which policy subjects are looked at anew, and after which one it goes on."""
    (noted,) = await tx.rows(
        """
        UPDATE schedule SET walk_version = $2, walk_after = $3 WHERE name = $1
        RETURNING walk_version, walk_after
        """,
        _NAME,
        version,
        after,
    )
    return noted


async def _rest(tx: Transaction, runtime: Runtime, done: Round, *, next_at: datetime) -> None:
    """Plan the next round, and note how this one went."""
    await tx.rows(
        """
        UPDATE schedule SET next_at = $2, rounds = rounds + 1, took_ms = $3, late_ms = $4
        WHERE name = $1 RETURNING name
        """,
        _NAME,
        to_milliseconds(next_at),
        (runtime.now() - done.began) // timedelta(milliseconds=1),
        done.late // timedelta(milliseconds=1),
    )


def _subject(row: dict[str, Any]) -> Subject:
    return Subject(
        id=row["id"],
        kind=SlaSubjectKind(row["kind"]),
        state=None if row["state"] is None else SlaState(row["state"]),
    )


def _late(row: dict[str, Any], now: datetime) -> timedelta:
    if not row["look_at"]:
        return timedelta()
    return max(timedelta(), now - from_milliseconds(row["look_at"]))
