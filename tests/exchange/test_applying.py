"""What was accepted early is applied one at a time while messages come in, and several at once in the pauses."""

import asyncio
from contextlib import nullcontext

import pytest

from adapters.exchange.applying import REST, Applying

pytestmark = pytest.mark.anyio


class Clock:
    seconds = 0.0

    def __call__(self):
        return self.seconds


class Work:
    """Messages that are applied until somebody says that they are done; `begun` in their order."""

    def __init__(self, applying):
        self._applying, self.begun, self._done = applying, [], {}

    def begin(self, name):
        self._done[name] = asyncio.Event()
        return asyncio.create_task(self._apply(name))

    def end(self, name):
        self._done[name].set()

    async def _apply(self, name):
        async with self._applying.turn():
            self.begun.append(name)
            await self._done[name].wait()


async def settled():
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize(("coming", "begun"), [(False, ["a", "b"]), (True, ["a"])])
async def test_while_a_message_comes_in_one_is_applied(coming, begun):
    applying = Applying(2)
    work = Work(applying)
    with applying.message_coming_in() if coming else nullcontext():
        tasks = [work.begin(name) for name in "abc"]
        await settled()
        assert work.begun == begun
    await settled()
    assert work.begun == ["a", "b"]
    for name in "abc":
        work.end(name)
    await asyncio.gather(*tasks)
    assert work.begun == ["a", "b", "c"]


async def test_messages_that_come_in_without_end_do_not_keep_others_from_being_applied_with_rests_between():
    clock = Clock()
    applying = Applying(2, clock)
    work = Work(applying)
    with applying.message_coming_in():
        tasks = [work.begin(name) for name in "abc"]
        for name in "abc":
            await settled()
            assert work.begun[-1] == name
            clock.seconds += 1
            work.end(name)
            await settled()
            for _ in range(REST):
                assert work.begun[-1] == name
                clock.seconds += 1
                with applying.message_coming_in():
                    pass
        await asyncio.gather(*tasks)


async def test_nobody_rests_while_none_comes_in():
    clock = Clock()
    work = Work(Applying(1, clock))
    tasks = [work.begin(name) for name in "ab"]
    await settled()
    clock.seconds += 1
    work.end("a")
    await settled()
    assert work.begun == ["a", "b"]
    work.end("b")
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("given", [False, True])
async def test_a_turn_that_nobody_takes_any_more_is_the_next_ones(given):
    applying = Applying(1)
    work = Work(applying)
    async with applying.turn():
        second, third = work.begin("b"), work.begin("c")
        await settled()
        if not given:
            second.cancel()
            await settled()
    second.cancel()  # where it was not before, it has just been let go and has not run yet
    await settled()
    assert work.begun == ["c"]
    work.end("c")
    await third


async def test_one_that_fails_gives_its_turn_back():
    applying = Applying(1)
    with pytest.raises(ValueError, match="no"):
        async with applying.turn():
            raise ValueError("no")
    async with asyncio.timeout(1), applying.turn():
        pass
