# amaranth: UnusedElaboratable=no
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stream_harness import simulate

from synaptile.rtl import Port
from synaptile.rtl.tile.counters import PortCounters

WIDTH = 3


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 31), st.integers(0, 31), st.booleans()), max_size=30))
def test_each_port_counts_its_own_and_wraps_around(waves: Path, script: list[tuple[int, int, bool]]) -> None:
    async def bench(ctx: Any, counters: PortCounters) -> None:
        flits, packets, entered = [0] * 5, [0] * 5, 0
        for taken, starting, entering in script:
            ctx.set(counters.taken, taken)
            ctx.set(counters.starting, starting)
            ctx.set(counters.entering, entering)
            await ctx.tick()
            entered = (entered + entering) % (1 << WIDTH)
            assert ctx.get(counters.entered[0]) == entered
            for port in Port:
                flits[port] = (flits[port] + (taken >> port & 1)) % (1 << WIDTH)
                packets[port] = (packets[port] + (starting >> port & 1)) % (1 << WIDTH)
                assert ctx.get(counters.flits[port]) == flits[port]
                assert ctx.get(counters.packets[port]) == packets[port]

    simulate(lambda: PortCounters(WIDTH), bench, waves=waves)


@pytest.mark.parametrize(("width", "drops"), [(3, 1), (1, 3), (2, 5), (6, 5), (8, 17)])
def test_several_drops_in_a_cycle_all_count(width: int, drops: int, waves: Path) -> None:
    async def bench(ctx: Any, counters: PortCounters) -> None:
        expected = 0
        for number in range(60):
            dropping = number * 2654435761 >> 7 & (1 << drops) - 1
            ctx.set(counters.dropping, dropping)
            await ctx.tick()
            expected = (expected + dropping.bit_count()) % (1 << width)
            assert ctx.get(counters.dropped) == expected

    simulate(lambda: PortCounters(width, drops=drops), bench, waves=waves)


def test_counters_refuse_a_width_below_one() -> None:
    with pytest.raises(ValueError, match=r"^width must be at least 1, not 0$"):
        PortCounters(0)
    with pytest.raises(ValueError, match=r"^drops must not be negative, not -1$"):
        PortCounters(1, drops=-1)
