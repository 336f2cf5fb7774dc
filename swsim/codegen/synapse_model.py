"""Synapses whose rules a user has written: as NumPy calculates them, and compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats, Index
from ..base.parameter_rules import finite, fraction, positive
from ..base.random_streams import uniform
from ..kernels.policy import worth_it
from ..plasticity.pre_post import PrePost
from ..synapses.dynamics import LONG_AGO
from ..synapses.ring_buffer import RingBuffer
from .compiled_synapses import CompiledDefinition, kernel_of
from .compiler import compile_program, load_program
from .synapse_definition import SynapseDefinition
from .synapse_event import Event
from .synapse_source import event_source, factors_source, value_source

__all__ = ["DefinedSynapses", "synapses_of"]

_PER_NEURON = 20  # synapses that are as much work as a neuron


class DefinedSynapses(PrePost):
    """n synapses of a `SynapseDefinition`.

    The solution of an equation is taken from the last change of its variable, in one piece. Compiled code does the same
    operations in the same order, and gives the same bits.
    """

    COMPILED = CompiledDefinition
    definition: ClassVar[SynapseDefinition]
    _programs: ClassVar[dict[tuple[str, bool], Callable[..., Any]]]

    def forget(self) -> None:
        """Begin with the initial values of the definition."""
        super().forget()
        n, laws = len(self.synapses), self.definition.laws
        # When each variable was changed last, and its value before the spikes of that step.
        self._changed = {name: np.zeros(n, np.int64) for name in laws}
        self._before = {name: np.zeros(n) for name in laws}
        self._last = {side: np.full(n, LONG_AGO, np.int64) for side in ("pre", "post")}
        self._drawn = np.zeros(n, np.uint64)
        for name, value in self.definition.variables.items():
            self.initialize(name, np.full(n, value), 0)

    def prepare(self, tile: npt.NDArray[np.int32], buffer: RingBuffer) -> None:
        """Make ready as `PrePost.prepare`, and choose between compiled and NumPy code."""
        super().prepare(tile, buffer)
        self._delay = self.synapses.delay.astype(np.float64) * self.dt
        self._compiled = worth_it(len(self.synapses) // _PER_NEURON, 0)

    @property
    def has_kernel(self) -> bool:
        """True unless there is a Python function in the definition."""
        return not self.definition.functions

    def own_kernel(self) -> Any:
        """Return the definition as a kernel, compiled once in a process."""
        programs = type(self)._programs
        key = ("kernel", True)
        if key not in programs:
            programs[key] = kernel_of(self.definition)
        return programs[key]

    def past_arrays(self) -> dict[str, Any]:
        """Return what is known of the past, and delays in ms, under the names of `synapse_source.kernel_arrays`."""
        found: dict[str, Any] = {f"_last_{side}": steps for side, steps in self._last.items()}
        found |= {f"_changed_{name}": steps for name, steps in self._changed.items()}
        found |= {f"_before_{name}": values for name, values in self._before.items()}
        return found | {"_delay": self._delay, "_drawn": self._drawn}

    def initialize(self, name: str, values: Floats, step: int) -> None:
        """Set a state variable of all synapses at grid point ``step``, from which its equation goes on."""
        super().initialize(name, values, step)
        if name in self._changed:
            self._changed[name][:] = step
            self._before[name][:] = values

    def value(self, name: str, step: int) -> Floats:
        """A state variable of all synapses at grid point ``step``, by its equation."""
        if name not in self.definition.laws:
            return super().value(name, step)
        programs = type(self)._programs
        key = (f"value of {name}", False)
        if key not in programs:
            programs[key] = load_program(value_source(self.definition, name), ())
        own = [self.parameters[parameter] for parameter in self.definition.parameters]
        with np.errstate(all="ignore"):
            found: Floats = programs[key](self.dt, step, self.state[name], self._changed[name], *own)
        return found

    def fire(self, step: int, spikes: npt.NDArray[np.int32]) -> None:
        """Take spikes as `Dynamics.fire` does, if the rules look at postsynaptic ones."""
        if self.definition.post is not None:
            super().fire(step, spikes)

    def on_presynaptic(self, step: int, index: Index) -> Floats:
        """Run the rule for presynaptic spikes; return the weights that it sends."""
        sent: Floats = self._take(self.definition.pre, step, index)
        return sent

    def on_postsynaptic(self, step: int, index: Index) -> None:
        """Run the rule for postsynaptic spikes."""
        assert self.definition.post is not None
        self._take(self.definition.post, step, index)

    def _take(self, event: Event, step: int, index: Index) -> Any:
        own = [self.parameters[name] for name in self.definition.parameters]
        random = np.empty(0)
        if event.draws:
            random = uniform(self.stream[index], self._drawn[index])
            self._drawn[index] += np.uint64(1)
        state = [self.state[name] for name in self.definition.variables]
        past = [array for name in self.definition.laws for array in (self._changed[name], self._before[name])]
        with np.errstate(all="ignore"):  # compiled code says nothing either
            factors = self._program(event, "factors")(self.dt, step, index, *past, *own)
            result = self._program(event, "event")(
                self.dt, step, index, random, self.sign, self.synapses.weight, self._delay, self._last["pre"],
                self._last["post"], *state, *past, *factors, *own,
            )  # fmt: skip
        self._last[event.side][index] = step
        return result

    def _program(self, event: Event, kind: str) -> Callable[..., Any]:
        compiled = self._compiled and kind == "event"
        key = (f"{kind} {event.side}", compiled)
        programs, definition = type(self)._programs, self.definition
        if key not in programs:
            if kind == "factors":
                programs[key] = load_program(factors_source(definition, event), ())
            elif compiled:
                programs[key] = compile_program(event_source(definition, event, "numbers"), definition.functions)
            else:
                programs[key] = load_program(event_source(definition, event, "arrays"), definition.functions)
        return programs[key]


def synapses_of(name: str, definition: SynapseDefinition) -> type[DefinedSynapses]:
    """The synapses that a definition describes."""
    rules = [finite(*definition.parameters), positive(*definition.positive)]
    if definition.post is not None:
        rules.append(fraction("dendritic_delay_fraction"))
    return type(
        name,
        (DefinedSynapses,),
        {
            "PARAMETERS": (*definition.parameters, *(["dendritic_delay_fraction"] if definition.post else [])),
            "STATE": tuple(definition.variables),
            "RULES": tuple(rules),
            "definition": definition,
            "_programs": {},
        },
    )
