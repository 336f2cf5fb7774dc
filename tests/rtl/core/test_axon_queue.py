# amaranth: UnusedElaboratable=no
"""The ring of axon events, with events that come at any time of a tick."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stream_harness import simulate

from synaptile.rtl.core.axon_queue import AxonQueue
from synaptile.rtl.core.params import CoreParams


def queue_of(axons: int) -> AxonQueue:
    return AxonQueue(CoreParams(axons=axons))


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([4, 5, 16, 17, 40, 64]),
    st.sampled_from([0.0, 0.2, 0.6, 1.0]),
    st.sampled_from([0.1, 0.5, 1.0]),
    st.integers(0, 2**32),
)
def test_each_event_comes_in_its_tick_in_order_and_once(
    waves: Path, axons: int, offering: float, taking: float, seed: int
) -> None:
    async def bench(ctx: Any, queue: AxonQueue) -> None:
        chance = random.Random(seed)
        due: dict[int, set[int]] = {}
        came: list[int] = []
        tick = refused = lost = 0
        offered = None
        while tick < 40:
            advance = not ctx.get(queue.busy) and chance.random() < 0.3
            if offered is None and chance.random() < offering:
                offered = chance.randrange(1 << (axons - 1).bit_length()), chance.randint(0, 15)
            ctx.set(queue.arrivals.valid, offered is not None)
            if offered is not None:
                ctx.set(queue.arrivals.payload, {"axon": offered[0], "delay": offered[1]})
            ctx.set(queue.advance, advance)
            ready = chance.random() < taking
            ctx.set(queue.events.ready, ready)
            refused += ctx.get(queue.refused)
            if ready and ctx.get(queue.events.valid):
                came.append(ctx.get(queue.events.payload))
            if not ctx.get(queue.busy):
                assert came == sorted(due.pop(tick, set()))
                if advance:
                    came.clear()
            if offered is not None and ctx.get(queue.arrivals.ready):
                axon, delay = offered
                if axon < axons and delay:
                    due.setdefault(tick + delay, set()).add(axon)
                else:
                    lost += 1
                offered = None
            tick += advance
            if not ctx.get(queue.busy) and not advance:
                came.clear()
            await ctx.tick()
        assert refused + ctx.get(queue.refused) == lost

    simulate(lambda: queue_of(axons), bench, waves=waves)


@pytest.mark.parametrize(("axons", "words"), [(16, 1), (64, 4), (256, 16)])
def test_a_tick_without_events_is_over_at_once_and_others_read_two_cycles_for_each_word(
    axons: int, words: int, waves: Path
) -> None:
    async def bench(ctx: Any, queue: AxonQueue) -> None:
        async def cycles() -> int:
            ctx.set(queue.advance, 1)
            await ctx.tick()
            ctx.set(queue.advance, 0)
            count = 0
            while ctx.get(queue.busy):
                await ctx.tick()
                count += 1
            return count

        ctx.set(queue.events.ready, 1)
        assert await cycles() == 0
        ctx.set(queue.arrivals.payload, {"axon": 0, "delay": 2})
        ctx.set(queue.arrivals.valid, 1)
        await ctx.tick()
        ctx.set(queue.arrivals.valid, 0)
        await ctx.tick()
        assert await cycles() == 0
        assert await cycles() == 2 * words + 1 + (words == 1)
        assert await cycles() == 0

    simulate(lambda: queue_of(axons), bench, waves=waves)
