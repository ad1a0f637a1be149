"""What vendors tell by themselves is merged once, in any order, and nothing is lost."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from models.reads.statement import rows
from operations.sync.pull import pull_due
from tests.mirror import mirror
from tests.operations.sync.mailed import (
    Mailed,
    edit,
    edits_of,
    number,
    states,
    table,
    title,
)
from tests.postbox import Letter
from tests.web.proof import sha256
from tests.world import World


async def test_an_edit_that_is_told_is_here_without_asking_and_known_to_the_next_pull(
    mailed: Mailed,
) -> None:
    edit(mailed, short_description="Mail is slow")
    before = dict(mailed.world.servicenow.served)

    assert await mailed.deliver() == 1

    assert await title(mailed) == "Mail is slow"
    assert dict(mailed.world.servicenow.served) == before
    assert await states() == ["DONE"]
    assert await edits_of("title") == [("WEBHOOK", '"Mail is slow"', True)]
    assert {"events", "push"} <= set(mailed.world.hints)
    # the pull reads the record's history once more, and finds nothing new
    await mailed.world.sync()
    assert await edits_of("title") == [("WEBHOOK", '"Mail is slow"', True)]


async def test_a_record_that_nobody_knew_is_mirrored_when_it_is_told(mailed: Mailed) -> None:
    made = mailed.world.servicenow.create({"short_description": "Disk is full"})
    await mailed.deliver()
    assert (await mailed.world.incident(made["number"]))["title"] == "Disk is full"
    assert await states() == ["DONE"]


async def test_a_person_whom_nobody_knew_is_asked_for_by_name(mailed: Mailed) -> None:
    person = mailed.world.servicenow.records.person("carla.ruiz")
    edit(mailed, assigned_to=person)
    await mailed.deliver()
    assert (await mailed.world.incident(number(mailed)))["assignee"] == "Carla Ruiz"


async def test_a_deletion_is_believed_after_a_look_and_a_census(mailed: Mailed) -> None:
    name = number(mailed)
    mailed.world.servicenow.delete(name)
    await mailed.deliver()
    assert await states() == ["DONE"]
    # the look alone proves nothing: this vendor hides so what the account may not see
    assert (await mailed.world.incident(name))["deleted_at"] is None
    await pull_due(mailed.world.runtime)
    assert (await mailed.world.incident(name))["deleted_at"] is not None


async def test_a_deletion_that_is_not_true_deletes_nothing(mailed: Mailed) -> None:
    edit(mailed, short_description="Mail is slow")
    (letter,) = await mailed.letters()
    body = letter.body.replace(b"incident.updated", b"incident.deleted")
    lie = replace(letter, body=body, headers={"x-watchpane-signature": sha256(body)})
    await mailed.deliver([lie])
    (row,) = await rows("SELECT deleted_at, title FROM incident")
    # and what the look for it has found is taken over
    assert (row["deleted_at"], row["title"]) == (None, "Mail is slow")


async def test_a_late_word_brings_no_deleted_record_back(mailed: Mailed) -> None:
    name = number(mailed)
    edit(mailed, short_description="Mail is slow")
    late = await mailed.letters()
    mailed.world.clock.move(seconds=10)
    mailed.world.servicenow.delete(name)
    await mailed.deliver()
    await pull_due(mailed.world.runtime)
    await mailed.deliver(late)
    assert (await mailed.world.incident(name))["deleted_at"] is not None
    assert await states() == ["DONE", "DONE"]


def live(world: World, chance: Random) -> None:
    """Let somebody edit one of the records."""
    fields: tuple[Mapping[str, str], ...] = (
        {"short_description": f"Title {chance.randrange(5)}"},
        {"state": "2"},
        {"urgency": str(chance.randrange(1, 4))},
        {"work_notes": f"Note {chance.randrange(99)}"},
    )
    world.clock.move(seconds=chance.choice((0, 1, 30)))
    row = chance.choice(table(world))
    world.servicenow.edit(row["number"], chance.choice(fields), by="beth.li")


async def misdelivered(mailed: Mailed, *, edits: int) -> None:
    """Live, and deliver some letters not at all, some twice, all late and in any order."""
    chance, post = Random(7), Random(8)  # noqa: S311 — repeatable, protects nothing
    waiting: list[Letter] = []
    for _ in range(edits):
        live(mailed.world, chance)
        for letter in await mailed.letters():
            waiting += [letter] * post.choice((0, 1, 1, 2))
        post.shuffle(waiting)
        if post.random() < 0.5:
            await mailed.deliver(waiting[:3])
            del waiting[:3]
    await mailed.deliver(waiting)


async def test_doubled_reordered_lost_and_late_words_do_no_harm(mailed: Mailed) -> None:
    world = mailed.world
    for name in "ab":
        world.servicenow.create({"short_description": name})
    await misdelivered(mailed, edits=40)
    world.clock.move(seconds=60)
    await world.sync()

    # then what the vendor has is here, and each change was told once
    found = await mirror()
    for row in table(world):
        assert (await world.incident(row["number"]))["title"] == row["short_description"]
    told = [row["external_id"] for row in found["edit"] if row["external_id"] is not None]
    assert len(told) == len(set(told)) == len(found["edit"])
    assert set(await states()) == {"DONE"}
    notes = [row["value"] for row in table(world, "sys_journal_field")]
    assert sorted(row["body"] for row in found["note"]) == sorted(notes)
    # and reading all again changes nothing
    await world.sync()
    assert await mirror() == found
