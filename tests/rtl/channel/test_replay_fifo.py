# amaranth: UnusedElaboratable=no
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stream_harness import simulate

from synaptile.rtl.channel.replay_fifo import ReplayFIFO


@settings(max_examples=80, deadline=None)
@given(
    depth=st.integers(1, 5),
    copies=st.lists(st.tuples(st.integers(1, 5), st.integers(1, 4)), min_size=1, max_size=8),
    offering=st.lists(st.booleans(), min_size=1, max_size=5),
    taking=st.lists(st.booleans(), min_size=1, max_size=5),
)
def test_packets_are_read_as_often_as_wanted(
    waves: Path, depth: int, copies: list[tuple[int, int]], offering: list[bool], taking: list[bool]
) -> None:
    """Packets of some items, each read some times, in order; the queue never holds more, or frees more, than it has."""
    packets = [
        ([number << 4 | i for i in range(min(size, depth))], times) for number, (size, times) in enumerate(copies)
    ]
    flits = [item for items, _ in packets for item in items]
    expected = [item for items, times in packets for _ in range(times) for item in items]

    async def bench(ctx: Any, queue: ReplayFIFO) -> None:
        given_, seen, held, cycle = 0, [], 0, 0
        order = [(items, copy == times - 1) for items, times in packets for copy in range(times)]
        at = index = 0
        while len(seen) < len(expected):
            assert cycle < 20 * len(expected) + 50
            offers = given_ < len(flits) and (offering[cycle % len(offering)] or not any(offering))
            takes = taking[cycle % len(taking)] or not any(taking)
            items, final = order[at]
            ctx.set(queue.enq.valid, offers)
            ctx.set(queue.enq.payload, flits[given_] if offers else 0)
            ctx.set(queue.deq.ready, takes)
            ctx.set(queue.keep, not final)
            ctx.set(queue.again, index == len(items) - 1)
            assert ctx.get(queue.level) == held <= depth
            assert ctx.get(queue.enq.ready) == (held < depth)
            accepted = offers and held < depth
            passes = takes and ctx.get(queue.deq.valid)
            if passes:
                seen.append(ctx.get(queue.deq.payload))
                index += 1
                held -= final
                if index == len(items):
                    at, index = at + 1, 0
            given_ += accepted
            held += accepted
            cycle += 1
            await ctx.tick()
        assert seen == expected
        assert ctx.get(queue.deq.valid) == 0
        assert ctx.get(queue.level) == 0

    simulate(lambda: ReplayFIFO(16, depth=depth), bench, waves=waves)


def test_a_queue_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^depth must be at least 1, not 0$"):
        ReplayFIFO(8, depth=0)
