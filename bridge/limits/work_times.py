"""How long each part of a tile's work takes: the chip's compute times, and those of its crossbars' technology."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from ..config import ChipConfig

__all__ = ["WorkTimes"]


@dataclass(frozen=True)
class WorkTimes:
    """Times of a tile's work in nanoseconds.

    Attributes
    ----------
    neuron_update, packet, barrier
        As the chip's ``compute`` has them; 0 for what it leaves out.
    synaptic_event
        For each spike at a synapse.
    row
        For each spike that comes to the tile.
    """

    neuron_update: float = 0.0
    synaptic_event: float = 0.0
    row: float = 0.0
    packet: float = 0.0
    barrier: float = 0.0

    @classmethod
    def of(cls, config: ChipConfig) -> WorkTimes:
        """Return the times of a chip's tiles.

        A ``synaptic_event`` that ``compute`` has is the whole of a synapse's work, with the reads of its weight and of
        its row; else these take the times of the technology.
        """
        compute, technology = config.compute, config.technology
        stated = None if compute is None else compute.synaptic_event
        event, row = stated or 0.0, 0.0
        if stated is None and technology is not None:
            event, row = technology.synaptic_read_ns or 0.0, technology.row_read_ns or 0.0
        update, packet, barrier = (
            (None, None, None) if compute is None else (compute.neuron_update, compute.packet, compute.barrier)
        )
        return cls(update or 0.0, event, row, packet or 0.0, barrier or 0.0)

    @property
    def any(self) -> bool:
        """Whether anything takes time."""
        return any(astuple(self))
