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


def test_counters_refuse_a_width_below_one() -> None:
    with pytest.raises(ValueError, match=r"^width must be at least 1, not 0$"):
        PortCounters(0)
