"""Secrets at rest open for whom they were sealed, and for nobody else."""

from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.database import DatabaseAt, SqliteAt
from models.reads.statement import rows
from models.sealed import CannotOpen, Key, KeyRing
from tests.clock import Clock
from tests.world import PASSWORD, World, simulated

OLD, NEW = (Key(id=name, secret=name.encode() * 16) for name in ("k1", "k2"))


def ring(*keys: Key) -> KeyRing:
    numbers: Iterator[int] = count()
    return KeyRing(keys, random_bytes=lambda size: next(numbers).to_bytes(size))


def sealed(value: str = "open sesame") -> str:
    return ring(OLD).seal(value, integration_id="i1", name="password")


@given(st.text())
def test_a_value_comes_back_as_it_was(value: str) -> None:
    assert ring(OLD).open(sealed(value), integration_id="i1", name="password") == value


@given(st.data())
def test_a_flipped_cut_or_lengthened_value_is_refused(data: st.DataObject) -> None:
    whole = sealed()
    place = data.draw(st.integers(0, len(whole) - 1))
    letter = data.draw(st.characters(codec="ascii"))
    torn = data.draw(
        st.sampled_from(
            [
                whole[:place] + letter + whole[place + 1 :],
                whole[:place],
                whole[:place] + letter + whole[place:],
            ]
        )
    )
    try:
        assert ring(OLD).open(torn, integration_id="i1", name="password") == "open sesame"
    except CannotOpen:
        return
    # Only a text that says the same bytes opens.
    assert torn.rstrip("=") == whole.rstrip("=") or len(torn) == len(whole)


@pytest.mark.parametrize(("integration", "name"), [("i2", "password"), ("i1", "user")])
def test_a_value_that_was_moved_does_not_open_there(integration: str, name: str) -> None:
    with pytest.raises(CannotOpen, match="set it again"):
        ring(OLD).open(sealed(), integration_id=integration, name=name)


def test_a_new_key_seals_and_an_old_one_still_opens() -> None:
    both = ring(NEW, OLD)
    assert both.open(sealed(), integration_id="i1", name="password") == "open sesame"
    fresh = both.seal("open sesame", integration_id="i1", name="password")
    assert fresh.startswith("v1.k2.")
    with pytest.raises(CannotOpen):
        ring(OLD).open(fresh, integration_id="i1", name="password")


def test_no_two_seals_are_alike() -> None:
    keys = ring(OLD)
    seals = {keys.seal("same", integration_id="i1", name="password") for _ in range(100)}
    assert len(seals) == 100


def test_a_key_has_32_bytes_and_a_ring_a_key() -> None:
    with pytest.raises(ValueError, match="it must have 32"):
        Key(id="short", secret=b"1" * 31)
    with pytest.raises(ValueError, match="at least one"):
        ring()
    assert "k1k1" not in repr(OLD)


async def test_a_password_is_nowhere_in_the_database(database: DatabaseAt) -> None:
    clock = Clock()
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    await world.register()
    await world.sync()

    stored = str([await rows(f"SELECT * FROM {table}") for table in await _tables(database)])  # noqa: S608 — names of the database
    assert "v1.k1." in stored
    assert PASSWORD not in stored
    if isinstance(database, SqliteAt):
        files = database.path.parent.glob(f"{database.path.name}*")
        assert not any(PASSWORD.encode() in file.read_bytes() for file in files)


async def test_a_credential_sealed_under_another_key_parks_and_says_so(
    database: DatabaseAt,
) -> None:
    clock = Clock()
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    await world.register()
    world.keys = (Key(id="k1", secret=bytes(32)),)
    world.start("restarted")

    run = await world.sync()

    assert (run["error_code"], world.asked()) == ("UNAUTHORISED", 0)
    assert "set it again" in run["error"]
    assert (await world.integration())["state"] == "PARKED"


async def _tables(database: DatabaseAt) -> list[str]:
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if isinstance(database, SqliteAt)
        else "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    )
    return [row["name"] for row in await rows(query)]
