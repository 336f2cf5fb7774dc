"""Current sources."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pyNN import errors
from pyNN.parameters import ArrayParameter, ParameterSpace, Sequence
from pyNN.standardmodels import electrodes

from ...base.arrays import Floats, Ints
from .. import simulator
from ..seeding import new_rng, seed_rng
from ..translations import identity_translations

__all__ = ["ACSource", "DCSource", "Electrode", "NoisyCurrentSource", "StepCurrentSource"]

Values = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class _Waveform:
    """An electrode with its present parameters, as the engine sees it."""

    neurons: Ints
    electrode: Electrode
    values: Values

    def currents(self, first: int, count: int) -> Floats:
        """Return the current (nA) during ``count`` steps from grid point ``first`` on, shape (count,)."""
        return self.electrode.waveform(self.values, first + np.arange(count))


class Electrode:
    """The common ground of all current sources; mixed into PyNN's own classes.

    Times are moved to the nearest grid point; the membrane potential first feels a current one step after it begins.
    Parameters may be changed between runs. Injecting twice into a cell gives it twice the current.
    """

    translations: Mapping[str, Any]
    native_parameters: Any

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._targets: list[Ints] = []
        self._waveforms: list[_Waveform] | None = None  # to be made anew
        self._values: Values = {}
        self._history: list[tuple[int, Values]] = []
        self._recording = False
        self.set_native_parameters(self.native_parameters)

    def __setattr__(self, name: str, value: Any) -> None:
        # PyNN's own asks of every name whether it is a parameter. None begins so, and some are set before it can tell.
        if name.startswith("_"):
            object.__setattr__(self, name, value)
        else:
            super().__setattr__(name, value)

    @abstractmethod
    def waveform(self, values: Values, steps: Ints) -> Floats:
        """Return the current (nA) with those parameters during the steps from those grid points on, of their shape."""

    def checked(self, values: dict[str, Any]) -> Values:
        """Return all parameters as they are used; ``InvalidParameterValueError`` naming parameter, rule and value."""
        for name, value in values.items():
            if not np.isfinite(value):
                raise errors.InvalidParameterValueError(f"{name} must be finite, not {value}")
        return values

    def set_native_parameters(self, parameters: Any) -> None:
        """Take (some of) the parameters from now on; all or none."""
        parameters.shape = (1,)
        parameters.evaluate(simplify=False)
        given = {name: _bare(value) for name, value in parameters.items()}
        self._values = self.checked({**self._values, **given})
        vars(self).update(self._values)
        self._waveforms = None
        self._history.append((simulator.state.engine.step, self._values))

    def get_native_parameters(self) -> Any:
        """Return the present parameters."""
        shown = {name: Sequence(v) if isinstance(v, np.ndarray) else v for name, v in self._values.items()}
        return ParameterSpace(shown, shape=(1,))

    def inject_into(self, cells: Iterable[Any]) -> None:
        """Inject the current into a Population, PopulationView, Assembly or list of cells.

        Raises ``TypeError`` if one of them is a spike source.
        """
        ids = np.fromiter((int(cell) for cell in cells), np.int64)
        for cell in ids:
            if simulator.state.network.is_source(int(cell)):
                raise TypeError(f"cannot inject a current into neuron {cell}: it is a spike source")
        self._targets.append(ids)
        self._waveforms = None
        if self not in simulator.state.network.electrodes:
            simulator.state.network.electrodes.append(self)

    def waveforms(self) -> Iterator[_Waveform]:
        """Yield the current with the present parameters, for each group of cells; the same objects until they change.

        So the engine sees that it need not calculate them again.
        """
        if self._waveforms is None:
            self._waveforms = [_Waveform(ids, self, self._values) for ids in self._targets]
        yield from self._waveforms

    def restart(self) -> None:
        """Go back to time 0 with the present parameters."""
        self._history[:] = [(0, self._values)]
        self._waveforms = None

    def record(self) -> None:
        """Make `get_data` return the current."""
        self._recording = True

    def _get_data(self) -> tuple[Floats, Floats]:
        """Return times (ms) and current (nA) at all grid points so far; the one at k flows from k to k + 1."""
        if not self._recording:
            raise errors.NothingToWriteError(
                f"this {type(self).__name__} is not recorded: call its record() before run()"
            )
        step = np.arange(simulator.state.engine.step + 1)
        current = np.zeros(len(step))
        for since, values in self._history:
            current[since:] = self.waveform(values, step[since:])
        return simulator.state.grid.times(step), current


def _bare(value: Any) -> Any:
    """Return a parameter as a number or an array."""
    value = value[0] if isinstance(value, np.ndarray) else value
    if isinstance(value, ArrayParameter):
        return np.array(value.value, dtype=np.float64)
    return float(value)


def _between(values: Values, steps: Ints) -> npt.NDArray[np.bool_]:
    first, last = simulator.state.grid.steps([values["start"], values["stop"]])
    return (steps >= first) & (steps < last)


class DCSource(Electrode, electrodes.DCSource):
    """Constant current of ``amplitude`` nA from ``start`` to ``stop`` (ms); see `Electrode`."""

    translations = identity_translations(electrodes.DCSource)

    def waveform(self, values: Values, steps: Ints) -> Floats:
        """Return ``amplitude`` between ``start`` and ``stop``."""
        return np.where(_between(values, steps), values["amplitude"], 0.0)


class ACSource(Electrode, electrodes.ACSource):
    """``offset + amplitude sin(2 pi frequency (t - start) + phase)`` nA (Hz, degrees); see `Electrode`.

    The current is held during each step at its value at the beginning. ``start`` is the grid point nearest to it.
    """

    translations = identity_translations(electrodes.ACSource)

    def waveform(self, values: Values, steps: Ints) -> Floats:
        """Return the sine at the beginning of each step."""
        grid = simulator.state.grid
        time = (steps - grid.step(values["start"])) * grid.dt / 1000.0
        angle = 2 * np.pi * values["frequency"] * time + np.deg2rad(values["phase"])
        return np.where(_between(values, steps), values["offset"] + values["amplitude"] * np.sin(angle), 0.0)


class StepCurrentSource(Electrode, electrodes.StepCurrentSource):
    """Current that takes the value ``amplitudes[k]`` (nA) at ``times[k]`` (ms); 0 before; see `Electrode`.

    Times are moved to the grid; of several at one grid point the last counts.
    """

    translations = identity_translations(electrodes.StepCurrentSource)

    def checked(self, values: dict[str, Any]) -> Values:
        """Check ``times`` and ``amplitudes``, which may be set one by one only if they stay of equal length."""
        times, amplitudes = (np.atleast_1d(values[name]) for name in ("times", "amplitudes"))
        if len(times) != len(amplitudes):
            raise errors.InvalidParameterValueError(
                f"amplitudes must have as many values as times, that is {len(times)}, not {len(amplitudes)}"
            )
        for name, array in (("times", times), ("amplitudes", amplitudes)):
            if not np.isfinite(array).all():
                raise errors.InvalidParameterValueError(f"{name} must be finite, not {array[~np.isfinite(array)][0]}")
        if (times < 0).any():
            raise errors.InvalidParameterValueError(f"times must be at least 0, not {times[times < 0][0]:g}")
        if (np.diff(times) < 0).any():
            raise errors.InvalidParameterValueError(
                f"times must be in ascending order, not {times[1:][np.diff(times) < 0][0]:g}"
            )
        grid = simulator.state.grid
        steps = grid.steps(times)
        last = np.append(np.diff(steps) > 0, True)[: len(steps)]
        return {"times": grid.times(steps[last]), "amplitudes": amplitudes[last]}

    def waveform(self, values: Values, steps: Ints) -> Floats:
        """Return the last amplitude so far."""
        position = np.searchsorted(simulator.state.grid.steps(values["times"]), steps, side="right")
        return np.append(0.0, values["amplitudes"])[position]


class NoisyCurrentSource(Electrode, electrodes.NoisyCurrentSource):
    """Current drawn anew every ``dt`` ms from a normal distribution with ``mean`` and ``stdev`` (nA); see `Electrode`.

    ``dt`` must be a multiple of the time step, which it is if it is not given. All cells of a source get the same
    current, and after a reset another one. Without an ``rng`` the seed of ``setup()`` determines it.
    """

    translations = identity_translations(electrodes.NoisyCurrentSource)

    def __init__(self, *, rng: Any = None, **parameters: Any) -> None:
        self._rng = new_rng() if rng is None else rng
        seed_rng(self._rng)
        self._noise = np.empty(0)
        super().__init__(**{"dt": simulator.state.dt, **parameters})

    def checked(self, values: dict[str, Any]) -> Values:
        """Check ``stdev`` and ``dt`` too."""
        values = dict(super().checked(values))
        if values["stdev"] < 0:
            raise errors.InvalidParameterValueError(f"stdev must be at least 0, not {values['stdev']:g}")
        try:
            simulator.state.grid.whole_steps("dt", values["dt"])
        except ValueError as error:
            raise errors.InvalidParameterValueError(str(error)) from None
        return values

    def waveform(self, values: Values, steps: Ints) -> Floats:
        """Return the noise, drawn as far as it is asked for."""
        grid = simulator.state.grid
        between = _between(values, steps)
        interval = (steps - grid.step(values["start"])) // grid.whole_steps("dt", values["dt"])
        interval = np.where(between, interval, 0)
        missing = int(interval.max(initial=-1)) + 1 - len(self._noise)
        if missing > 0:
            more = np.atleast_1d(self._rng.next(missing, "normal", {"mu": 0.0, "sigma": 1.0}))
            self._noise = np.append(self._noise, more)
        noise = np.append(self._noise, 0.0) if not len(self._noise) else self._noise
        return np.where(between, values["mean"] + values["stdev"] * noise[interval], 0.0)

    def restart(self) -> None:
        """Go back to time 0 with the present parameters and other noise."""
        super().restart()
        self._noise = np.empty(0)
