"""What the cores of a chip had to do in a run."""

from __future__ import annotations

from dataclasses import dataclass, fields

__all__ = ["CoreWork"]


@dataclass(frozen=True)
class CoreWork:
    """Events in the cores of all tiles.

    Attributes
    ----------
    synaptic_events
        Spikes at synapses.
    spikes
        Spikes fired.
    neuron_updates
        Neurons × steps.
    active_updates
        Those in which the neuron got a spike or fired; None if it is not known.
    memory_reads, memory_writes
        Words read from, and written into, the memories of weights, sums and neurons; None where that is not known, as
        it is of cores that are not ours.
    row_reads
        Rows of crossbars read: a spike reads one on each tile that it comes to. None where that is not known.

    Raises
    ------
    ValueError
        If a count is negative, or more neurons are active than are updated.
    """

    synaptic_events: int = 0
    spikes: int = 0
    neuron_updates: int = 0
    active_updates: int | None = None
    memory_reads: int | None = None
    memory_writes: int | None = None
    row_reads: int | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            count = getattr(self, field.name)
            if count is not None and count < 0:
                raise ValueError(f"{field.name} must not be negative, not {count}")
        if self.active_updates is not None and self.active_updates > self.neuron_updates:
            raise ValueError(
                f"active_updates must be at most the {self.neuron_updates} updates, not {self.active_updates}"
            )

    def events(self, *, apart: bool) -> dict[str, int | None]:
        """Return the counts by the terms of an energy table; None where one is not known.

        ``apart``: active neurons and idle ones are counted apart. Where it is not known which are active, all are.
        """
        active = self.neuron_updates if self.active_updates is None else self.active_updates
        return {
            "synaptic_event": self.synaptic_events,
            "neuron_update": self.neuron_updates,
            "neuron_active": active if apart else 0,
            "neuron_idle": self.neuron_updates - active if apart else 0,
            "spike": self.spikes,
            "memory_read": self.memory_reads,
            "memory_write": self.memory_writes,
        }
