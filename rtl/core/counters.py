"""What a core counts."""

import enum
from collections.abc import Mapping

from amaranth.hdl import Array, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .neurons import neuron_variables
from .params import CoreParams

__all__ = ["CoreCounter", "CoreCounters", "work_of"]


class CoreCounter(enum.IntEnum):
    """Counters by number; each begins at 0 after a reset and wraps around."""

    TICKS = 0
    """Updates of all neurons."""
    AXON_EVENTS = 1
    """Events that acted: rows of the crossbar that were added."""
    SPIKES = 2
    """Neurons that fired, as their targets are looked up."""
    PACKETS = 3
    """Events and reports that were sent."""
    BUSY_CYCLES = 4
    """Cycles in which a tick was under way, or spikes of one were still to be sent."""
    OVERRUNS = 5
    """Ticks that began before the one before was over."""
    MERGED = 6
    """Events for an axon that had one for that tick already."""
    LATE = 7
    """Events that came in another tick than that in which they were sent; 0 where packets have no time stamp."""
    REFUSED_EVENTS = 8
    """Events without a legal axon and delay, and what is for a host where there is none."""
    REFUSED_WORDS = 9
    """Words that came while the core was at work or a word was being read, or that cannot be written."""
    UNREAD_WORDS = 10
    """Words that cannot be read, or whose reading a tick ended."""


class CoreCounters(wiring.Component):
    """A register for each of `CoreCounter`.

    Members
    -------
    events : In(counters)
        Bit n: counter n counts one more.
    number : In(counter)
    count : Out(counter_bits)
        What the counter with that number had counted two cycles ago.
    busy : Out(1)
        An event of the cycle before is being counted.
    """

    def __init__(self, params: CoreParams) -> None:
        self._bits = params.counter_bits
        super().__init__(
            {
                "events": In(len(CoreCounter)),
                "number": In(range(len(CoreCounter))),
                "count": Out(params.counter_bits),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        events = Signal.like(self.events)
        counts = Array(Signal(self._bits, name=counter.name.lower()) for counter in CoreCounter)
        m.d.comb += self.busy.eq(events.any())
        m.d.sync += [events.eq(self.events), self.count.eq(counts[self.number])]
        for counter in CoreCounter:
            with m.If(events[counter]):
                m.d.sync += counts[counter].eq(counts[counter] + 1)
        return m


def work_of(params: CoreParams, counts: Mapping[str, int]) -> dict[str, int]:
    """Return what follows from a core's counts, given by the counters' names in small letters.

    ``synaptic_events`` are weights that were added, zeros included; ``neuron_updates`` are by neuron. ``memory_reads``
    and ``memory_writes`` are of words of weights, sums and variables, each as wide as all lanes; a variable that may
    change is counted as written in every update.
    """
    variables = neuron_variables(params).values()
    written = sum(variable.write is not None for variable in variables)
    rows, updates = counts["axon_events"] * params.groups, counts["ticks"] * params.groups
    return {
        "synaptic_events": counts["axon_events"] * params.neurons,
        "neuron_updates": counts["ticks"] * params.neurons,
        "memory_reads": 2 * rows + updates * (len(variables) + 1),
        "memory_writes": rows + updates * (written + 1),
    }
