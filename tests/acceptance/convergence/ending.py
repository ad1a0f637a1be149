"""What must hold once nothing more goes wrong: both sides equal, nothing lost, nothing waiting."""

from collections import Counter
from collections.abc import Collection
from random import Random
from typing import Any, Final

from adapters.exchange import CensusAsk, CensusPage, HistoryAsk, Notes
from domain.exchange import ConflictSide
from domain.records import FieldValue, Owner, RecordKind
from domain.sync.drift import ACTING, HEALS_WITHIN
from models.coding import loads
from models.reads.statement import rows
from models.tables.integration import IntegrationRow
from operations.reconcile.run import reconcile_due
from operations.sync.apply import apply_due
from operations.sync.connect import connect
from operations.sync.push import push_due
from operations.sync.retry_dead_letter import RetryDeadLetters, retry_dead_letters
from operations.sync.terms import terms_of_all
from tests.acceptance.convergence.both import Both
from tests.acceptance.convergence.oracle import misjudged
from tests.acceptance.convergence.schedule import Schedule
from tests.acceptance.convergence.traces import untrue
from tests.world import ADMIN

# The longest wait before an attempt is half an hour.
_LONGEST_WAIT_MINUTES: Final = 40
_MOST_ROUNDS: Final = 10
_COLUMNS: Final = ("title", "description", "labels")
_EDITED: Final = {*_COLUMNS, "status"}


async def rest(schedule: Schedule) -> list[str]:
    """Let all arrive, decide what waits for a person, heal once; return what does not hold."""
    both = schedule.both
    both.clock.move(minutes=_LONGEST_WAIT_MINUTES)
    for side in both.sides:
        await side.send()
    # A plan whose worker died is taken up again, as it was; the one that counts comes after it.
    await reconcile_due(both.world.runtime)
    found = await _settled(both, schedule.chance)
    apart = [*await _apart(both, await _shared(both)), *await both.unsent()]
    found += [f"before healing, {one}" for one in apart]
    # What was healed too often within a day is left alone until that is over.
    both.clock.move(seconds=HEALS_WITHIN.total_seconds())
    for side in both.sides:
        await both.reconcile(side.key)
    found += await _settled(both, schedule.chance)
    return [
        *schedule.faults,
        *found,
        *await misjudged(both.ids),
        *await _dropped(schedule),
        *await _differences(both),
        *await _drifted(both),
        *await _misplaced(schedule),
        *await untrue(schedule),
    ]


async def _settled(both: Both, chance: Random) -> list[str]:
    """Push, decide, be told and pull until that changes nothing any more."""
    for _ in range(_MOST_ROUNDS):
        before = await _exchanged(both, chance)
        await both.world.sync()
        if await _state() == before:
            return []
    return [f"not quiet after {_MOST_ROUNDS} rounds"]


async def _exchanged(both: Both, chance: Random) -> list[dict[str, Any]]:
    """Push, decide and be told until that changes nothing; pulling comes dearer."""
    before: list[dict[str, Any]] = []
    for _ in range(_MOST_ROUNDS):
        both.clock.move(seconds=61)
        for integration_id in both.ids.values():
            await retry_dead_letters(
                both.world.runtime, ADMIN, RetryDeadLetters(integration_id=integration_id)
            )
        await apply_due(both.world.runtime)
        await push_due(both.world.runtime)
        await both.resolve(chance.choice(tuple(ConflictSide)))
        sent = [await side.send() for side in both.sides]
        now = await _state()
        if now == before and not any(sent):
            break
        before = now
    return before


async def _state() -> list[dict[str, Any]]:
    return [
        *await rows("SELECT id, version, title, description, labels FROM incident ORDER BY id"),
        *await rows("SELECT id, state FROM outbox ORDER BY id"),
        *await rows("SELECT id, status FROM conflict ORDER BY id"),
        *await rows("SELECT id, state FROM inbound ORDER BY id"),
    ]


async def _differences(both: Both) -> list[str]:
    """Return where a vendor's record is not ours, or there are more or fewer than one."""
    incidents = await rows("SELECT * FROM incident WHERE deleted_at IS NULL")
    found = [] if len(incidents) == 1 else [f"{len(incidents)} incidents"]
    known = await both.known()
    for side in both.sides:
        if side.key not in known:
            found.append(f"{side.key} lacks the incident")
            continue
        there = await _census(both, side.key)
        if there != [known[side.key]]:
            found.append(f"{side.key} has {len(there)} incidents")
    found += await _apart(both, [(side.key, name) for side in both.sides for name in side.fields])
    waiting = await rows("SELECT state, kind, fields, code FROM outbox WHERE state = 'READY'")
    return [*found, *(f"still waiting: {row}" for row in waiting)]


