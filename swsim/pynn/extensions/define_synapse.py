"""Synapse types from rules in text or as Python functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pyNN.models import BaseSynapseType
from pyNN.parameters import ParameterSpace

from ...codegen.neuron_definition import Code
from ...codegen.synapse_definition import SynapseDefinition
from ...codegen.synapse_model import DefinedSynapses, synapses_of
from ...synapses.dynamics import Dynamics
from ...synapses.edge_list import Synapses
from .. import simulator
from ..standardmodels.synapses import SynapseType
from ..translations import same_names
from .define_cell import DefinitionError

__all__ = ["NativeSynapse", "define_synapse"]


class NativeSynapse(SynapseType, BaseSynapseType):
    """A synapse type whose parameters are those of the engine's model."""

    engine: ClassVar[type[DefinedSynapses]]
    translations: ClassVar[Mapping[str, Any]]
    """As connectors ask for: every parameter has its own name."""

    def get_schema(self) -> dict[str, type]:
        """Return the types of all parameters by name."""
        return dict.fromkeys(self.default_parameters, float)

    @property
    def native_parameters(self) -> ParameterSpace:
        """All parameters."""
        return ParameterSpace(dict(self.parameter_space.items()), self.get_schema(), self.parameter_space.shape)

    def get_native_names(self, *names: str) -> list[str]:
        """Return the names as they are; all if none are given."""
        return list(names or self.default_parameters)

    def build(
        self, synapses: Synapses, parameters: Mapping[str, Any], stream: npt.NDArray[np.uint64], *, negative: bool
    ) -> Dynamics:
        """Build the synapses of the definition."""
        return self.engine(synapses, parameters, simulator.state.dt, stream, negative=negative)


def define_synapse(
    name: str,
    *,
    parameters: Mapping[str, float],
    variables: Mapping[str, float] | None = None,
    equations: str = "",
    on_pre: Code = "",
    on_post: Code = "",
    transmit: str | Callable[..., Any] = "w",
    positive: Sequence[str] = (),
) -> type[NativeSynapse]:
    """A synapse type with its own plasticity, to be used in a `Projection` like any other.

    Parameters
    ----------
    name
        Of the type.
    parameters, variables, equations, on_pre, on_post, transmit, positive
        See `synapse_definition.SynapseDefinition`. Besides ``parameters`` the type has ``weight`` and ``delay``, and
        with ``on_post`` ``dendritic_delay_fraction``, 1 by default, as `STDPMechanism` has it. ``variables`` may be
        set by `Projection.initialize`.

    Raises
    ------
    DefinitionError
        If the definition is wrong, with the text and the rule.
    """
    try:
        definition = SynapseDefinition(
            dict(parameters), dict(variables or {}), equations, on_pre, on_post, transmit, tuple(positive)
        )
    except ValueError as error:
        raise DefinitionError(str(error)) from None
    defaults: dict[str, Any] = {"weight": 0.0, "delay": None}
    defaults |= {key: float(value) for key, value in parameters.items()}
    if definition.post is not None:
        defaults["dendritic_delay_fraction"] = 1.0
    attributes: dict[str, Any] = {
        "__doc__": f"{name}, defined by rules.",
        "default_parameters": defaults,
        "default_initial_values": dict(definition.variables),
        "translations": same_names(defaults),
        "engine": synapses_of(name, definition),
    }
    return type(name, (NativeSynapse,), attributes)
