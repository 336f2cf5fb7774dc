"""PyNN's recorder of one population, on top of the engine's buffers in `swsim.recording`.

The weights of a projection are recorded by `projections.weight_recording`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
from pyNN import errors, recording

from ..neurons.model import NeuronModel
from ..recording.sampler import Sampler
from ..sources.spike_trains import SpikeTrains
from . import simulator

__all__ = ["Recorder"]

_NOT_RECORDED = np.iinfo(np.int64).max  # a position in the spike log that no spike has


class Recorder(recording.Recorder):
    """Recording of one population.

    The samples of a state variable begin with its value at the time of the first run after `record`, so that n steps
    give n + 1 samples; the same after data have been taken with ``clear=True``.
    """

    _simulator = simulator

    def __init__(self, population: Any, file: Any = None) -> None:
        super().__init__(population, file)
        self._samplers: dict[str, Sampler] = {}
        # Position in the spike log from which on each neuron's spikes are wanted, by index in the population.
        self._since = np.full(population.size, _NOT_RECORDED)
        self._start = simulator.state.engine.step

    def get(self, *args: Any, **kwargs: Any) -> Any:
        """Return the recorded data as a Neo Block, see PyNN; ``NothingToWriteError`` if nothing has been run."""
        simulator.state.network.require_present(self.population)
        if not simulator.state.running and not list(self.cache):
            raise errors.NothingToWriteError(f"{self.population.label} has no data: call run() first")
        return super().get(*args, **kwargs)

    def _indices(self, ids: Iterable[Any]) -> npt.NDArray[np.int64]:
        return np.sort(np.fromiter(ids, np.int64)) - int(self.population.first_id)

    def _record(self, variable: Any, new_ids: set[Any], sampling_interval: float | None = None) -> None:
        simulator.state.network.require_present(self.population)
        indices = self._indices(new_ids)
        if variable.name == "spikes":
            self._since[indices] = len(simulator.state.engine.log)
            return
        every = 1
        if sampling_interval is not None:
            every = simulator.state.grid.whole_steps("sampling_interval", sampling_interval)
            self.sampling_interval = sampling_interval
        else:
            every = simulator.state.grid.whole_steps("sampling_interval", self.sampling_interval)
        sampler = self._samplers.get(variable.name)
        if sampler is None:
            assert isinstance(self.population.model, NeuronModel)
            sampler = Sampler(self.population.model, variable.name, every, self._start)
            self._samplers[variable.name] = sampler
            simulator.state.engine.samplers.append(sampler)
        # Samples that were due before this call were not recorded.
        sampler.catch_up(simulator.state.engine.step)
        sampler.add(indices)

    def _get_spiketimes(self, id: Any, clear: bool = False) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
        """Return the ids and times (ms) of all recorded spikes of those neurons, in the order of time."""
        return self._ids_and_times(self._chosen_spikes(id))

    def _ids_and_times(self, chosen: Any) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
        """Return ids and times (ms) of spikes by their positions in the log; the ids are a read-only window on it."""
        ids = simulator.state.engine.log.neuron[chosen]
        ids.flags.writeable = False
        return ids, self._times(chosen)

    def spikes_array(self, indices: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
        """Return the ids and times (ms) of all recorded spikes of neurons by their indices in the population."""
        simulator.state.network.require_present(self.population)
        if (self._since[indices] == _NOT_RECORDED).all():
            raise errors.NothingToWriteError(f"{self.population.label} has no spikes: call record('spikes') first")
        log, model = simulator.state.engine.log, self.population.model
        given = isinstance(model, SpikeTrains) and model.off_grid
        if given or self._is_everything(indices) or self._since_for(indices).any():
            return self._ids_and_times(self._of_indices(indices))
        ids, times = log.of(int(self.population.first_id), self.population.size)
        ids.flags.writeable = False
        simulator.state.grid.to_times(times)
        return ids, times

    def _times(self, chosen: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return the times (ms) of spikes of this population by their positions in the log."""
        log = simulator.state.engine.log
        model = self.population.model
        if isinstance(model, SpikeTrains) and model.off_grid:
            every = self._all_spikes()
            return model.emitted[np.searchsorted(every, every if isinstance(chosen, slice) else chosen)]
        return simulator.state.grid.times(log.step[chosen])

    def _all_spikes(self) -> npt.NDArray[np.int64]:
        """Return the positions in the spike log of all spikes of this population."""
        return simulator.state.engine.log.positions(int(self.population.first_id), self.population.size)

    def _chosen_spikes(self, ids: Iterable[Any]) -> npt.NDArray[np.int64]:
        """Return the positions in the spike log of the recorded spikes of those neurons."""
        simulator.state.network.require_present(self.population)
        return self._of_indices(self._indices(ids))

    def _of_indices(self, indices: npt.NDArray[np.int64]) -> Any:
        """Return the positions in the spike log, an array or a slice, of the recorded spikes of those neurons."""
        if self._is_everything(indices):
            # The usual case of a benchmark, and not worth an index of every spike.
            return slice(None)
        since = self._since_for(indices)
        position = self._all_spikes()
        if not since.any():
            return position
        log = simulator.state.engine.log
        index = log.neuron[position] - np.int32(self.population.first_id)
        return position[since[index] <= position]

    def _since_for(self, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the position in the spike log from which on the spikes of each of those neurons are wanted."""
        since = np.full_like(self._since, _NOT_RECORDED)
        since[indices] = self._since[indices]
        return since

    def _is_everything(self, indices: npt.NDArray[np.int64]) -> bool:
        """Return True if all spikes of the whole network are wanted."""
        since = self._since_for(indices)
        return len(since) == simulator.state.network.neurons and not since.any()

    def _get_all_signals(
        self, variable: Any, ids: Iterable[Any], clear: bool = False
    ) -> tuple[npt.NDArray[np.float64], None]:
        simulator.state.network.require_present(self.population)
        return self._samplers[variable.name].data(self._indices(ids)), None

    def _local_count(self, variable: Any, filter_ids: Any = None) -> dict[int, int]:
        ids = sorted(int(id) for id in self.filter_recorded(variable, filter_ids))
        first = int(self.population.first_id)
        neurons = simulator.state.engine.log.neuron[self._chosen_spikes(ids)]
        counts = np.bincount(neurons.astype(np.int64) - first, minlength=self.population.size)
        return {id: int(counts[id - first]) for id in ids}

    def _clear_simulator(self) -> None:
        engine = simulator.state.engine
        self._start = engine.step
        self._since[self._since != _NOT_RECORDED] = len(engine.log)
        for sampler in self._samplers.values():
            sampler.restart(engine.step)

    def _reset(self) -> None:
        """Stop recording."""
        self._since[:] = _NOT_RECORDED
        for sampler in self._samplers.values():
            simulator.state.engine.samplers.remove(sampler)
        self._samplers = {}

    def restart(self) -> None:
        """Begin a new segment at time 0 with the same things to record."""
        self._start = 0
        self._since[self._since != _NOT_RECORDED] = 0
        for sampler in self._samplers.values():
            sampler.restart(0)
