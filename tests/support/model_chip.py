"""A chip whose neurons are those of the whole-number model, for PyNN."""

from typing import Any

import numpy as np

from synaptile.bridge.config import ChipConfig
from synaptile.bridge.onchip import OnChipModel, convert

__all__ = ["ModelChip"]


class ModelChip:
    """Give it to ``setup(hardware=...)``; then ``made`` and ``report`` are of the network that ran last.

    ``config`` and ``options`` are those of `convert`.
    """

    mode = "on-chip"

    def __init__(self, config: ChipConfig | None = None, **options: Any) -> None:
        self.config = config or ChipConfig()
        self.options = options

    def program(self, network: Any) -> None:
        self.network = network
        self.made, self.report = convert(network, self.config, **self.options)
        self.engine = OnChipModel(
            self.made.network,
            self.made.core,
            host_tile=self.made.host_tile,
            table=self.made.table,
        )
        self.engine.load(self.made.images)

    def run_ticks(self, first: int, last: int, step: Any, neuron: Any) -> tuple[Any, Any]:
        assert first == self.engine.tick_number
        events, tick = self.made.host_schedule(step, neuron)
        ran = self.engine.run(last - first + 1, events, tick - first, None)
        return ran.fired.tick, self.made.neuron_at(ran.fired.tile, ran.fired.neuron).astype(np.int32)

    def read(self, variable: str, neurons: Any) -> Any:
        name = self.made.variable(variable, int(neurons[0]))
        if name is None:
            raise ValueError(f"{variable} has no form here")
        values = [self.engine.read(int(self.made.tile[n]), name)[self.made.slot[n]] for n in neurons]
        return self.made.potential(neurons, values)

    def end(self, trace: Any) -> None:
        self.trace = trace
