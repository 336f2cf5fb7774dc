"""A network in the cores of a running chip."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from synaptile.rtl import NetworkParams
from synaptile.rtl.core.payload import Kind, Payloads
from synaptile.rtl.core_tile import payload_bits, payloads_of
from synaptile.swsim.onchip import OnChipNetwork
from synaptile.swsim.trace import Trace

from .config import ChipConfig
from .config.parameters import network_values
from .core_waves import CoreWaves
from .core_work import events_in_time, work_in_cores
from .engines.base import Deliveries, Ints, Packets
from .engines.cores import CoreEngine, Ticks, make_core_engine
from .engines.wave_sink import WaveSink
from .errors import MappingError
from .fpga.engine import DEFAULT_BAUD, FpgaCoreEngine
from .limits.network_limits import broken_by_mapping, broken_by_network, enforce
from .mapping import MappedNetwork, Mapping, MappingMethods, Network
from .mapping.network import spike_counts
from .metrics.on_chip import OnChipLog, OnChipRunData
from .metrics.steps import steps_of
from .onchip import ConversionReport, OnChipModel, OnChipProgram, convert
from .waves.neuron_recorder import NeuronRecorder

__all__ = ["CoreSession"]

Ids = npt.NDArray[np.int32]


@dataclass
class CoreSession:
    """Everything that a chip keeps from the conversion of a network to the end of its run.

    Attributes
    ----------
    network, program, conversion
        The network, what the cores hold of it, and what became of it in whole numbers.
    payloads
        How packets say what they carry.
    engine
        The engine that runs the chip, fresh at first.
    cycles
        Clock cycles of a tick; None with the barrier.
    mapped
        The network and where its neurons are; spike sources sit on no tile.
    relaxed
        What the network does that the chip cannot, in lines.
    """

    network: OnChipNetwork
    program: OnChipProgram
    conversion: ConversionReport
    payloads: Payloads
    engine: CoreEngine
    cycles: int | None
    mapped: MappedNetwork
    relaxed: tuple[str, ...]
    _ticks: list[Ticks] = field(default_factory=list, init=False)
    _waves: CoreWaves | None = field(default=None, init=False)
    _sent: list[Ints] = field(default_factory=list, init=False)  # the step of each event of the host, in order

    @classmethod
    def start(
        cls,
        network: OnChipNetwork,
        config: ChipConfig,
        *,
        engine: str,
        threads: int,
        port: str | None,
        baud: int | None,
        waves: WaveSink | None,
        neuron_waves: NeuronRecorder | None,
        profile: Trace | None,
        methods: MappingMethods,
    ) -> CoreSession:
        """Convert a network, and load it into a fresh engine.

        Raises what `convert`, `enforce`, `make_core_engine` and `FpgaCoreEngine` raise.
        """
        relaxed = enforce(config, broken_by_network(config.limits, network, network.slices))
        program, conversion = convert(
            network,
            config,
            spike_counts=None if profile is None else spike_counts(profile, network.neurons),
            **methods.keywords,
        )
        mapped = MappedNetwork(
            Network.of(network.neurons, network.pre, network.post, populations=network.slices),
            _mapping(network, program),
        )
        relaxed += enforce(config, broken_by_mapping(config.limits, mapped, network.post))
        values = network_values(config)
        payloads = payloads_of(program.core, NetworkParams(**values))
        params = NetworkParams(**{**values, "neurons": 1 << payloads.bits})
        place: dict[str, Any] = {"host_tile": program.host_tile, "table": program.table}
        made: CoreEngine
        if engine == OnChipModel.name:
            made = OnChipModel(params, program.core, **place)
        else:
            if program.table is not None:
                place["host_key"] = program.host_tile  # the key that leads to a tile is its number
            if engine == FpgaCoreEngine.name:
                made = FpgaCoreEngine(params, program.core, **place, port=port, baud=baud or DEFAULT_BAUD)
            else:
                made = make_core_engine(engine, params, program.core, **place, waves=waves, threads=threads)
        made.load(program.images)
        cycles = config.cycles_per_step if config.tick == "fixed" else None
        session = cls(network, program, conversion, payloads, made, cycles, mapped, relaxed)
        if neuron_waves is not None:
            session._waves = CoreWaves(neuron_waves, program, payloads)
        return session

    def close(self) -> None:
        """Give back what the engine has of the machine."""
        if isinstance(self.engine, FpgaCoreEngine):
            self.engine.close()

    def run_ticks(self, first: int, last: int, step: Ints, neuron: Ids) -> tuple[Ints, Ids]:
        """Run ticks, as `synaptile.swsim.cosim.NeuronHardware.run_ticks` says."""
        done = len(self._ticks)
        while first <= last:
            # Ticks in a waveform are run one by one, for potentials are in the cores only until the next.
            until = last if self._waves is None or self._waves.over(self.engine.cycle) else first
            low, high = np.searchsorted(step, [first, until + 1])
            self._run_batch(first, until, step[low:high], neuron[low:high])
            first = until + 1
        fired = [ticks.fired for ticks in self._ticks[done:]]
        return (
            np.concatenate([_NONE, *(spikes.tick for spikes in fired)]),
            np.concatenate([_NONE, *(self.program.neuron_at(spikes.tile, spikes.neuron) for spikes in fired)]).astype(
                np.int32
            ),
        )

    def _run_batch(self, first: int, last: int, step: Ints, neuron: Ids) -> None:
        to, when = self.program.host_schedule(step, neuron)
        begin = self.engine.cycle
        ticks = self.engine.run(last - first + 1, to, when - first, self.cycles)
        self._ticks.append(ticks)
        self._sent.append(when)
        if self._waves is not None and self._waves.wants(begin):
            self._waves.show(self.engine, ticks, begin)

    def read(self, variable: str, neurons: Ints) -> npt.NDArray[np.float64]:
        """Look into the cores, as `synaptile.swsim.cosim.NeuronHardware.read` says.

        Raises `MappingError` if the cores have nothing for that variable.
        """
        if not len(neurons):
            return np.zeros(0)
        shown = self.program.variable(variable, int(neurons[0]))
        if shown is None:
            raise MappingError(f"{self.network.name(int(neurons[0]))}: {variable} cannot be recorded on-chip")
        tile, slot = self.program.tile[neurons], self.program.slot[neurons]
        values = np.zeros(len(neurons), np.int64)
        for here in np.unique(tile).tolist():
            mine = tile == here
            values[mine] = self.engine.read(here, shown)[slot[mine]]
        return self.program.potential(neurons, values)

    def run_data(self, trace: Trace, inferences: int | None = None) -> OnChipRunData:
        """Return everything from which the metrics of the run are computed; ``inferences`` as in `RunData`."""
        engine, program = self.engine, self.program
        timed = engine.name != OnChipModel.name
        packets, deliveries, activity = engine.packets(), engine.deliveries(), engine.activity()
        if not timed:
            activity = replace(activity, cycles=0)
        lengths = self._column("cycles")
        starts = np.cumsum(lengths) - lengths
        sends = self._senders(packets.neuron, packets.destination)
        comes = self._senders(deliveries.neuron, deliveries.destination)
        observed, counters = not isinstance(engine, FpgaCoreEngine), engine.counters()
        axon, due = self._acting(trace, deliveries, starts, timed=timed) if observed else (None, None)
        log = OnChipLog(
            starts=starts,
            lengths=lengths,
            overruns=self._column("overruns"),
            host_sent=np.bincount(np.concatenate([*self._sent, _NONE]), minlength=len(lengths)),
            host_received=self._reported(len(lengths)),
            host_late=self._host_late(packets, sends, starts),
            merged=self._merged(deliveries, starts),
            reports=int(np.count_nonzero(self.payloads.as_event(deliveries.neuron)[0] == Kind.REPORT)),
            counters=counters,
            timed=timed,
            observed=observed,
            seconds=engine.seconds if isinstance(engine, FpgaCoreEngine) else None,
            payload_bits=payload_bits(program.core, NetworkParams(**network_values(program.config))),
            work=work_in_cores(program, trace, counters, axon, due),
        )
        return OnChipRunData(
            deliveries=_chosen(Deliveries, deliveries, comes, program.config.stamp_bits),
            packets=_chosen(Packets, packets, sends, program.config.stamp_bits),
            activity=activity,
            mapped=self.mapped,
            trace=trace,
            config=program.config,
            starts=starts if self.cycles is None else None,
            inferences=inferences,
            log=log,
        )

    def _column(self, name: str) -> Ints:
        return np.concatenate([*(getattr(ticks, name) for ticks in self._ticks), _NONE])

    def _senders(self, payload: Ints, destination: Ints) -> Ints:
        """Return the neuron that each event is from; -1 for packets that are none, or for an axon of no neuron."""
        table = self.program.axon_pre
        kind, axon, _delay = self.payloads.as_event(payload)
        known = (kind == Kind.EVENT) & (axon < table.shape[1])
        return np.where(known, table[destination, np.where(known, axon, 0)], -1)

    def _acting(self, trace: Trace, deliveries: Deliveries, starts: Ints, *, timed: bool) -> tuple[Ints, Ints]:
        """Return the axon of the chip and the tick in which it acts of each event that came."""
        if not timed:
            return events_in_time(self.program, trace)
        kind, axon, delay = self.payloads.as_event(deliveries.neuron)
        events = kind == Kind.EVENT
        due = steps_of(deliveries.completed[events], 1, starts) + delay[events]
        return deliveries.destination[events] * self.program.core.axons + axon[events], due

    def _merged(self, deliveries: Deliveries, starts: Ints) -> int:
        """Count the events that came to an axon for a tick for which it had one already."""
        kind, axon, delay = self.payloads.as_event(deliveries.neuron)
        events = kind == Kind.EVENT
        due = steps_of(deliveries.completed[events], 1, starts) + delay[events]
        places = np.stack([deliveries.destination[events], axon[events], due])
        return int(np.count_nonzero(events)) - np.unique(places, axis=1).shape[1]

    def _reported(self, steps: int) -> Ints:
        tick = np.concatenate([*(ticks.reported.tick for ticks in self._ticks), _NONE])
        return np.bincount(tick, minlength=steps)

    def _host_late(self, packets: Packets, sender: Ints, starts: Ints) -> int:
        """Count the host's events that were offered to the network after their step, or not yet."""
        if not len(packets):
            return 0
        outside = np.append(self.network.is_source, False)
        offered = packets.cycle[outside[sender] & (packets.more == 0)]
        wanted = np.concatenate([*self._sent, _NONE])
        step = steps_of(offered, 1, starts)
        return int(np.count_nonzero(step > wanted[: len(step)])) + max(0, len(wanted) - len(step))


_NONE: Ints = np.zeros(0, np.int64)


def _mapping(network: OnChipNetwork, program: OnChipProgram) -> Mapping:
    """Return where all neurons of a network are; spike sources sit on no tile."""
    config, outside = program.config, network.is_source
    return Mapping(
        config.rows,
        config.cols,
        config.crossbar,
        np.where(outside, program.host_tile, program.tile),
        np.where(outside, 0, program.slot),
        outside if outside.any() else None,
    )


def _chosen(kind: type[Packets] | type[Deliveries], log: Packets | Deliveries, neuron: Ints, stamp_bits: int) -> Any:
    """Return those of packets or deliveries that are from a neuron, with its number and the step as their stamp."""
    chosen = neuron >= 0
    columns = {name: getattr(log, name)[chosen] for name in kind.__dataclass_fields__}
    stamp = (columns["stamp"] - 1) % (1 << stamp_bits)  # of ticks that have begun; in tick 0, one has
    return kind(**{**columns, "neuron": neuron[chosen], "stamp": stamp})
