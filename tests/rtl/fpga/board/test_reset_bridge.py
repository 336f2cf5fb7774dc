# amaranth: UnusedElaboratable=no
"""The reset begins at once, without a clock, and ends on the clock, so many cycles after everything has settled."""

from typing import Any

import pytest
from amaranth.hdl import ClockDomain, Module
from amaranth.sim import Simulator
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.rtl.fpga.board.reset_bridge import ResetBridge


def run_with(bridge: ResetBridge, bench: Any) -> None:
    """Run a bench that makes the clock itself."""
    m = Module()
    m.domains.sync = clock = ClockDomain()
    m.submodules.bridge = bridge
    simulator = Simulator(m)

    async def process(ctx: Any) -> None:
        await bench(ctx, clock.clk)

    simulator.add_testbench(process)
    simulator.run()


@settings(max_examples=examples(30, 300), deadline=None)
@given(
    hold=st.integers(3, 40),
    script=st.lists(st.one_of(st.just("edge"), st.just("edge"), st.just("edge"), st.booleans()), max_size=160),
)
def test_it_follows_its_model(hold: int, script: list[str | bool]) -> None:
    bridge = ResetBridge(hold)

    async def bench(ctx: Any, clk: Any) -> None:
        run, edges = False, 0
        await ctx.delay(1e-9)
        assert ctx.get(bridge.rst) == 1
        for step in [*script, True, *["edge"] * (hold + 2)]:
            if step == "edge":
                edges = edges + 1 if run else 0
                ctx.set(clk, 1)
                await ctx.delay(1e-9)
                ctx.set(clk, 0)
            else:
                run = bool(step)
                edges = edges if run else 0
                ctx.set(bridge.run, run)
            await ctx.delay(1e-9)
            assert ctx.get(bridge.rst) == (not run or edges < hold)
        assert ctx.get(bridge.rst) == 0

    run_with(bridge, bench)


def test_too_short_a_hold_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^hold must be at least 3 cycles, not 2$"):
        ResetBridge(2)
