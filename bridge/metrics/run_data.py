"""The data of a run from which its metrics are computed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from synaptile.rtl import NetworkParams
from synaptile.rtl.packet import PacketLayouts
from synaptile.swsim.trace import Trace

from ..config import ChipConfig
from ..config.parameters import network_values
from ..engines.base import Activity, Deliveries, Ints, Packets
from ..mapping import MappedNetwork
from . import counts
from .active_neurons import count_active_on_tiles
from .core_work import CoreWork
from .steps import steps_of

__all__ = ["RunData"]


@dataclass(frozen=True)
class RunData:
    """A run, finished or not.

    Attributes
    ----------
    deliveries
        What arrived.
    packets
        What was sent.
    activity
        What the circuit counted.
    mapped
        The network, and where its neurons were.
    trace
        The network's spikes and synapses.
    config
        The chip: cycles per step, clock, energy table and what that needs to know of the network on chip are used.
    starts
        Shape (steps,): the cycle in which each step began, where they differ in length; None if they do not.
    fired
        Shape (deliveries,): the step of each packet's spike, where it may be created in a later one; None elsewhere.
    inferences
        Number of inferences in the run, as its user knows it; None if that is not known.

    Raises
    ------
    ValueError
        If more packets were delivered than sent, the mapping is of another network, or ``inferences`` is less than 1.
    """

    deliveries: Deliveries
    packets: Packets
    activity: Activity
    mapped: MappedNetwork
    trace: Trace
    config: ChipConfig
    starts: Ints | None = None
    fired: Ints | None = None
    inferences: int | None = None

    def __post_init__(self) -> None:
        if len(self.deliveries) > len(self.packets):
            raise ValueError(
                f"deliveries must be at most the {len(self.packets)} packets sent, not {len(self.deliveries)}"
            )
        neurons = self.mapped.mapping.neurons
        if neurons != self.trace.neurons:
            raise ValueError(f"mapping must have the trace's {self.trace.neurons} neurons, not {neurons}")
        if self.inferences is not None and self.inferences < 1:
            raise ValueError(f"inferences must be at least 1, not {self.inferences}")

    @property
    def fired_steps(self) -> Ints:
        """Shape (deliveries,): the step of each packet's spike."""
        if self.fired is not None:
            return self.fired
        return steps_of(self.deliveries.created, self.config.cycles_per_step, self.starts)

    @property
    def network(self) -> NetworkParams:
        """The on-chip network."""
        return NetworkParams(**network_values(self.config))

    @property
    def flit_bits(self) -> int:
        """Width of a flit in bits, without what simulations add to it."""
        return PacketLayouts(self.network.replace(tag_bits=0)).flit.size

    @property
    def seconds(self) -> float | None:
        """Time that the chip took, by its clock; None if the engine has no cycles."""
        return self.activity.cycles / self.config.clock_hz

    @property
    def weight_bits(self) -> int | None:
        """Bits of a weight; None if the chip does not say."""
        return self.config.weight_bits

    @property
    def unseen(self) -> str:
        """Why packets and the events of routers are not known; "" if they are."""
        return ""

    @cached_property
    def work(self) -> CoreWork:
        """What the cores did, as it follows from spikes and arrivals."""
        active = None
        # It takes a while for large networks, and is of use only where the two cost differently.
        if not self.unseen and self.config.energy.value("neuron_active") is not None:
            active = count_active_on_tiles(
                self.trace, self.mapped.mapping.tile, self.deliveries, self.config.cycles_per_step, self.starts
            )
        return CoreWork(
            synaptic_events=counts.synaptic_events(self.trace),
            spikes=self.trace.spikes,
            neuron_updates=counts.neuron_updates(self.trace),
            active_updates=active,
            row_reads=None if self.unseen else counts.row_reads(self.trace, self.mapped.destinations, self.deliveries),
        )
