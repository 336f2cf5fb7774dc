"""The data of a run from which its metrics are computed."""

from __future__ import annotations

from dataclasses import dataclass

from synaptile.swsim.trace import Trace

from ..config import ChipConfig
from ..engines.base import Activity, Deliveries, Ints, Packets
from ..mapping import MappedNetwork

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
        The chip: cycles per step, clock and energy table are used.
    starts
        Shape (steps,): the cycle in which each step began, where they differ in length; None if they do not.
    fired
        Shape (deliveries,): the step of each packet's spike, where it may be created in a later one; None elsewhere.

    Raises
    ------
    ValueError
        If more packets were delivered than sent, or the mapping is of another network.
    """

    deliveries: Deliveries
    packets: Packets
    activity: Activity
    mapped: MappedNetwork
    trace: Trace
    config: ChipConfig
    starts: Ints | None = None
    fired: Ints | None = None

    def __post_init__(self) -> None:
        if len(self.deliveries) > len(self.packets):
            raise ValueError(
                f"deliveries must be at most the {len(self.packets)} packets sent, not {len(self.deliveries)}"
            )
        neurons = self.mapped.mapping.neurons
        if neurons != self.trace.neurons:
            raise ValueError(f"mapping must have the trace's {self.trace.neurons} neurons, not {neurons}")
