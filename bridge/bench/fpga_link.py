"""The digits through the host link of a simulated board: how many a second the line and the chip let through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import synaptile.swsim as sim

from ..apps.digits import STEPS, DigitsNetwork, train
from ..chip import Chip
from ..engines.cores import Ticks, make_core_engine
from ..fpga.engine import FpgaCoreEngine
from ..fpga.simulated.line import CLOCK_HZ, simulated_line

__all__ = ["CHIP", "LinkFigures", "digits_through_link"]

CHIP: dict[str, Any] = {"mesh": (1, 2), "crossbar": "128x40", "weight_bits": 8}
"""The smallest chip for the digits: a core for each layer."""

_BITS = 10  # of a byte on the line


@dataclass(frozen=True)
class LinkFigures:
    """What went through the link, and how long it took; seconds are those of the board's clock.

    Attributes
    ----------
    images, ticks, spikes
        Images shown, ticks that they took, and spikes that left the chip.
    same
        Whether each of these spikes is that of the engine ``compiled``: the same neuron in the same tick.
    clock_hz, baud
        Of the board.
    load_bytes, load_seconds
        Bytes of commands that loaded the chip, and the time that this took.
    down_bytes, up_bytes, run_seconds
        Bytes on the line to the board and from it while the images were shown, and that time.
    chip_cycles
        Cycles that the chip needs for the images if events come at once.
    """

    images: int
    ticks: int
    spikes: int
    same: bool
    clock_hz: float
    baud: int
    load_bytes: int
    load_seconds: float
    down_bytes: int
    up_bytes: int
    run_seconds: float
    chip_cycles: int

    @property
    def load_efficiency(self) -> float:
        """Bytes of commands in a second while the chip was loaded, over the bytes that the line can carry."""
        return self.load_bytes / self.load_seconds / (self.baud / _BITS)

    @property
    def images_per_second(self) -> float:
        """With the link, as measured."""
        return self.images / self.run_seconds

    @property
    def images_per_second_of_line(self) -> float:
        """If nothing but the line took time: that direction of it that has more to carry."""
        return self.images * self.baud / _BITS / max(self.down_bytes, self.up_bytes)

    @property
    def images_per_second_of_chip(self) -> float:
        """If nothing but the chip took time."""
        return self.images * self.clock_hz / self.chip_cycles

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON types."""
        names = ("load_efficiency", "images_per_second", "images_per_second_of_line", "images_per_second_of_chip")
        return asdict(self) | {name: getattr(self, name) for name in names}


def digits_through_link(
    images: int, *, baud: int = 3_000_000, seed: int = 0, progress: Callable[[str], None] = lambda what: None
) -> LinkFigures:
    """Show the demonstration's digits to a chip of cores in a simulated board, and to the same chip without it.

    Parameters
    ----------
    images
        How many, 1..360.
    baud
        See `simulated_line`.
    seed
        Of the training.
    progress
        Called with what is being done, in few words.

    Raises
    ------
    ValueError
        If the rate is impossible.
    EngineUnavailable
        If the gates cannot be compiled.
    """
    progress("training, and the network in whole numbers")
    chip = Chip(**CHIP, mode="on-chip", engine="model")
    sim.setup(timestep=1.0, hardware=chip)
    network = DigitsNetwork(sim, train(seed), images)
    sim.run(network.duration)
    session, trace = chip.cores, chip.report().trace
    assert session is not None
    outside = session.network.is_source[trace.spike_neuron]
    events = session.program.host_schedule(trace.spike_step[outside], trace.spike_neuron[outside])
    ticks = images * STEPS

    program = session.program
    place: dict[str, Any] = {"host_tile": program.host_tile}
    progress("the network in the compiled engine")
    compiled = make_core_engine("compiled", program.network, program.core, **place)
    compiled.load(program.images)
    expected = compiled.run(ticks, *events, None)

    progress("compiling the gates of the board")
    line = simulated_line(program.network, program.core, baud=baud, **place)
    board = FpgaCoreEngine(program.network, program.core, **place, port=line)
    try:
        progress("loading the chip through the link")
        before, begin = board.board.sent, line.now()
        board.load(program.images)
        loaded, load_seconds = board.board.sent - before, line.now() - begin
        progress("showing the images")
        down, up = line.written, line.came
        seen = board.run(ticks, *events, None)
        down, up = line.written - down, line.came - up
    finally:
        board.close()
    return LinkFigures(
        images=images,
        ticks=ticks,
        spikes=len(seen.reported),
        same=_spikes(seen) == _spikes(expected),
        clock_hz=CLOCK_HZ,
        baud=baud,
        load_bytes=loaded,
        load_seconds=load_seconds,
        down_bytes=down,
        up_bytes=up,
        run_seconds=board.seconds,
        chip_cycles=int(expected.cycles.sum()),
    )


def _spikes(ticks: Ticks) -> list[tuple[int, int, int]]:
    """Return each spike that left the chip: tick, tile and neuron."""
    reported = ticks.reported
    rows = (getattr(reported, name).tolist() for name in ("tick", "tile", "neuron"))
    return sorted(zip(*rows, strict=True))
