"""Neurons whose equations a user has written: as NumPy calculates them, and compiled."""

from __future__ import annotations

import keyword
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from . import elementary
from .compiled import worth_it
from .defined_kernel import kernel_source, reference_source
from .equations import FUNCTIONS, Assignment, assignments, differential, expression
from .neurons import Floats, NeuronModel, at_least_zero, finite

__all__ = ["DefinedModel", "Definition", "Method", "model_of"]

Method = Literal["euler", "rk4"]
_RESERVED = {"I", "dt", "w", "np", "range", "len", *FUNCTIONS, *dir(elementary)}


def _is_name(name: str) -> bool:
    """Whether a variable may be called so; names that begin with an underscore are kept for the program around it."""
    return name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")


@dataclass(frozen=True)
class Definition:
    """A neuron model in text, checked.

    Attributes
    ----------
    equations
        Lines ``dx/dt = expression`` (per ms) for each state variable, and ``y = expression`` for names that later lines
        may use. ``I`` is the current of electrodes in nA, ``dt`` the time step in ms.
    threshold
        The condition under which the neuron fires, looked at on the grid.
    reset
        What happens to the state variables then: statements such as ``v = c; u += d``.
    parameters
        Names with default values.
    on_spike
        For each receptor by name, what the sum ``w`` of the weights that arrive at a grid point does, before the
        threshold is looked at.
    refractory
        The parameter that is the length of the refractory period in ms, rounded to steps; the neuron does not fire
        then.
    clamped
        State variables that stay as they are during the refractory period.
    method
        ``euler``, of order 1, or ``rk4``, the classical method of Runge and Kutta of order 4.
    max_substep
        In ms; a step is divided into equal substeps no longer than that. None for no division.

    Raises
    ------
    ValueError
        If anything is not as said here, with the text and the rule.
    """

    equations: str
    threshold: str
    reset: str
    parameters: Mapping[str, float]
    on_spike: Mapping[str, str]
    refractory: str | None = None
    clamped: Sequence[str] = ()
    method: Method = "euler"
    max_substep: float | None = None
    states: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        for name in self.parameters:
            if name in _RESERVED or not _is_name(name):
                raise ValueError(f"parameters: {name!r} is not a name, or has a meaning already")
        states = tuple(line.name for line in self.lines if line.derivative)
        object.__setattr__(self, "states", states)
        if not states:
            raise ValueError("equations: there must be at least one dx/dt = ...")
        for name in (line.name for line in self.lines):
            if name in _RESERVED or name in self.parameters or not _is_name(name):
                raise ValueError(f"equations: {name!r} is not a name, or has a meaning already")
        if self.method not in ("euler", "rk4"):
            raise ValueError(f"method must be 'euler' or 'rk4', not {self.method!r}")
        if self.max_substep is not None and not (math.isfinite(self.max_substep) and self.max_substep > 0):
            raise ValueError(f"max_substep must be positive and finite, not {self.max_substep}")
        if self.refractory is not None and self.refractory not in self.parameters:
            raise ValueError(f"refractory must be one of the parameters, not {self.refractory!r}")
        for name in self.clamped:
            if name not in states:
                raise ValueError(f"clamped must be among {', '.join(states)}, not {name!r}")
        if not self.on_spike:
            raise ValueError("on_spike: there must be at least one receptor")
        # Looked at now, so that a mistake is found here and not in the middle of a run.
        _ = self.condition, self.reset_lines, self.receptor_lines

    @property
    def lines(self) -> list[Assignment]:
        """The equations."""
        return differential(self.equations, {*self.parameters, "I", "dt"})

    @property
    def condition(self) -> Any:
        """The threshold."""
        return expression(self.threshold, {*self.states, *self.parameters}, "threshold")

    @property
    def reset_lines(self) -> list[Assignment]:
        """The statements of the reset."""
        return assignments(self.reset, {*self.states, *self.parameters}, self.states, "reset")

    @property
    def receptor_lines(self) -> dict[str, list[Assignment]]:
        """The statements for each receptor."""
        names = {*self.states, *self.parameters, "w"}
        return {
            receptor: assignments(text, names, self.states, f"on_spike[{receptor!r}]")
            for receptor, text in self.on_spike.items()
        }


class DefinedModel(NeuronModel):
    """n neurons of a `Definition`.

    In a step all state variables are integrated together, then the weights act, then the threshold is looked at. The
    compiled form does the same operations in the same order, and gives the same bits.
    """

    definition: ClassVar[Definition]
    _reference: ClassVar[Callable[..., Any] | None] = None
    _kernel: ClassVar[Callable[..., Any] | None] = None

    @property
    def receptors(self) -> int:
        """See `NeuronModel.receptors`."""
        return max(2, len(self.definition.on_spike))

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters and time step (in ms) only; compile if that is worth it."""
        definition, cls = self.definition, type(self)
        longest = definition.max_substep
        self._dt = dt
        self._substeps = 1 if longest is None else max(1, math.ceil(dt / longest - 1e-9))
        hold = np.zeros(self.size) if definition.refractory is None else self.parameters[definition.refractory]
        self._hold = np.minimum(np.rint(hold / dt), np.iinfo(np.int32).max).astype(np.int64)
        if cls._reference is None:
            cls._reference = staticmethod(_load(reference_source(definition), vars(elementary) | {"np": np}))
        self._compiled = worth_it(self.size, 0)
        if self._compiled and cls._kernel is None:
            cls._kernel = staticmethod(_compile(kernel_source(definition)))

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.bool_]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        step = type(self)._kernel if self._compiled else type(self)._reference
        assert step is not None
        current = np.zeros(self.size) if current is None else current
        arrays = (*self.state.values(), *self.parameters.values())
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # compiled code says nothing either
            fired: npt.NDArray[np.bool_] = step(
                self._dt, self._substeps, current, np.ascontiguousarray(arriving), self.refractory, self._hold, *arrays
            )
        return fired


def model_of(name: str, definition: Definition) -> type[DefinedModel]:
    """The model that a definition describes."""
    not_negative = () if definition.refractory is None else (at_least_zero(definition.refractory),)
    return type(
        name,
        (DefinedModel,),
        {
            "PARAMETERS": tuple(definition.parameters),
            "STATE": definition.states,
            "RULES": (finite(*definition.parameters), *not_negative),
            "definition": definition,
        },
    )


def _load(source: str, names: dict[str, Any]) -> Callable[..., Any]:
    """The function ``step`` of program text that was made from checked expressions only."""
    space = dict(names)
    exec(compile(source, "<equations>", "exec"), space)
    function: Callable[..., Any] = space["step"]
    return function


def _compile(source: str) -> Callable[..., Any]:
    import numba

    names: dict[str, Any] = {**vars(elementary), "np": np}
    # In this order, as tanh calls exp: each sees those that are compiled already.
    for name in ("exp_of", "log_of", "tanh_of"):
        function = FunctionType(getattr(elementary, name).__code__, dict(names), name)
        names[name] = numba.njit(error_model="numpy")(function)
    compiled: Callable[..., Any] = numba.njit(error_model="numpy")(_load(source, names))
    return compiled
