"""Recording of weights in time.

Recording has three homes: the package `swsim.recording` holds the engine's buffers (spikes, samples of a variable),
`pynn.recording` is PyNN's recorder of one population's spikes and variables, and this is that of one projection's
weights, which PyNN does not have. Both take their data out of the engine's buffers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import neo
import numpy as np
import numpy.typing as npt
import quantities as pq
from pyNN import errors

from ...recording.sampler import Sampler
from .. import simulator
from ..groups import members
from .connection_table import Columns

__all__ = ["RecordedWeights"]

_WEIGHT_UNITS = {"conductance": "uS", "current": "nA", "voltage": "mV"}


class RecordedWeights:
    """The recording of a projection's weights; mixed into `Projection`."""

    label: str
    post: Any
    _columns: Columns
    _sampler: Sampler | None = None

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def state(self) -> Mapping[str, npt.NDArray[np.float64]]:
        """The variables that can be recorded of the connections, see `sampler.Recordable`."""
        return {"weight": self._columns["weight"]}

    def record_weights(self, sampling_interval: float | None = None) -> None:
        """Record the weights of all connections every ``sampling_interval`` ms, by default in every step.

        The samples begin at the present time. `get_recorded_weights` returns them. Calling it again begins anew.
        Raises ``ValueError`` unless the interval is a positive multiple of the time step.
        """
        state = simulator.state
        interval = state.dt if sampling_interval is None else sampling_interval
        every = state.grid.whole_steps("sampling_interval", interval)
        if self._sampler is not None:
            state.engine.samplers.remove(self._sampler)
        self._sampler = Sampler(self, "weight", every, state.engine.step)
        self._sampler.add(np.arange(len(self)))
        state.engine.samplers.append(self._sampler)

    def get_recorded_weights(self) -> neo.AnalogSignal:
        """The recorded weights since the last reset: samples by connections, in the order of `connections`.

        The indices of the connected neurons are in ``array_annotations``. Raises
        ``pyNN.errors.NothingToWriteError`` if weights are not recorded, or nothing has been run.
        """
        state = simulator.state
        if self._sampler is None or not self._sampler.samples:
            raise errors.NothingToWriteError(f"{self.label} has no recorded weights: call record_weights(), then run()")
        return neo.AnalogSignal(
            self._sampler.data(np.arange(len(self))),
            units=_WEIGHT_UNITS[_kind(self.post)],
            t_start=state.grid.time(self._sampler.first) * pq.ms,
            sampling_period=state.grid.time(self._sampler.every) * pq.ms,
            name="weight",
            projection=self.label,
            array_annotations={name: self._columns[name] for name in ("presynaptic_index", "postsynaptic_index")},
        )


def _kind(neurons: Any) -> str:
    if neurons.conductance_based:
        return "conductance"
    return "voltage" if getattr(members(neurons)[0].celltype, "voltage_based_synapses", False) else "current"
