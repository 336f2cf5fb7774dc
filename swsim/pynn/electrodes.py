"""Current sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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
    start: int
    stop: int


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
        grid = simulator.state.grid
        start, stop = (int(grid.steps(time)) for time in (self.start, self.stop))
        self._history.append(_Setting(simulator.state.engine.step, self.amplitude, start, stop))

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
        setting = self._history[-1]
        for ids in self._targets:
            yield Pulse(ids, setting.amplitude, setting.start, setting.stop)

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
            flows = (setting.start <= step) & (step < setting.stop)
            current = np.where(step >= setting.since, np.where(flows, setting.amplitude, 0.0), current)
        return simulator.state.grid.times(step), current
