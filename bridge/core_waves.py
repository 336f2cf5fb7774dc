"""Neurons of a running chip of cores, tick by tick, for a waveform."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synaptile.rtl.core.payload import Kind, Payloads

from .engines.base import Ints
from .engines.cores import CoreEngine, Ticks
from .onchip import OnChipProgram
from .waves.neuron_recorder import NeuronRecorder, TickEvents
from .waves.neuron_save import NeuronName

__all__ = ["CoreWaves"]


class CoreWaves:
    """Shows a recorder what it records of a chip: potentials, spikes, and the events that arrive at axons.

    Parameters
    ----------
    recorder
        It is begun anew.
    program
        What the chip's cores hold.
    payloads
        How packets say what they carry.
    """

    def __init__(self, recorder: NeuronRecorder, program: OnChipProgram, payloads: Payloads) -> None:
        self._recorder, self._program, self._payloads = recorder, program, payloads
        names: list[NeuronName] = []
        ids: list[int] = []
        for where in program.populations:
            if not where.is_source:
                names += [NeuronName(where.label, index) for index in range(where.size)]
                ids += range(where.start, where.stop)
        chosen = recorder.chosen(names)
        self._ids: Ints = np.array(ids, np.int64)[chosen]
        self._number = np.full(program.neurons, -1, np.int64)  # of a neuron among the recorded ones
        self._number[self._ids] = np.arange(len(self._ids))
        config = program.config
        recorder.begin([names[i] for i in chosen.tolist()], config.rows, config.cols, program.core.axon_bits)
        self._delivered = 0

    def wants(self, cycle: int) -> bool:
        """Whether a tick that begins in this cycle is to be seen."""
        return self._recorder.wants(cycle)

    def over(self, cycle: int) -> bool:
        """Whether no tick that begins in this cycle or later is to be seen."""
        return self._recorder.stop is not None and cycle >= self._recorder.stop

    def show(self, engine: CoreEngine, ticks: Ticks, begin: int) -> None:
        """Show the tick that the engine has just run, which began in this cycle."""
        fired = ticks.fired
        number = self._number[self._program.neuron_at(fired.tile, fired.neuron)]
        seen = number >= 0
        arrived = engine.deliveries(self._delivered)
        self._delivered += len(arrived)
        kind, axon, _delay = self._payloads.as_event(arrived.neuron)
        events = (kind == Kind.EVENT) & (arrived.completed >= begin)
        self._recorder.tick(
            TickEvents(
                number=ticks.first,
                begin=begin,
                end=engine.cycle,
                spike_cycle=fired.cycle[seen],
                spike_neuron=number[seen],
                axon_cycle=arrived.completed[events],
                axon_tile=arrived.destination[events],
                axon=axon[events],
                potentials=self._potentials(engine),
            )
        )

    def _potentials(self, engine: CoreEngine) -> npt.NDArray[np.float64]:
        values = np.zeros(len(self._ids), np.int64)
        tile, slot = self._program.tile[self._ids], self._program.slot[self._ids]
        for here in np.unique(tile).tolist():
            mine = tile == here
            values[mine] = engine.read(here, "v")[slot[mine]]
        return self._program.potential(self._ids, values)
