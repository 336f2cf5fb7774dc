# amaranth: UnusedElaboratable=no
from pathlib import Path
from typing import Any

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stream_harness import simulate

from synaptile.rtl.fpga.scan_ring import ScanRing


class Adder(wiring.Component):
    """Without registers of its own."""

    def __init__(self) -> None:
        super().__init__({"a": In(3), "offset": In(4), "b": In(2), "sum": Out(4), "low": Out(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.comb += [self.sum.eq(self.a + self.b + self.offset), self.low.eq(self.sum[0])]
        return m


@settings(max_examples=20, deadline=None)
@given(st.lists(st.booleans(), min_size=5, max_size=30))
def test_all_outputs_reach_the_pin_from_registers_that_follow_the_inputs(waves: Path, script: list[bool]) -> None:
    async def bench(ctx: Any, ring: ScanRing) -> None:
        source = sink = chain = 0
        adder: Any = ring.component
        for bit in script:
            assert ctx.get(adder.offset) == 5
            assert (ctx.get(adder.a), ctx.get(adder.b)) == (source & 7, source >> 3)
            assert ctx.get(ring.scan_out) == chain >> 4
            ctx.set(ring.scan_in, bit)
            chain = chain << 1 & 0b11111 ^ sink
            total = (source & 7) + (source >> 3) + 5 & 15
            sink = total | (total & 1) << 4
            source = (source << 1 | bit) & 0b11111
            await ctx.tick()

    simulate(lambda: ScanRing(Adder(), constants={"offset": 5}), bench, waves=waves)
