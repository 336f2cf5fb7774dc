"""The serial line to a simulated board, with the time of the board's own clock."""

from __future__ import annotations

from collections.abc import Callable

from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.fpga.hosted_chip import HostedChip

from .gates import SimulatedGates, board_library

__all__ = ["CLOCK_HZ", "SIMULATED", "SimulatedLine", "simulated_line"]

SIMULATED = "simulated"
"""What stands for the name of a serial port."""

CLOCK_HZ = 48e6
"""Frequency of a simulated board's clock."""

_VERSION = b"simulated"
_MOST_CYCLES = 5000
"""Cycles of the board in one read, so that the host's end is never late."""


class SimulatedLine:
    """A `ByteLine` to a simulated board, which runs while this is read; see `SimulatedGates`.

    A second is one of the board's: everything takes as long as with a real board whose host needs no time at all,
    however long the simulation takes.

    Attributes
    ----------
    written, came
        Bytes to the board and from it so far.
    """

    on_demand = True

    def __init__(self, gates: SimulatedGates, clock_hz: float) -> None:
        self._gates = gates
        self._clock_hz = clock_hz
        self.written = self.came = 0

    def now(self) -> float:
        """Return the time, in seconds."""
        return self._gates.cycles / self._clock_hz

    def read(self, seconds: float) -> bytes:
        """Return what has come, waiting at most so long for the first byte."""
        data = self._gates.run(min(round(seconds * self._clock_hz), _MOST_CYCLES), 1)
        self.came += len(data)
        return data

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self.written += len(data)
        self._gates.give(data)

    def close(self) -> None:
        """Do nothing: the board stands still when nobody reads."""


def simulated_line(
    network: NetworkParams,
    core: CoreParams,
    *,
    baud: int,
    host_tile: int = 0,
    host_key: int = 0,
    announce: Callable[[str], None] | None = None,
) -> SimulatedLine:
    """Return the line to a simulated board with such a chip, compiled if it is not in the cache.

    Everything that a board's FPGA contains but clock, reset and pins is there, as gates.

    Parameters
    ----------
    network, core, host_tile, host_key
        As for `HostedChip`.
    baud
        Bits in a second: a whole fraction of `CLOCK_HZ`, at most a quarter.
    announce
        Called with one line if it must be compiled, before that.

    Raises
    ------
    ValueError
        If the chip or the rate is impossible.
    EngineUnavailable
        If it cannot be compiled.
    """
    rate, rest = divmod(round(CLOCK_HZ), baud)
    if rest or rate < 4:
        raise ValueError(
            f"baud must be a whole fraction of {CLOCK_HZ:,.0f} on a simulated board, at most a quarter, not {baud}"
        )
    circuit = HostedChip(
        network, core, clock_hz=CLOCK_HZ, baud=baud, host_tile=host_tile, host_key=host_key, version=_VERSION
    )
    library = board_library(circuit, announce=announce)
    return SimulatedLine(SimulatedGates(library, rate), CLOCK_HZ)
