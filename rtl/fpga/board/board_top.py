"""The top level of a board, but for its pins: clock, reset, the chip with its link to the host, and lights."""

import math
from typing import Any

from amaranth.hdl import ClockDomain, Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from .clock_source import ClockSource
from .reset_bridge import ResetBridge

__all__ = ["LIGHTS", "BoardTop", "Lights"]

LIGHTS = {
    "alive": "blinks, about once a second: the clock runs and the chip is out of reset",
    "link": "on: the host is connected",
    "ready": "blinks until the host is connected, then on",
    "running": "on: a tick is under way (shown for at least a tenth of a second)",
    "activity": "on: frames come from the host (shown for at least a tenth of a second)",
    "error": "on: the clock has not settled, the chip is in reset, or something was dropped, refused or late since",
}
"""What the lights of a board can tell, by name."""

Lights = data.StructLayout(dict.fromkeys(LIGHTS, 1))
"""A bit for each of `LIGHTS`."""


class BoardTop(wiring.Component):
    """Everything on the FPGA between the board's pins and the chip's.

    The clock drives the domain ``sync``, whose reset begins when the clock is lost or ``reset`` is 1, and ends on the
    clock when that has settled.

    Parameters
    ----------
    clock
        The clock's source.
    chip
        The chip with its link to the host: a component with ``rx``, which may change at any time, ``tx``, a register,
        and ``status``, such as `HostedChip`.
    clock_hz
        Frequency of the clock in Hz.
    hold
        Cycles for which the reset is held, see `ResetBridge`.

    Members
    -------
    reset : In(1)
        Asynchronous, such as a button.
    rx : In(1)
        From the host's serial line.
    tx : Out(1)
        To it.
    lights : Out(Lights)
    """

    def __init__(self, clock: ClockSource, chip: Any, *, clock_hz: float, hold: int = 16) -> None:
        self._clock = clock
        self.chip = chip
        # Powers of two of cycles, so that nothing here is slower than the chip: about half a second, and at least a
        # tenth of one.
        self._blink = round(math.log2(clock_hz / 2))
        self._shown = math.ceil(math.log2(clock_hz / 10))
        self._bridge = ResetBridge(hold)
        line: Any = {"rx": In(1, init=1), "tx": Out(1, init=1)}  # type: ignore[call-arg]
        super().__init__({"reset": In(1), **line, "lights": Out(Lights)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.clock, m.submodules.bridge, m.submodules.chip = clock, bridge, chip = (
            self._clock,
            self._bridge,
            self.chip,
        )
        m.domains.sync = sync = ClockDomain()
        m.d.comb += [
            sync.clk.eq(clock.clk),
            bridge.run.eq(clock.locked & ~self.reset),
            sync.rst.eq(bridge.rst),
        ]
        m.d.comb += [chip.rx.eq(self.rx), self.tx.eq(chip.tx)]

        count, before, unit = Signal(self._blink + 1), Signal(), Signal()
        m.d.sync += [count.eq(count + 1), before.eq(count[self._shown]), unit.eq(count[self._shown] ^ before)]
        alive = count[-1]
        status = chip.status
        m.d.comb += [
            self.lights.alive.eq(alive),
            self.lights.link.eq(status.link_up),
            self.lights.ready.eq(status.link_up | alive),
            self.lights.running.eq(_stretched(m, status.running, unit, "running")),
            self.lights.activity.eq(_stretched(m, status.activity, unit, "activity")),
            self.lights.error.eq(status.error | bridge.rst),
        ]
        return m


def _stretched(m: Module, pulse: Any, unit: Signal, name: str) -> Any:
    """Return what stays 1 for long enough to be seen: until the second ``unit`` after the pulse."""
    left = Signal(2, name=f"{name}_left")
    with m.If(pulse):
        m.d.sync += left.eq(2)
    with m.Elif(unit & left.any()):
        m.d.sync += left.eq(left - 1)
    return left.any()
