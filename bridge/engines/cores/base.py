"""The interface of engines that run a chip of neurosynaptic cores, tick by tick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..base import Activity, Deliveries, Ints, Packets
from .image import CoreImage, HostEvents

__all__ = ["COUNTERS", "CoreEngine", "Spikes", "Tick", "Ticks"]

COUNTERS = ("axon_events", "neuron_updates", "spikes", "busy_cycles", "overruns", "refused")
"""Names of what `CoreEngine.counters` counts in each core."""


@dataclass(frozen=True)
class Spikes:
    """Spikes in the order in which they were seen, each array of shape (spikes,).

    ``neuron`` of the core of ``tile``, in clock ``cycle`` and therefore in tick number ``tick``. Those of one cycle are
    sorted by tile and neuron.
    """

    tick: Ints
    tile: Ints
    neuron: Ints
    cycle: Ints

    def __len__(self) -> int:
        return len(self.tile)

    def of(self, tick: int) -> Spikes:
        """Those of one tick."""
        low, high = np.searchsorted(self.tick, [tick, tick + 1])
        return Spikes(self.tick[low:high], self.tile[low:high], self.neuron[low:high], self.cycle[low:high])


@dataclass(frozen=True)
class Tick:
    """What was seen of a chip in the cycles of a tick.

    Attributes
    ----------
    fired
        Neurons that fired, observed in the cores. After an overrun, they may fire in a later tick than that in which
        they would have.
    reported
        What came out at the host's door: a spike in the cycle in which it was there.
    cycles
        Length of the tick.
    overruns
        Cores that were not done with the tick before when this one began.
    """

    fired: Spikes
    reported: Spikes
    cycles: int
    overruns: int


@dataclass(frozen=True)
class Ticks:
    """What was seen of a chip in successive ticks, the first of them number ``first``.

    ``fired`` and ``reported`` are those of all ticks, as in `Tick`; ``cycles`` and ``overruns`` have shape (ticks,).
    """

    first: int
    fired: Spikes
    reported: Spikes
    cycles: Ints
    overruns: Ints

    def __len__(self) -> int:
        return len(self.cycles)

    def __getitem__(self, number: int) -> Tick:
        """The tick ``first + number``."""
        if not 0 <= number < len(self):
            raise IndexError(f"number must lie in 0..{len(self) - 1}, not {number}")
        tick = self.first + number
        cycles, overruns = int(self.cycles[number]), int(self.overruns[number])
        return Tick(self.fired.of(tick), self.reported.of(tick), cycles, overruns)


class CoreEngine(Protocol):
    """A chip of cores; every engine that simulates gates gives the same cycles, spikes and packets.

    Attributes
    ----------
    name
        Name of the engine.
    """

    name: str

    @property
    def cycle(self) -> int:
        """The next cycle to be simulated; 0 after `load`."""
        ...

    @property
    def tick_number(self) -> int:
        """The next tick to begin; 0 after `load`."""
        ...

    def load(self, images: Sequence[CoreImage]) -> None:
        """Begin with a fresh chip whose cores hold these images, one for each tile.

        Raises ``ValueError`` if the chip has other tiles, or cores that an image does not fit into.
        """
        ...

    def tick(self, events: HostEvents, cycles: int | None) -> Tick:
        """Run one tick.

        The host sends its events through the door, one after the other, from the tick's second cycle on. A tick has so
        many ``cycles``; what the host could not send in them goes before the events of the next tick. With None, it
        ends when all events are sent and everything is still (the chip's ``busy`` is 0).

        Raises
        ------
        ValueError
            If an event cannot be sent to what it names, or ``cycles`` is less than 1.
        HardwareFault
            If the chip dropped a packet, or delivered another than was sent.
        KeyboardInterrupt
            Ctrl-C was pressed. What was seen of the tick is lost; the engine then can only `load`.
        """
        ...

    def run(self, ticks: int, events: HostEvents, when: Ints, cycles: int | None) -> Ticks:
        """Run several ticks; the host sends each event in the tick ``when``, counted from the first of them, ascending.

        The same as `tick` for each of them, in less time.
        """
        ...

    def read(self, tile: int, variable: str) -> Ints:
        """The present values of a variable of a core's neurons, shape (neurons,); this takes no cycles."""
        ...

    def packets(self) -> Packets:
        """Every packet that was offered to the network, by tag; ``neuron`` is the payload as it travelled.

        A packet is created in the cycle in which its tile first offers it; its stamp is the low bits of the number of
        ticks that had begun before that cycle.
        """
        ...

    def deliveries(self, first: int = 0) -> Deliveries:
        """Every complete delivery so far, but for the ``first`` ones to be completed."""
        ...

    def activity(self) -> Activity:
        """Events counted so far by the routers' counters."""
        ...

    def counters(self) -> dict[str, Ints]:
        """Events counted so far in each core, by the names in `COUNTERS`, each of shape (tiles,)."""
        ...