async def _apart(both: Both, wanted: Collection[tuple[str, str]]) -> list[str]:
    """Return in which of the named vendors' fields both sides differ."""
    (ours,) = await rows("SELECT * FROM incident WHERE id = $1", both.incident_id)
    values = {name: _value(name, ours[name]) for name in _COLUMNS}
    known = await both.known()
    return [
        f"{side.key} has {name} {value}, here it is {values[name]}"
        for side in both.sides
        if side.key in known
        for name, value in side.holds(known[side.key]).items()
        if (side.key, name) in wanted and value != values[name]
    ]


async def _shared(both: Both) -> set[tuple[str, str]]:
    """Return each vendor's fields that nobody owns: they need no healing to be equal."""
    terms = await terms_of_all()
    linked = list(both.ids.values())
    return {
        (side.key, name)
        for side in both.sides
        for name in side.fields
        if terms[both.ids[side.key]].policy(name, linked).owned.owner is None
    }


async def _drifted(both: Both) -> list[str]:
    """Return what a comparison would still heal; what a vendor refused was told and stays."""
    for side in both.sides:
        await both.reconcile(side.key, heals=False)
    refused = {
        name
        for row in await rows("SELECT fields FROM outbox WHERE state = 'DEAD'")
        for name in loads(row["fields"])
    }
    found = await rows(
        """
        SELECT field, action, platform_value, external_value
        FROM drift_item
        WHERE plan_id IN (SELECT max(id) FROM drift_plan GROUP BY integration_id)
        """
    )
    return [
        f"still apart: {row}"
        for row in found
        if row["action"] in ACTING and row["field"] in _EDITED - refused
    ]


async def _misplaced(schedule: Schedule) -> list[str]:
    """Return notes that a side lacks or has twice: we take all, a vendor those that go to it."""
    both = schedule.both
    terms = await terms_of_all()
    known = await both.known()
    here = Counter(
        row["body"]
        for row in await rows("SELECT body FROM note WHERE incident_id = $1", both.incident_id)
    )
    linked = list(both.ids.values())
    owners = {key: terms[both.ids[key]].policy("notes", linked).owned.owner for key in known}
    found = [
        f"{text}, of {key or 'ours'}, is here {here[text]} times"
        for text, key in schedule.notes.items()
        if here[text] != 1
    ]
    for key, external_id in known.items():
        there = await _notes(both, key, external_id)
        found += [
            f"{text}, of {of or 'ours'}, is {there[text]} times at {key}"
            for text, of in schedule.notes.items()
            if there[text] != int(of == key or owners[key] is not Owner.EXTERNAL)
        ]
    return found


async def _notes(both: Both, key: str, external_id: str) -> Counter[str]:
    vendor = await connect(both.world.runtime, await IntegrationRow.get(id=both.ids[key]))
    try:
        notes = await vendor.notes(
            RecordKind.INCIDENT, [HistoryAsk(external_id=external_id, since=None)]
        )
    finally:
        await vendor.close()
    assert isinstance(notes, Notes), notes
    return Counter(one.body for one in notes.notes)


def _value(name: str, stored: str) -> FieldValue:
    if name != "labels":
        return stored
    labels: list[str] = sorted(loads(stored))
    return labels


async def _census(both: Both, key: str) -> list[str]:
    vendor = await connect(both.world.runtime, await IntegrationRow.get(id=both.ids[key]))
    try:
        page = await vendor.census(CensusAsk(kind=RecordKind.INCIDENT, position=None))
    finally:
        await vendor.close()
    assert isinstance(page, CensusPage), page
    return list(page.external_ids)


async def _dropped(schedule: Schedule) -> list[str]:
    """Return labels that are gone, though nobody has taken any off."""
    both = schedule.both
    terms = await terms_of_all()
    linked = list(both.ids.values())
    claims = [terms[one].policy("labels", linked).owned.owner for one in linked]
    if any(owner is not None for owner in claims):
        return []
    (ours,) = await rows("SELECT labels FROM incident WHERE id = $1", both.incident_id)
    there = {one.value for one in schedule.made if one.name == "labels"}
    here = {value for value in schedule.ours if value.startswith("label-")}
    return [f"{one} was dropped" for one in sorted((there | here) - set(loads(ours["labels"])))]
