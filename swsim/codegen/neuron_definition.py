"""A neuron as its user defines it: equations, threshold and reset."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from .equations import Line, assignments, check_parameters, differential, expression, is_name, split_names, targets
from .user_functions import UserFunction, user_function

__all__ = ["Code", "Definition", "Method"]

Method = Literal["euler", "rk4"]
Code = str | tuple[str, Callable[..., Any]]
"""Text, or the names of what a Python function returns and that function."""


@dataclass(frozen=True)
class Definition:
    """A neuron model in text or in Python functions, checked.

    In the place of every text there may be a Python function of the numbers of one neuron, with the names of what it
    returns: ``("v, u", function)``; as threshold just the function. It takes any of the names that the text may use, as
    arguments of these names. Numba compiles it; without Numba it is called with arrays if it can be, and else neuron by
    neuron.

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

    equations: Code
    threshold: str | Callable[..., Any]
    reset: Code
    parameters: Mapping[str, float]
    on_spike: Mapping[str, Code]
    refractory: str | None = None
    clamped: Sequence[str] = ()
    method: Method = "euler"
    max_substep: float | None = None
    states: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        check_parameters(self.parameters)
        states: list[str] = []
        for line in self.lines:
            for name in line.results if isinstance(line, UserFunction) else (line.name,):
                if name in self.parameters or not is_name(name):
                    raise ValueError(f"equations: {name!r} is not a name, or has a meaning already")
            if isinstance(line, UserFunction):
                states += line.results
            elif line.derivative:
                states.append(line.name)
        object.__setattr__(self, "states", tuple(states))
        if not states:
            raise ValueError("equations: there must be at least one dx/dt = ...")
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

    @cached_property
    def lines(self) -> Sequence[Line]:
        """The equations."""
        names = {*self.parameters, "I", "dt"}
        if isinstance(self.equations, str):
            return differential(self.equations, names)
        results = split_names(self.equations[0])
        return [user_function(self.equations[1], results, {*names, *results}, "equations", "_user_equations")]

    @cached_property
    def condition(self) -> Any:
        """The threshold."""
        names = {*self.states, *self.parameters}
        if isinstance(self.threshold, str):
            return expression(self.threshold, names, "threshold")
        return user_function(self.threshold, (), names, "threshold", "_user_threshold")

    @cached_property
    def reset_lines(self) -> Sequence[Line]:
        """The statements of the reset."""
        return self._changes(self.reset, (), "reset", "_user_reset")

    @cached_property
    def receptor_lines(self) -> dict[str, Sequence[Line]]:
        """The statements for each receptor."""
        return {
            receptor: self._changes(code, ("w",), f"on_spike[{receptor!r}]", f"_user_on_spike_{row}")
            for row, (receptor, code) in enumerate(self.on_spike.items())
        }

    def _changes(self, code: Code, more: Collection[str], what: str, symbol: str) -> Sequence[Line]:
        names = {*self.states, *self.parameters, *more}
        if isinstance(code, str):
            return assignments(code, names, self.states, what)
        return [user_function(code[1], targets(code[0], self.states, what), names, what, symbol)]

    @property
    def functions(self) -> list[UserFunction]:
        """All Python functions in it."""
        lines = [
            *self.lines,
            self.condition,
            *self.reset_lines,
            *(x for xs in self.receptor_lines.values() for x in xs),
        ]
        return [line for line in lines if isinstance(line, UserFunction)]
