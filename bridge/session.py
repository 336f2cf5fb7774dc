"""A network on a running chip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from synaptile.rtl import NetworkParams
from synaptile.swsim.cosim import ProjectionWeights

from .config import ChipConfig
from .config.parameters import network_values
from .engines import Engine, make_engine
from .engines.base import CycleProgress
from .engines.wave_sink import WaveSink
from .limits.network_limits import Limited, broken_by_mapping, broken_by_network, enforce
from .limits.weight_rounding import RoundedWeights
from .mapping import MappedNetwork, MappingReport, Network, map_network
from .mapping.multicast import MulticastKeys

__all__ = ["Session", "network_params"]

Ids = npt.NDArray[np.int32]


def network_params(config: ChipConfig) -> NetworkParams:
    """Return the on-chip network of a chip (see `network_values`)."""
    return NetworkParams(**network_values(config))


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
    config
        The chip.
    relaxed
        What the network does that the chip cannot, in lines.
    rounded
        Its weights as the chip has them; None if they are those of software.
    """

    mapped: MappedNetwork
    mapping_report: MappingReport
    keys: MulticastKeys | None
    engine: Engine
    config: ChipConfig
    relaxed: tuple[str, ...] = ()
    rounded: RoundedWeights | None = field(default=None, init=False)
    _exchanged: int = field(default=0, init=False)  # deliveries given back by `exchange` so far

    @classmethod
    def start(
        cls,
        network: Network,
        wired: Limited,
        config: ChipConfig,
        *,
        engine: str,
        threads: int,
        waves: WaveSink | None,
        progress: CycleProgress | None,
        partition: str,
        placement: str,
        seed: int,
    ) -> Session:
        """Map a network within the chip's limits, and start a fresh engine for it.

        ``wired`` is the same network with what its limits concern. Raises what `map_network` and `enforce` raise.
        """
        relaxed = enforce(config, broken_by_network(config.limits, wired, network.populations))
        mapping, report = map_network(network, config, partition=partition, placement=placement, seed=seed)
        mapped = MappedNetwork(network, mapping)
        relaxed += enforce(config, broken_by_mapping(config.limits, mapped, wired.post))
        keys = MulticastKeys.of(mapped.destinations, config) if config.multicast else None
        table = None if keys is None else keys.table
        made = make_engine(engine, network_params(config), table=table, waves=waves, progress=progress, threads=threads)
        return cls(mapped, report, keys, made, config, relaxed)

    def round_weights(self, projections: Sequence[ProjectionWeights]) -> tuple[npt.NDArray[np.float64] | None, ...]:
        """Return the weights of each projection in the chip's bits; None where they are those of software.

        Raises `MappingError` if they have no form in them.
        """
        bits = self.config.weight_bits
        if bits is None:
            raise RuntimeError("round_weights needs a chip with weight_bits")
        self.rounded = RoundedWeights.of(projections, bits, self.config.weight_scale)
        return self.rounded.weights

    def send(self, step: npt.ArrayLike, neurons: npt.ArrayLike) -> None:
        """Inject the packets of spikes; steps and neurons as for `Destinations.packets`."""
        key = None if self.keys is None else self.keys.key
        self.engine.inject(self.mapped.destinations.packets(step, neurons, self.config.cycles_per_step, key=key))

    def exchange(self, step: int, spikes: Ids) -> tuple[Ids, Ids]:
        """Send a step's spikes, run to the end of the step, and return what arrived in it as (neuron, tile).

        Each spike is sent, also where a source has several in the step.
        """
        if len(spikes):
            self.send(step, spikes)
        self.engine.run((step + 1) * self.config.cycles_per_step)
        local = spikes[self.mapped.destinations.local[spikes]]
        new = self.engine.deliveries(self._exchanged)
        self._exchanged += len(new)
        return (
            np.concatenate([local, new.neuron.astype(np.int32)]),
            np.concatenate([self.mapped.mapping.tile[local], new.destination.astype(np.int32)]),
        )
