"""Large Bundles take turns, and memory is given back behind them."""

from __future__ import annotations

import asyncio

import pytest

from fhir_server.rest.room import SMALL, Room, give_back

LARGE = SMALL + 1


async def enter(room: Room, size: int, inside: list[str], name: str, leave: asyncio.Event) -> None:
    async with room.taken(size):
        inside.append(name)
        await leave.wait()
    inside.append(f"-{name}")


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize(("sizes", "inside"), [([1, 1, 1], "a b c"), ([2, 1, 1], "a b"), ([9, 1, 1], "a"), ([1, 3, 1], "a")])
def test_bodies_wait_where_there_is_no_room_and_none_overtakes(run, sizes: list[int], inside: str) -> None:
    async def main() -> list[str]:
        room, seen, leave = Room(3 * LARGE, lambda: None), list[str](), asyncio.Event()
        tasks = [asyncio.create_task(enter(room, size * LARGE, seen, name, leave)) for size, name in zip(sizes, "abc", strict=True)]
        await settle()
        first = list(seen)
        leave.set()
        await asyncio.gather(*tasks)
        assert sorted(seen) == ["-a", "-b", "-c", "a", "b", "c"]
        return first

    assert run(main()) == inside.split()


def test_small_bodies_need_no_room(run) -> None:
    async def main() -> None:
        room = Room(LARGE, lambda: None)
        async with room.taken(LARGE), room.taken(SMALL):
            pass

    run(main())


def test_who_gives_up_waiting_keeps_nobody_out(run) -> None:
    async def main() -> list[str]:
        room, seen, leave = Room(LARGE, lambda: None), list[str](), asyncio.Event()
        first, second, third = (asyncio.create_task(enter(room, LARGE, seen, name, leave)) for name in "abc")
        await settle()
        second.cancel()
        leave.set()
        await asyncio.gather(first, third)
        return seen

    assert run(main()) == ["a", "-a", "c", "-c"]


def test_memory_is_given_back_when_nothing_is_left_to_do(run) -> None:
    async def main() -> list[int]:
        given = [0]

        def count() -> None:
            given[0] += 1

        room = Room(3 * LARGE, count)
        async with room.taken(LARGE), room.taken(LARGE):
            await settle()
        async with room.taken(SMALL):
            pass
        await asyncio.get_running_loop().shutdown_default_executor()
        return given

    assert run(main()) == [1]


def test_giving_back_is_safe_wherever_it_runs() -> None:
    give_back()
