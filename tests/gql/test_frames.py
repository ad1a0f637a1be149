"""What is made for one is taken by all, whatever becomes of who makes it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest

from gql.frames import KEPT_CHARACTERS, KEPT_FOR, Frame, Frames


class Workshop:
    """Makes frames when told, and counts them."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.frames = Frames(lambda: self.seconds)
        self.made = 0
        self.begun = asyncio.Event()
        self.go = asyncio.Event()

    async def make(self) -> Frame:
        self.made += 1
        number = self.made
        self.begun.set()
        await self.go.wait()
        return Frame(text=str(number))

    async def fail(self) -> Frame:
        await self.make()
        raise ConnectionError(str(self.made))

    def asks(
        self, count: int, make: Callable[[], Awaitable[Frame]]
    ) -> Iterator[asyncio.Task[Frame]]:
        for _ in range(count):
            yield asyncio.create_task(self.frames.of("key", make))


@pytest.fixture
async def workshop() -> Workshop:
    return Workshop()


async def test_many_who_ask_at_once_get_one_frame(workshop: Workshop) -> None:
    asking = list(workshop.asks(100, workshop.make))
    await workshop.begun.wait()
    workshop.go.set()
    assert {frame.text for frame in await asyncio.gather(*asking)} == {"1"}
    assert (await workshop.frames.of("key", workshop.make)).text == "1"
    assert (await workshop.frames.of("other", workshop.make)).text == "2"


async def test_when_its_maker_leaves_another_makes_it_for_the_rest(workshop: Workshop) -> None:
    first, *others = workshop.asks(100, workshop.make)
    await workshop.begun.wait()
    first.cancel()
    workshop.go.set()
    assert {frame.text for frame in await asyncio.gather(*others)} == {"2"}
    assert first.cancelled()


async def test_when_its_maker_fails_each_tries_for_itself(workshop: Workshop) -> None:
    asking = list(workshop.asks(3, workshop.fail))
    await workshop.begun.wait()
    workshop.go.set()
    ends = await asyncio.gather(*asking, return_exceptions=True)
    assert all(isinstance(end, ConnectionError) for end in ends)
    assert workshop.made == 3
    assert (await workshop.frames.of("key", workshop.make)).text == "4"


async def test_an_old_frame_is_made_anew(workshop: Workshop) -> None:
    workshop.go.set()
    for seconds, text in ((0.0, "1"), (KEPT_FOR.total_seconds(), "1"), (0.1, "2")):
        workshop.seconds += seconds
        assert (await workshop.frames.of("key", workshop.make)).text == text


async def test_the_oldest_goes_when_all_that_is_kept_becomes_too_much(workshop: Workshop) -> None:
    large = Frame(text="x" * (KEPT_CHARACTERS // 3))

    async def make() -> Frame:
        workshop.made += 1
        return large

    for key in "abcd":
        await workshop.frames.of(key, make)
    await workshop.frames.of("d", make)
    assert workshop.made == 4
    await workshop.frames.of("a", make)
    assert workshop.made == 5
