# amaranth: UnusedElaboratable=no
"""The top level around a chip: its clock and reset, its serial line, and what the lights tell."""

from itertools import pairwise
from typing import Any

import pytest
from amaranth.hdl import ClockDomain, Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from amaranth.sim import Simulator

from synaptile.rtl.export import component_rtlil
from synaptile.rtl.fpga.board.board_top import LIGHTS, BoardTop
from synaptile.rtl.fpga.board.clock_source import ClockSource
from synaptile.rtl.fpga.board.pll import Ecp5Pll, Ice40Pll, NoPll, Pll, Xc7Pll

CLOCK_HZ = 200  # so that a light changes every 128 cycles, and shows a pulse for at least 32


class FakeChip(wiring.Component):
    """A chip that sends back what it receives, counts the cycles since its reset, and has a status of its own."""

    def __init__(self) -> None:
        status = data.StructLayout({"link_up": 1, "running": 1, "error": 1, "activity": 1})
        super().__init__({"rx": In(1), "tx": Out(1), "status": Out(status), "cycles": Out(16)})
        self.told = Signal(status)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.comb += [self.tx.eq(self.rx), self.status.eq(self.told)]
        m.d.sync += self.cycles.eq(self.cycles + 1)
        return m


class Board:
    """A top level under a clock that the test makes."""

    def __init__(self) -> None:
        self.clock = Signal()
        self.locked = Signal(init=1)
        self.chip = FakeChip()
        source = ClockSource(NoPll(input_hz=CLOCK_HZ), self.clock)
        self.top = BoardTop(source, self.chip, clock_hz=CLOCK_HZ, hold=5)

    async def cycles(self, ctx: Any, count: int = 1) -> None:
        for _ in range(count):
            ctx.set(self.clock, 1)
            await ctx.delay(1e-9)
            ctx.set(self.clock, 0)
            await ctx.delay(1e-9)

    def lights(self, ctx: Any) -> set[str]:
        return {name for name in LIGHTS if ctx.get(self.top.lights[name])}

    def run(self, bench: Any) -> None:
        m = Module()
        m.submodules.top = self.top
        # The clock is an input: without a user, the simulator would take it for a constant.
        m.domains.other = other = ClockDomain()
        m.d.comb += other.clk.eq(self.clock)
        simulator = Simulator(m)

        async def process(ctx: Any) -> None:
            await bench(ctx)

        simulator.add_testbench(process)
        simulator.run()


def test_the_chip_runs_once_the_reset_is_over_and_stops_at_once_with_the_button() -> None:
    board = Board()

    async def bench(ctx: Any) -> None:
        await board.cycles(ctx, 4)
        assert "error" in board.lights(ctx)
        await board.cycles(ctx, 1)
        assert ctx.get(board.chip.cycles) == 0
        await board.cycles(ctx, 10)
        assert ctx.get(board.chip.cycles) == 10
        assert "error" not in board.lights(ctx)
        ctx.set(board.top.reset, 1)
        await ctx.delay(1e-9)
        assert "error" in board.lights(ctx)  # without a clock
        await board.cycles(ctx, 3)
        assert ctx.get(board.chip.cycles) == 0
        ctx.set(board.top.reset, 0)
        await board.cycles(ctx, 4)
        assert ctx.get(board.chip.cycles) == 0
        await board.cycles(ctx, 4)
        assert ctx.get(board.chip.cycles) == 3

    board.run(bench)


def test_the_serial_line_is_the_chip_s() -> None:
    board = Board()

    async def bench(ctx: Any) -> None:
        assert ctx.get(board.top.tx) == 1
        for bit in [0, 1, 1, 0, 0, 1, 0, 1, 1, 1]:
            ctx.set(board.top.rx, bit)
            await ctx.delay(1e-9)
            assert ctx.get(board.top.tx) == bit

    board.run(bench)


def test_lights_blink_and_show_short_pulses_for_long() -> None:
    board = Board()

    async def bench(ctx: Any) -> None:
        await board.cycles(ctx, 5)
        alive = []
        for _ in range(520):
            await board.cycles(ctx)
            alive.append("alive" in board.lights(ctx))
            assert ("ready" in board.lights(ctx)) == alive[-1]
        changes = [cycle for cycle, (one, other) in enumerate(pairwise(alive)) if one != other]
        assert [later - earlier for earlier, later in pairwise(changes)] == [128, 128, 128]
        for name, light in (("running", "running"), ("activity", "activity")):
            ctx.set(board.chip.told[name], 1)
            await board.cycles(ctx)
            ctx.set(board.chip.told[name], 0)
            shown = 0
            while light in board.lights(ctx):
                assert board.lights(ctx) <= {light, "alive", "ready"}
                await board.cycles(ctx)
                shown += 1
            assert 32 <= shown <= 65
        ctx.set(board.chip.told.link_up, 1)
        for _ in range(250):
            await board.cycles(ctx)
            assert {"link", "ready"} <= board.lights(ctx)
        ctx.set(board.chip.told.error, 1)
        await ctx.delay(1e-9)
        assert "error" in board.lights(ctx)

    board.run(bench)


@pytest.mark.parametrize(
    ("pll", "primitive", "settings"),
    [
        (Ecp5Pll(input_hz=25e6, input_divider=1, multiplier=24, output_divider=12), "EHXPLLL", ("CLKOS_DIV 12",)),
        (Ice40Pll(input_hz=12e6, divr=0, divf=63, divq=5), "SB_PLL40_PAD", ("DIVF 7'0111111", "DIVQ 3'101")),
        (
            Xc7Pll(input_hz=100e6, input_divider=1, multiplier=12, output_divider=24),
            "PLLE2_BASE",
            ("CLKOUT0_DIVIDE 24", "CLKFBOUT_MULT 12"),
        ),
    ],
)
def test_the_loop_of_each_family_gets_its_settings(pll: Pll, primitive: str, settings: tuple[str, ...]) -> None:
    top = BoardTop(ClockSource(pll, Signal()), FakeChip(), clock_hz=pll.output_hz)
    text = component_rtlil(top, "top")
    assert f"cell \\{primitive} " in text
    for setting in settings:
        assert f"parameter signed \\{setting}" in text or f"parameter \\{setting}" in text


def test_an_unknown_loop_is_refused() -> None:
    class OtherPll(Pll):
        output_hz = 1e6

    with pytest.raises(TypeError, match=r"^pll must be the settings of a loop that is known here, not "):
        ClockSource(OtherPll(input_hz=1e6), Signal())
