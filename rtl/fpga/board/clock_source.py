"""Where a board's top level has its clock from: a phase-locked loop of the FPGA, or the board's clock as it is."""

from typing import Any

from amaranth.hdl import Const, Instance, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import Out

from .pll import Ecp5Pll, Ice40Pll, NoPll, Pll, Xc7Pll

__all__ = ["ClockSource"]


class ClockSource(wiring.Component):
    """A clock and whether it can be relied on.

    Parameters
    ----------
    pll
        The settings.
    clock
        The board's clock: a signal, or for `Ice40Pll` the port itself, as the loop is a part of that pad.

    Raises
    ------
    TypeError
        If it is no such loop.

    Members
    -------
    clk : Out(1)
    locked : Out(1)
        The clock has its frequency. It may change at any time; without a loop it is always 1.
    """

    def __init__(self, pll: Pll, clock: Any) -> None:
        if not isinstance(pll, NoPll | Ecp5Pll | Ice40Pll | Xc7Pll):
            raise TypeError(f"pll must be the settings of a loop that is known here, not {pll!r}")
        self.pll = pll
        self._clock = clock
        super().__init__({"clk": Out(1), "locked": Out(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        pll = self.pll
        if isinstance(pll, NoPll):
            m.d.comb += [self.clk.eq(self._clock), self.locked.eq(1)]
        elif isinstance(pll, Ecp5Pll):
            m.submodules.pll = self._ecp5(pll)
        elif isinstance(pll, Ice40Pll):
            m.submodules.pll = self._ice40(pll)
        elif isinstance(pll, Xc7Pll):
            self._xc7(m, pll)
        return m

    def _ecp5(self, pll: Ecp5Pll) -> Instance:
        fed_back = Signal()
        return Instance(
            "EHXPLLL",
            # Names of attributes, as the vendor's tools ask for them; the filter's are those that suit every setting.
            a_ICP_CURRENT="12",
            a_LPF_RESISTOR="8",
            p_PLLRST_ENA="DISABLED",
            p_INTFB_WAKE="DISABLED",
            p_STDBY_ENABLE="DISABLED",
            p_DPHASE_SOURCE="DISABLED",
            p_OUTDIVIDER_MUXA="DIVA",
            p_OUTDIVIDER_MUXB="DIVB",
            p_CLKI_DIV=pll.input_divider,
            p_CLKFB_DIV=1,
            p_FEEDBK_PATH="CLKOP",
            p_CLKOP_ENABLE="ENABLED",
            p_CLKOP_DIV=pll.multiplier,
            p_CLKOP_CPHASE=pll.multiplier - 1,
            p_CLKOP_FPHASE=0,
            p_CLKOS_ENABLE="ENABLED",
            p_CLKOS_DIV=pll.output_divider,
            p_CLKOS_CPHASE=pll.output_divider - 1,
            p_CLKOS_FPHASE=0,
            i_CLKI=self._clock,
            i_CLKFB=fed_back,
            o_CLKOP=fed_back,
            o_CLKOS=self.clk,
            o_LOCK=self.locked,
            i_RST=Const(0),
            i_STDBY=Const(0),
            i_PHASESEL0=Const(0),
            i_PHASESEL1=Const(0),
            i_PHASEDIR=Const(0),
            i_PHASESTEP=Const(0),
            i_PHASELOADREG=Const(0),
            i_PLLWAKESYNC=Const(0),
            i_ENCLKOP=Const(0),
            i_ENCLKOS=Const(0),
        )

    def _ice40(self, pll: Ice40Pll) -> Instance:
        return Instance(
            "SB_PLL40_PAD",
            p_FEEDBACK_PATH="SIMPLE",
            p_PLLOUT_SELECT="GENCLK",
            p_DIVR=Const(pll.divr, 4),
            p_DIVF=Const(pll.divf, 7),
            p_DIVQ=Const(pll.divq, 3),
            p_FILTER_RANGE=Const(pll.filter_range, 3),
            i_PACKAGEPIN=self._clock,
            i_RESETB=Const(1),
            i_BYPASS=Const(0),
            o_PLLOUTGLOBAL=self.clk,
            o_LOCK=self.locked,
        )

    def _xc7(self, m: Module, pll: Xc7Pll) -> None:
        fed_back, output = Signal(), Signal()
        m.submodules.pll = Instance(
            "PLLE2_BASE",
            p_CLKIN1_PERIOD=1e9 / pll.input_hz,
            p_DIVCLK_DIVIDE=pll.input_divider,
            p_CLKFBOUT_MULT=pll.multiplier,
            p_CLKOUT0_DIVIDE=pll.output_divider,
            i_CLKIN1=self._clock,
            i_CLKFBIN=fed_back,
            o_CLKFBOUT=fed_back,
            o_CLKOUT0=output,
            o_LOCKED=self.locked,
            i_PWRDWN=Const(0),
            i_RST=Const(0),
        )
        m.submodules.buffer = Instance("BUFG", i_I=output, o_O=self.clk)
