"""The top level around a chip in Amaranth's own simulator, with a serial line at its pins."""

from collections import deque
from typing import Any

from amaranth.sim import Simulator

from synaptile.bridge.fpga.link_errors import LinkLost
from synaptile.rtl.fpga.hosted_chip import HostedChip

__all__ = ["AmaranthBoard"]

_BITS = 10
_MOST_BYTES = 4


class AmaranthBoard:
    """A `HostedChip` at the other end of a line, which simulates it whenever the host reads.

    Parameters
    ----------
    chip
        The chip.
    clock_hz, rate
        Frequency of its clock, and the cycles of a bit, a whole number.
    """

    on_demand = True

    def __init__(self, chip: HostedChip, *, clock_hz: float, rate: int) -> None:
        self._chip, self._rate = chip, rate
        self._in: deque[int] = deque()
        self._out = bytearray()
        self._clock_hz = clock_hz
        self._cycles = 0
        self._simulator = Simulator(chip)
        self._simulator.add_clock(1.0)
        self._simulator.add_testbench(self._send, background=True)
        self._simulator.add_testbench(self._receive, background=True)
        self._closed = False

    def now(self) -> float:
        """Return the board's time, in seconds from its beginning."""
        return self._cycles / self._clock_hz

    def read(self, seconds: float) -> bytes:
        """Run for that long, or for the time of some bytes if that is less; return what has come."""
        if self._closed:
            raise LinkLost("the line has been closed")
        # Simulating is slow, and the host may have something to say by then.
        self._cycles += min(round(seconds * self._clock_hz), _MOST_BYTES * _BITS * self._rate)
        self._simulator.run_until(self._cycles)
        data = bytes(self._out)
        self._out.clear()
        return data

    def write(self, data: bytes) -> None:
        """Put bytes onto the line to the board."""
        self._in += data

    def close(self) -> None:
        """Let the board have what is on the line; the end."""
        while self._in and not self._closed:
            self.read(1.0)
        self._closed = True

    async def _send(self, ctx: Any) -> None:
        while True:
            if not self._in:
                await ctx.tick()
                continue
            bits = self._in.popleft() << 1 | 1 << _BITS - 1
            for place in range(_BITS):
                ctx.set(self._chip.rx, bits >> place & 1)
                await _ticks(ctx, self._rate)

    async def _receive(self, ctx: Any) -> None:
        while True:
            await ctx.negedge(self._chip.tx)
            await _ticks(ctx, self._rate // 2)
            bits = ctx.get(self._chip.tx)
            for place in range(1, _BITS):
                await _ticks(ctx, self._rate)
                bits |= ctx.get(self._chip.tx) << place
            assert bits & 1 == 0
            assert bits >> _BITS - 1
            self._out.append(bits >> 1 & 0xFF)


async def _ticks(ctx: Any, count: int) -> None:
    for _ in range(count):
        await ctx.tick()
