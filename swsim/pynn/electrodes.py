"""Current sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from pyNN import errors
from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import build_translations, electrodes

from ..engine import Pulse
from . import simulator

__all__ = ["DCSource"]


@dataclass(frozen=True)
class _Setting:
    """The pulse as it was asked for from some grid point on."""

    since: int
    amplitude: float
    start: float
    stop: float

    def pulse(self, neurons: npt.NDArray[np.int64]) -> Pulse:
        """The pulse on the present time grid."""
        start, stop = simulator.state.grid.steps([self.start, self.stop])
        return Pulse(neurons, self.amplitude, int(start), int(stop))


class DCSource(electrodes.DCSource):
    """Constant current of ``amplitude`` nA from ``start`` to ``stop`` (ms).

    Both are moved to the nearest grid point; the membrane potential first feels the current one step after ``start``.
    Parameters may be changed between runs. Injecting twice into a cell gives it twice the current.
    """

    translations = build_translations(("amplitude", "amplitude"), ("start", "start"), ("stop", "stop"))

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._targets: list[npt.NDArray[np.int64]] = []
        self._history: list[_Setting] = []
        self._recording = False
        self.set_native_parameters(self.native_parameters)

    def set_native_parameters(self, parameters: Any) -> None:
        """Take (some of) the parameters from now on."""
        parameters.shape = (1,)
        parameters.evaluate(simplify=True)
        values = {name: float(value) for name, value in parameters.items()}
        for name, value in values.items():
            if not np.isfinite(value):
                raise errors.InvalidParameterValueError(f"{name} must be finite, not {value}")
            object.__setattr__(self, name, value)
        self._history.append(_Setting(simulator.state.engine.step, self.amplitude, self.start, self.stop))

    def get_native_parameters(self) -> Any:
        """The present parameters."""
        return ParameterSpace({name: getattr(self, name) for name in self.translations}, shape=(1,))

    def inject_into(self, cells: Iterable[Any]) -> None:
        """Inject the current into a Population, PopulationView, Assembly or list of cells.

        Raises ``TypeError`` if one of them is a spike source.
        """
        ids = np.fromiter((int(cell) for cell in cells), np.int64)
        for cell in ids:
            if simulator.state.is_source(int(cell)):
                raise TypeError(f"cannot inject a current into neuron {cell}: it is a spike source")
        self._targets.append(ids)
        if self not in simulator.state.electrodes:
            simulator.state.electrodes.append(self)

    def pulses(self) -> Iterator[Pulse]:
        """The present setting, for each group of cells."""
        for ids in self._targets:
            yield self._history[-1].pulse(ids)

    def restart(self) -> None:
        """Go back to time 0 with the present parameters."""
        self._history[:] = [replace(self._history[-1], since=0)]

    def record(self) -> None:
        """Make `get_data` return the current."""
        object.__setattr__(self, "_recording", True)

    def _get_data(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Times (ms) and current (nA) at all grid points so far; the one at k flows from k to k + 1."""
        if not self._recording:
            raise errors.NothingToWriteError("this DCSource is not recorded: call its record() before run()")
        step = np.arange(simulator.state.engine.step + 1)
        current = np.zeros(len(step))
        for setting in self._history:
            pulse = setting.pulse(np.empty(0, np.int64))
            flows = (pulse.start <= step) & (step < pulse.stop)
            current = np.where(step >= setting.since, np.where(flows, pulse.amplitude, 0.0), current)
        return simulator.state.grid.times(step), current
