"""However a file is damaged, it is refused as a whole, with its place, and the last good one stays.

More than 300 damaged files, one after the other, as a worker sees them. Every single byte at
which one can be cut or overwritten is tried in ``test_policy_text.py``.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from models.database import DatabaseAt
from models.reads.sla_policy import policy_file
from operations.sla.judge import PolicyFault, judged
from operations.sla.look import Seen
from operations.sla.policy_in_force import policy_in_force
from operations.sla.policy_text import LARGEST, sealed
from operations.sla.take_policy import Outcome, Verdict, take_policy
from tests.clock import Clock
from tests.operations.sla.test_wrong_policies import WRONG
from tests.operations.sla.written import WHOLE, changed
from tests.world import World, simulated

_NAME: Final = "sla_config.yaml"
_EVERY: Final = 20
_OTHER: Final = sealed(changed("alert_at: 0.85 ", "alert_at: 0.5 ")[0])


def _wrong() -> Iterator[bytes]:
    """Yield files with one thing that is of a wrong type or value, unknown, twice or missing."""
    for old, new, _ in WRONG:
        yield changed(old, new)[0]


def _cut() -> Iterator[bytes]:
    """Yield files that end too early, at the ends of lines and within them."""
    lines = WHOLE.splitlines(keepends=True)
    for count in range(len(lines)):
        yield b"".join(lines[:count])
    for length in range(1, WHOLE.rindex(b"end: "), _EVERY):
        yield WHOLE[:length]


def _overwritten() -> Iterator[bytes]:
    """Yield sealed files whose head is of another one."""
    whole = sealed(WHOLE)
    start = _OTHER.index(b"alert_at: 0.5 ") + len(b"alert_at: 0.5 ")
    for length in range(start, _OTHER.rindex(b"end: "), _EVERY):
        yield _OTHER[:length] + whole[length:]


def _bombs() -> Iterator[bytes]:
    """Yield files that would take for ever, or all memory, where they were believed."""
    end = b"\nend: sla_config\n"
    for opening in (b"[", b"{a: ", b"- ", b"? "):
        yield b"calendars: " + opening * (LARGEST // 2 // len(opening)) + end
    lol = [b"a0: &a0 [lol]"]
    lol += [b"a%d: &a%d [%s]" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 30)]
    yield b"\n".join(lol) + end
    yield b"# " + b"x" * LARGEST + end
    yield b"version: " + b"9" * 100_000 + end


def _torn() -> Iterator[bytes]:
    """Yield files of which a block was never written."""
    for start in range(0, len(WHOLE) - 512, 64):
        yield WHOLE[:start] + bytes(512) + WHOLE[start + 512 :]


async def _taken(world: World, content: bytes) -> Verdict:
    seen = Seen(name=_NAME, digest=sha256(content).hexdigest(), content=content)
    return await take_policy(world.runtime, seen, judged(seen), by="worker")


async def test_of_damaged_files_none_takes_the_place_of_the_last_good_one(
    quick_database: DatabaseAt,
) -> None:
    clock = Clock()
    world = World(at=quick_database, clock=clock, servicenow=simulated(clock))
    assert (await _taken(world, WHOLE)).outcome is Outcome.TAKEN
    before = await policy_in_force(world.runtime)
    count = 0
    for kind in (_wrong, _cut, _overwritten, _bombs, _torn):
        for content in kind():
            count += 1
            clock.move(seconds=1)
            verdict = await _taken(world, content)
            assert isinstance(verdict.fault, PolicyFault), content
            place = verdict.fault.place
            assert place is not None
            file = await policy_file()
            assert file is not None
            assert (file.version, file.in_force_since, file.loaded_at) == (
                before.file.version,
                before.file.in_force_since,
                before.file.loaded_at,
            )
            assert file.refusal is not None
            assert (file.refusal.line, file.refusal.column) == (place.line, place.column)
            assert file.refusal.message.startswith(f"line {place.line}, column {place.column}: ")
            assert 1 <= place.line <= content.count(b"\n") + 1
    assert count >= 300
    assert (await policy_in_force(world.runtime)).policy is before.policy
    assert (await _taken(world, WHOLE)).outcome is Outcome.MENDED
