"""What is kept of rows that cannot be read, where they come from, and what they cost."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from adapters.exchange import Failed, Page, PageAsk
from domain.exchange import DeadLetterStatus
from models import bulk
from models.transaction import Transaction, commit
from tests.mirror import rows_of
from tests.operations.sync.mailed import Mailed, edit, number, states, title
from tests.operations.sync.torn import ILLEGIBLE, Tear, Torn, letter, letters, status
from tests.web.proof import sha256
from tests.world import World, count


async def test_of_a_row_that_is_too_long_the_beginning_is_kept(torn: World, tear: Tear) -> None:
    tear.row = {"description": "x" * 100_000, "password": "s3cr3t"}
    await torn.sync()
    (kept,) = await rows_of("faulty_record")
    assert list(kept["payload"]) == ["row"]
    assert len(kept["payload"]["row"]) == 65_536
    assert "s3cr3t" not in kept["payload"]["row"]


async def test_what_no_database_takes_is_kept_as_text(torn: World, tear: Tear) -> None:
    tear.row = {"number": 10**30}
    await torn.sync()
    (kept,) = await rows_of("faulty_record")
    assert str(10**30) in str(kept["payload"])


async def test_a_page_that_is_undone_leaves_no_dead_letter(torn: World, tear: Tear) -> None:
    async def take_head(tx: Transaction, *, to: int) -> None:
        await tx.rows("UPDATE event_head SET id = $1 RETURNING id", to)

    class Headless(Torn):
        """Between a page's answer and its commit the log loses its head."""

        async def page(self, ask: PageAsk) -> Page | Failed:
            page = await super().page(ask)
            await commit(partial(take_head, to=2))
            return page

    torn.stand_between(lambda vendor: Headless(vendor, tear))
    with pytest.raises(ValueError, match="no head row"):
        await torn.sync()
    await commit(partial(take_head, to=1))
    assert await letters() == []
    assert await count("faulty_record") == 0


async def test_a_torn_record_that_a_webhook_tells_of_is_a_dead_letter(
    mailed: Mailed,
) -> None:
    # given a record that the vendor tells of with an unreadable count of its versions
    servicenow = mailed.world.servicenow
    edit(mailed, short_description="Mail is slow")
    told = await mailed.letters()
    record = servicenow.record(number(mailed))["sys_id"]
    servicenow.records.store.change("incident", record, {"sys_mod_count": "many"})
    body = told[0].body.replace(b'"sys_mod_count":"1"', b'"sys_mod_count":"many"')
    assert body != told[0].body
    torn = replace(told[0], body=body, headers={"x-watchpane-signature": sha256(body)})

    # when that is merged, the record is read, which fails as well
    await mailed.deliver([torn])

    found = await letter()
    assert (found.external_id, found.status) == (record, DeadLetterStatus.DEAD)
    assert "sys_mod_count" in found.message
    assert sorted(await states()) == ["DEAD", "DONE"]

    # then what is told of it later and can be read ends it
    servicenow.records.store.change("incident", record, {"sys_mod_count": "2"})
    mailed.world.clock.move(seconds=10)
    edit(mailed, short_description="Mail is back")
    await mailed.deliver()
    assert await title(mailed) == "Mail is back"
    assert await status() is DeadLetterStatus.SUPERSEDED


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements made so far, those of many rows as one."""
    made: list[str] = []

    def noted(run: Callable[..., Any]) -> Callable[..., Any]:
        async def note(connection: object, sql: str, values: object) -> Any:  # noqa: ANN401 — as it is
            made.append(sql)
            return await run(connection, sql, values)

        return note

    monkeypatch.setattr(bulk, "rows", noted(bulk.rows))
    monkeypatch.setattr(bulk, "_many", noted(bulk._many))
    return made


async def test_a_page_costs_nothing_for_it_without_such_rows_and_the_same_for_one_or_many(
    world: World, tear: Tear, statements: list[str]
) -> None:
    async def cost(**torn: str) -> int:
        """Count what a pull of four new records takes."""
        for name in "abcd":
            world.servicenow.create({"short_description": name})
        tear.titles = torn
        world.clock.move(hours=1)
        statements.clear()
        await world.sync()
        return len(statements)

    world.stand_between(lambda vendor: Torn(vendor, tear))
    # a first copy is no measure
    await cost()
    none = await cost()
    assert [sql for sql in statements if re.search("faulty_record|inbound", sql)] == [
        next(sql for sql in statements if "AS has_faulty" in sql)
    ]
    assert await cost(a=ILLEGIBLE) - none == 5
    two = await cost(a=ILLEGIBLE, b=ILLEGIBLE)
    assert await cost(a=ILLEGIBLE, b=ILLEGIBLE, c=ILLEGIBLE) == two
