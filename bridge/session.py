"""A network on a running chip."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .engines import Engine
from .mapping import MappedNetwork, MappingReport
from .mapping.multicast import MulticastKeys

__all__ = ["Session"]

Ids = npt.NDArray[np.int32]


@dataclass
class Session:
    """Everything that a chip keeps from the mapping of a network to the end of its run.

    Attributes
    ----------
    mapped, mapping_report
        The network, where its neurons sit, and how that was found.
    keys
        Its multicast keys; None on a chip without multicast.
    engine
        The engine that runs the chip, fresh at first.
    cycles_per_step
        Clock cycles of a step.
    """

    mapped: MappedNetwork
    mapping_report: MappingReport
    keys: MulticastKeys | None
    engine: Engine
    cycles_per_step: int
    _exchanged: int = field(default=0, init=False)  # deliveries given back by `exchange` so far

    def send(self, step: npt.ArrayLike, neurons: npt.ArrayLike) -> None:
        """Inject the packets of spikes; steps and neurons as for `Destinations.packets`."""
        key = None if self.keys is None else self.keys.key
        self.engine.inject(self.mapped.destinations.packets(step, neurons, self.cycles_per_step, key=key))

    def exchange(self, step: int, spikes: Ids) -> tuple[Ids, Ids]:
        """Send a step's spikes, run to the end of the step, and return what arrived in it as (neuron, tile).

        Each spike is sent, also where a source has several in the step.
        """
        if len(spikes):
            self.send(step, spikes)
        self.engine.run((step + 1) * self.cycles_per_step)
        local = spikes[self.mapped.destinations.local[spikes]]
        new = self.engine.deliveries(self._exchanged)
        self._exchanged += len(new)
        return (
            np.concatenate([local, new.neuron.astype(np.int32)]),
            np.concatenate([self.mapped.mapping.tile[local], new.destination.astype(np.int32)]),
        )
