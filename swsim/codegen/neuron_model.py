"""Neurons whose equations a user has written: as NumPy calculates them, and compiled."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats
from ..base.parameter_rules import at_least_zero, finite
from ..kernels.policy import worth_it
from ..neurons.model import NeuronModel
from .compiler import compile_kernel, compile_program, load_program
from .neuron_definition import Definition
from .neuron_source import frame_source, kernel_source, reference_source

__all__ = ["DefinedModel", "model_of"]

_RUNGE_KUTTA_EFFORT = 4  # see `NeuronModel.effort`


class DefinedModel(NeuronModel):
    """n neurons of a `Definition`.

    In a step all state variables are integrated together, then the weights act, then the threshold is looked at. The
    compiled form does the same operations in the same order, and gives the same bits; a Python function's bits are its
    own, so that the compiled loop does not take a definition with one.
    """

    definition: ClassVar[Definition]
    _reference: ClassVar[Callable[..., Any] | None] = None
    _kernel: ClassVar[Callable[..., Any] | None] = None
    _loop_kernel: ClassVar[Any] = None

    @property
    def receptors(self) -> int:
        """The number of receptors in the definition, but at least 2."""
        return max(2, len(self.definition.on_spike))

    @property
    def own_receptors(self) -> int:
        """The number of receptors in the definition."""
        return len(self.definition.on_spike)

    @property
    def has_kernel(self) -> bool:
        """True unless there is a Python function in it."""
        return not self.definition.functions

    def own_kernel(self) -> Any:
        """Return the definition as a kernel, compiled once in a process; see `NeuronModel.own_kernel`."""
        cls = type(self)
        if cls._loop_kernel is None:
            cls._loop_kernel = compile_kernel(frame_source(self.definition))
        return cls._loop_kernel

    def coefficients(self) -> tuple[Any, ...]:
        """Return the time step and the parameters, see `NeuronModel.coefficients`."""
        return (self._dt, *self.parameters.values())

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters and time step (in ms) only; compile if that is worth it."""
        definition, cls = self.definition, type(self)
        longest = definition.max_substep
        self._dt = dt
        self.substeps = 1 if longest is None else max(1, math.ceil(dt / longest - 1e-9))
        hold = np.zeros(self.size) if definition.refractory is None else self.parameters[definition.refractory]
        self.refractory_steps = np.minimum(np.rint(hold / dt), np.iinfo(np.int32).max).astype(np.int64)
        if cls._reference is None:
            cls._reference = staticmethod(load_program(reference_source(definition), definition.functions))
        self._compiled = worth_it(self.size, 0)
        if self._compiled and cls._kernel is None:
            cls._kernel = staticmethod(compile_program(kernel_source(definition), definition.functions))

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.int64]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        step = type(self)._kernel if self._compiled else type(self)._reference
        assert step is not None
        current = np.zeros(self.size) if current is None else current
        arrays = (*self.state.values(), *self.parameters.values())
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # compiled code says nothing either
            fired: npt.NDArray[np.bool_] = step(
                self._dt,
                self.substeps,
                current,
                np.ascontiguousarray(arriving),
                self.refractory,
                self.refractory_steps,
                *arrays,
            )
        return fired.nonzero()[0]


def model_of(name: str, definition: Definition) -> type[DefinedModel]:
    """Return the model that a definition describes."""
    not_negative = () if definition.refractory is None else (at_least_zero(definition.refractory),)
    return type(
        name,
        (DefinedModel,),
        {
            "PARAMETERS": tuple(definition.parameters),
            "STATE": definition.states,
            "RULES": (finite(*definition.parameters), *not_negative),
            "definition": definition,
            "effort": _RUNGE_KUTTA_EFFORT if definition.method == "rk4" else 1,
        },
    )
