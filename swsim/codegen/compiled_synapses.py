"""Synapses whose rules a user has written in the compiled loop."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from ..base.arrays import Floats, Ints
from ..plasticity.compiled_pre_post import PRE_POST, CompiledPrePost, TwoSided
from ..synapses.compiled_group import HEADER, Arrivals, frame_length
from ..synapses.ring_buffer import RingBuffer
from .compiler import compile_synapse_kernel
from .synapse_definition import SynapseDefinition
from .synapse_source import kernel_arrays, kernel_event_source, kernel_source

__all__ = ["CompiledDefinition", "UserDefined", "kernel_of"]


class UserDefined(TwoSided, Protocol):
    """What it needs of its synapses, see `synapse_model.DefinedSynapses`."""

    sign: float

    @property
    def definition(self) -> SynapseDefinition:
        """The definition."""

    def past_arrays(self) -> dict[str, Any]:
        """Return the arrays of `synapse_source.kernel_arrays` that are no states, parameters or weights."""


def _names(definition: SynapseDefinition) -> tuple[str, ...]:
    return (*PRE_POST, "constants", *kernel_arrays(definition))


def kernel_of(definition: SynapseDefinition) -> Any:
    """Compile the kernel of a definition without Python functions; see `kernels.synapses.frame`."""
    names = _names(definition)
    words = dict(zip(names, range(len(HEADER), frame_length(names), 2), strict=True))
    events = {event.side: event for event in (definition.pre, definition.post) if event is not None}
    parts = {f"_take_{side}": kernel_event_source(definition, event) for side, event in events.items()}
    return compile_synapse_kernel(kernel_source(definition, words), parts)


class CompiledDefinition(CompiledPrePost):
    """Synapses of a `SynapseDefinition`, whose state stays where it is."""

    _group: UserDefined

    def __init__(self, group: UserDefined, bounds: Ints, buffer: RingBuffer, arrivals: Arrivals | None = None) -> None:
        self.ARRAYS = _names(group.definition)
        super().__init__(group, bounds, buffer, arrivals)

    def take(self) -> None:
        """See `CompiledGroup.take`."""
        super().take()
        group = self._group
        own: dict[str, Any] = {"constants": np.array([group.dt, group.sign]), "_weight": group.synapses.weight}
        own |= {f"_state_{name}": group.state[name] for name in group.definition.variables}
        own |= {f"_P_{name}": _contiguous(group.parameters[name]) for name in group.definition.parameters}
        for arrays in self._arrays:
            arrays |= own | {"_stream": group.stream} | group.past_arrays()


def _contiguous(values: Floats) -> Floats:
    return np.ascontiguousarray(values)
