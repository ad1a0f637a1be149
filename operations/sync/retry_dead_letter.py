"""Send again what failed for good, as it is now (rule X6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from domain.access.roles import Actor
from domain.errors import Invalid, NotFound
from domain.exchange import DeadLetterStatus, DeliveryState, FlowDirection, WriteKind, WriteState
from domain.sync.dead_letter import RETRIABLE, label, states_of
from models.coding import dumps, to_milliseconds
from models.reads.dead_letters import DeadLetter, dead_letters, oldest_dead
from models.tables.integration import IntegrationRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.access.scope import scope_of
from operations.runtime import Runtime

# So many at once of an integration; the oldest first.
MOST: Final = 1_000
_TOPICS: Final = {FlowDirection.OUTBOUND: "push", FlowDirection.INBOUND: "apply"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryDeadLetter:
    """Which dead letter."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryDeadLetters:
    """Some dead letters of an integration; without ``ids`` all that are dead, 1,000 at most."""

    integration_id: str
    ids: Sequence[str] | None = None


async def retry_dead_letter(runtime: Runtime, actor: Actor, ask: RetryDeadLetter) -> str:
    """Let a dead letter be delivered from now on, with all attempts before it; return its id.

    A write takes the values that hold when it is sent, and its old place: the writes
    of a record go in order (rule X1), a note before the notes that came after it. What
    waits behind it follows at once, even what failed a moment ago. A create lets the
    later writes of its incident go on too. A discard is taken back. What is under way
    or has arrived is left alone, so that asking twice does no harm.
    Raises NotFound, Forbidden, and Invalid for a delivery that is no longer kept.
    """
    letter = await find(actor, ask.id)
    await commit(partial(_retry, runtime=runtime, letters=[letter]))
    await runtime.wake(_TOPICS[letter.direction])
    return letter.id


async def retry_dead_letters(
    runtime: Runtime, actor: Actor, ask: RetryDeadLetters
) -> Sequence[str]:
    """Retry all of them or none; return their ids. Raises as ``retry_dead_letter`` does.

    Where none is named, those that cannot be retried are left as they are.
    """
    integration = await IntegrationRow.get_or_none(id=ask.integration_id)
    scope = scope_of(actor)
    if integration is None or not scope.has(integration.key):
        raise NotFound("integration", ask.integration_id, path=("integrationId",))
    authorise(actor, Action.RETRY_DELIVERY, integration_key=integration.key)
    if ask.ids is None:
        letters = await oldest_dead(scope, integration.id, MOST)
    else:
        letters = await _named(actor, integration, ask.ids)
    is_named = ask.ids is not None
    await commit(partial(_retry, runtime=runtime, letters=letters, is_named=is_named))
    for direction in {letter.direction for letter in letters}:
        await runtime.wake(_TOPICS[direction])
    return [letter.id for letter in letters]


async def find(actor: Actor, letter_id: str) -> DeadLetter:
    """Return a dead letter that the actor may retry or discard. Raises NotFound and Forbidden."""
    found = (await dead_letters(scope_of(actor), [letter_id])).get(letter_id)
    if found is None:
        raise NotFound("dead letter", letter_id, path=("id",))
    integration = await IntegrationRow.get(id=found.integration_id)
    authorise(actor, Action.RETRY_DELIVERY, integration_key=integration.key)
    return found


async def _named(actor: Actor, integration: IntegrationRow, ids: Sequence[str]) -> list[DeadLetter]:
    if len(ids) > MOST:
        raise Invalid(f"at most {MOST:,} dead letters at once", path=("ids",))
    found = await dead_letters(scope_of(actor), ids)
    for place, one in enumerate(ids):
        if one not in found or found[one].integration_id != integration.id:
            raise NotFound("dead letter", one, path=("ids", str(place)))
    return [found[one] for one in dict.fromkeys(ids)]


async def _retry(
    tx: Transaction, *, runtime: Runtime, letters: Sequence[DeadLetter], is_named: bool = True
) -> None:
    now = to_milliseconds(runtime.now())
    # Lanes are locked in one order, whoever locks several.
    for letter in sorted(letters, key=lambda one: (one.lane_id or "", one.id)):
        if letter.direction is FlowDirection.OUTBOUND:
            await _send_again(tx, letter, now)
        else:
            is_due = await _apply_again(tx, letter, now)
            if is_named and not is_due and letter.status is DeadLetterStatus.DEAD:
                await _check_kept(tx, letter)


async def _send_again(tx: Transaction, letter: DeadLetter, now: int) -> None:
    """Put the write back at its place, the first of its lane that waits.

    It counts as begun: it may have arrived, and is looked for before it is made again.
    """
    await lock_lane(tx, letter)
    again = await tx.rows(
        f"""
        UPDATE outbox SET state = $2, attempt = 0, starts = 1, ended_at = NULL,
            discarded_by = NULL, discard_reason = NULL
        WHERE id = $1 AND {tx.one_of("state", "$3")} RETURNING id
        """,  # noqa: S608 — the inserted text is ours
        letter.id,
        WriteState.READY,
        dumps(sorted(states_of(RETRIABLE))),
    )
    if again:
        opened = ", is_blocked = FALSE" if letter.kind is WriteKind.CREATE else ""
        await tx.rows(
            f"UPDATE lane SET due_at = $2{opened} WHERE id = $1 RETURNING id",  # noqa: S608 — words of ours
            letter.lane_id,
            now,
        )


async def lock_lane(tx: Transaction, letter: DeadLetter) -> None:
    """Lock a write's lane before the write, in the order in which workers do."""
    await tx.rows("UPDATE lane SET fence = fence WHERE id = $1 RETURNING id", letter.lane_id)


async def _apply_again(tx: Transaction, letter: DeadLetter, now: int) -> bool:
    """Let a delivery be merged again; False for one that is not dead, or no longer kept."""
    again = await tx.rows(
        f"""
        UPDATE inbound SET state = $2, attempt = 0, starts = 0, due_at = $4, ended_at = NULL,
            discarded_by = NULL, discard_reason = NULL
        WHERE id = $1 AND {tx.one_of("state", "$3")}
            AND (body IS NOT NULL OR external_id IS NOT NULL)
        RETURNING id
        """,  # noqa: S608 — the inserted text is ours
        letter.id,
        DeliveryState.READY,
        dumps(sorted(states_of(RETRIABLE))),
        now,
    )
    return bool(again)


async def _check_kept(tx: Transaction, letter: DeadLetter) -> None:
    gone = await tx.rows(
        """
        SELECT EXISTS (SELECT 1 FROM faulty_record f WHERE f.id = d.id) AS is_nameless
        FROM inbound d WHERE d.id = $1 AND d.body IS NULL AND d.external_id IS NULL
        """,
        letter.id,
    )
    if gone and gone[0]["is_nameless"]:
        raise Invalid(
            f"{label(letter.number)} names no record that could be fetched; discard it once the"
            " vendor's row is mended",
            path=("id",),
        )
    if gone:
        raise Invalid(
            f"what {label(letter.number)} said is no longer kept; a pull or a comparison of both"
            " sides finds what it told",
            path=("id",),
        )
