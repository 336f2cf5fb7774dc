"""A network on a running chip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from synaptile.rtl import NetworkParams
from synaptile.swsim.cosim import Carrier, ProjectionWeights
from synaptile.swsim.trace import Trace

from .config import ChipConfig
from .config.parameters import network_values
from .engines import Engine, make_engine
from .engines.base import CycleProgress, Packets
from .engines.compiled import CompiledEngine
from .engines.native.exchange import NativeExchange
from .engines.wave_sink import WaveSink
from .limits.network_limits import Limited, broken_by_mapping, broken_by_network, enforce
from .limits.tile_clocks import TileClocks
from .limits.weight_rounding import RoundedWeights
from .limits.work_times import WorkTimes
from .mapping import MappedNetwork, MappingMethods, MappingReport, Network, map_network
from .mapping.mapper import Mapper
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
    clocks
        What the work of its tiles takes; None if that is no time.
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
    clocks: TileClocks | None = None
    relaxed: tuple[str, ...] = ()
    rounded: RoundedWeights | None = field(default=None, init=False)
    _exchanged: int = field(default=0, init=False)  # deliveries given back by `exchange` so far
    _native: NativeExchange | None = field(default=None, init=False)  # what does that without Python
    _pairs: tuple[Ids, Ids] | None = field(default=None, init=False)  # neuron and tile of its arrivals by number
    # Spikes onto their own tile that were fired, and have not left: neurons, and the cycles in which they do.
    _local: Ids = field(default_factory=lambda: np.zeros(0, np.int32), init=False)
    _leaves: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64), init=False)

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
        methods: MappingMethods,
        mapper: Mapper = map_network,
    ) -> Session:
        """Map a network within the chip's limits, and start a fresh engine for it.

        ``wired`` is the same network with what its limits concern, and ``mapper`` does as `map_network` does. Raises
        what these and `enforce` raise.
        """
        relaxed = enforce(config, broken_by_network(config.limits, wired, network.populations))
        mapping, report = mapper(network, config, **methods.keywords)
        mapped = MappedNetwork(network, mapping)
        relaxed += enforce(config, broken_by_mapping(config.limits, mapped, wired.post))
        keys = MulticastKeys.of(mapped.destinations, config) if config.multicast else None
        table = None if keys is None else keys.table
        made = make_engine(engine, network_params(config), table=table, waves=waves, progress=progress, threads=threads)
        clocks = TileClocks(config, mapped, wired.pre, wired.post) if WorkTimes.of(config).any else None
        session = cls(mapped, report, keys, made, config, clocks, relaxed)
        if session.not_compiled is None:
            session._connect()
        return session

    @property
    def not_compiled(self) -> str | None:
        """Why lock-step goes through Python; None if it does not."""
        if self.clocks is not None:
            return "the work of its tiles takes time, which is counted in Python"
        if not isinstance(self.engine, CompiledEngine):
            return f"its engine is {self.engine.name!r}"
        return None if self.engine.can_exchange else "its engine records waves"

    def _connect(self) -> None:
        """Give the engine where spikes go, as the network's compiled loop calls it."""
        assert isinstance(self.engine, CompiledEngine)
        key = None if self.keys is None else self.keys.key
        table = self.mapped.destinations.table(self.config.cycles_per_step, key)
        self._native = self.engine.exchange(table)
        self._pairs = np.repeat(np.arange(len(table.own), dtype=np.int32), np.diff(table.start)), table.tile

    @property
    def carrier(self) -> Carrier:
        """The chip as compiled code calls it; there must be nothing `not_compiled`."""
        if self._native is None or self._pairs is None:
            raise RuntimeError(f"compiled code cannot call this chip: {self.not_compiled}")
        return Carrier(self._native.address, self._native.state, *self._pairs, self._native.check)

    def round_weights(self, projections: Sequence[ProjectionWeights]) -> tuple[npt.NDArray[np.float64] | None, ...]:
        """Return the weights of each projection in the chip's bits; None where they are those of software.

        Raises `MappingError` if they have no form in them.
        """
        bits = self.config.weight_bits
        if bits is None:
            raise RuntimeError("round_weights needs a chip with weight_bits")
        self.rounded = RoundedWeights.of(projections, bits, self.config.weight_scale)
        return self.rounded.weights

    def replay(self, trace: Trace) -> None:
        """Send all spikes of a trace of the network, and run until the last one is delivered."""
        if self.clocks is None:
            self.engine.inject(self._packets(trace.spike_step, trace.spike_neuron))
            self.engine.run(trace.steps * self.config.cycles_per_step)
        else:
            order = np.lexsort((trace.spike_neuron, trace.spike_step))
            neurons = trace.spike_neuron[order]
            starts = np.searchsorted(trace.spike_step[order], np.arange(trace.steps + 1))
            for step in range(trace.steps):
                self.exchange(step, neurons[starts[step] : starts[step + 1]])
        self.engine.drain()

    def exchange(self, step: int, spikes: Ids) -> tuple[Ids, Ids]:
        """Send a step's spikes, run to the end of the step, and return what arrived in it as (neuron, tile).

        Each spike is sent, also where a source has several in the step.
        """
        if self._native is not None and self._pairs is not None:
            arrived = self._native(step, spikes)
            return self._pairs[0][arrived], self._pairs[1][arrived]
        local = spikes[self.mapped.destinations.local[spikes]]
        end = (step + 1) * self.config.cycles_per_step
        if self.clocks is None:
            if len(spikes):
                self.engine.inject(self._packets(step, spikes))
        else:
            self.engine.inject(self.clocks.begin_step(step, self._packets(step, spikes)))
            self._local = np.concatenate([self._local, local])
            self._leaves = np.concatenate([self._leaves, self.clocks.leaves(local)])
            left = self._leaves < end
            local, self._local, self._leaves = self._local[left], self._local[~left], self._leaves[~left]
        self.engine.run(end)
        new = self.engine.deliveries(self._exchanged)
        self._exchanged += len(new)
        neurons = np.concatenate([local, new.neuron.astype(np.int32)])
        tiles = np.concatenate([self.mapped.mapping.tile[local], new.destination.astype(np.int32)])
        if self.clocks is not None:
            self.clocks.end_step(step, neurons, tiles)
        return neurons, tiles

    def _packets(self, step: npt.ArrayLike, neurons: npt.ArrayLike) -> Packets:
        """The packets of spikes; steps and neurons as for `Destinations.packets`."""
        key = None if self.keys is None else self.keys.key
        return self.mapped.destinations.packets(step, neurons, self.config.cycles_per_step, key=key)
