"""Neurons put together from a membrane and named receptors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pyNN import errors
from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import cells, receptors

from ...neurons.adex import AdEx, exponential
from ...neurons.lif import CondExp, CurrExp, leaky
from ...neurons.receptors import Receptor, Shape
from ..translations import identity_translations, same_names
from .cells import ModelCell

__all__ = [
    "LIF",
    "AdExp",
    "AlphaPSR",
    "BetaPSR",
    "CondAlphaPostSynapticResponse",
    "CondBetaPostSynapticResponse",
    "CondExpPostSynapticResponse",
    "CurrExpPostSynapticResponse",
    "ExpPSR",
    "PointNeuron",
]


class LIF(cells.LIF):
    """Leaky membrane for `PointNeuron`, see `lif.leaky`."""

    translations = identity_translations(cells.LIF)
    model = staticmethod(leaky)


class AdExp(cells.AdExp):
    """Adaptive exponential membrane for `PointNeuron`, see `adex.exponential`."""

    translations = identity_translations(cells.AdExp)
    model = staticmethod(exponential)


class _Response:
    """A receptor as `PointNeuron` needs it; ``locations`` mean nothing on a point."""

    shape: ClassVar[Shape]
    recordable: ClassVar[list[str]]
    default_initial_values: ClassVar[Mapping[str, float]]
    scale_factors: ClassVar[Mapping[str, float]] = {}
    rise: ClassVar[str | None] = None
    decay: ClassVar[str] = "tau_syn"
    reversal: ClassVar[str | None] = "e_syn"

    def receptor(self, label: str) -> Receptor:
        """Return the engine's receptor, with parameters and variable named ``label.name``."""
        return Receptor(
            self.shape,
            f"{label}.{self.recordable[0]}",
            f"{label}.{self.decay}",
            None if self.rise is None else f"{label}.{self.rise}",
            None if self.reversal is None else f"{label}.{self.reversal}",
        )


class CurrExpPostSynapticResponse(_Response, receptors.CurrExpPostSynapticResponse):
    """Current with exponential decay."""

    translations = identity_translations(receptors.CurrExpPostSynapticResponse)
    recordable = ["isyn"]
    shape: ClassVar[Shape] = "exp"
    reversal = None


class CondExpPostSynapticResponse(_Response, receptors.CondExpPostSynapticResponse):
    """Conductance with exponential decay."""

    translations = identity_translations(receptors.CondExpPostSynapticResponse)
    recordable = ["gsyn"]
    shape: ClassVar[Shape] = "exp"


class CondAlphaPostSynapticResponse(_Response, receptors.CondAlphaPostSynapticResponse):
    """Alpha-shaped conductance whose peak is the weight."""

    translations = identity_translations(receptors.CondAlphaPostSynapticResponse)
    recordable = ["gsyn"]
    shape: ClassVar[Shape] = "alpha"


class CondBetaPostSynapticResponse(_Response, receptors.CondBetaPostSynapticResponse):
    """Conductance that is the difference of two exponentials, and whose peak is the weight."""

    translations = identity_translations(receptors.CondBetaPostSynapticResponse)
    recordable = ["gsyn"]
    shape: ClassVar[Shape] = "beta"
    rise = "tau_rise"
    decay = "tau_decay"


ExpPSR = CondExpPostSynapticResponse
AlphaPSR = CondAlphaPostSynapticResponse
BetaPSR = CondBetaPostSynapticResponse


class PointNeuron(ModelCell, cells.PointNeuron):
    """A membrane (`LIF`, `AdExp`) with any number of named receptors, all currents or all conductances.

    The parameters and variables of a receptor are called ``label.name``, as in ``population.get("AMPA.tau_syn")``.
    """

    def __init__(self, neuron: Any, **post_synaptic_receptors: Any) -> None:
        if not isinstance(neuron, LIF | AdExp):
            raise TypeError(f"the membrane must be synaptile's LIF or AdExp, not a {type(neuron).__qualname__}")
        for label, response in post_synaptic_receptors.items():
            if not isinstance(response, _Response):
                raise TypeError(
                    f"{label} must be one of synaptile's postsynaptic responses, such as ExpPSR, "
                    f"not a {type(response).__qualname__}"
                )
        if not post_synaptic_receptors:
            raise errors.InvalidModelError("PointNeuron must have at least one receptor")
        if len({response.conductance_based for response in post_synaptic_receptors.values()}) > 1:
            raise errors.InvalidModelError("receptors of a PointNeuron must be all currents or all conductances")
        super().__init__(neuron, **post_synaptic_receptors)
        own = {f"{label}.{name}": value for label, name, value in self._of_receptors("parameter_space")}
        self.default_parameters = neuron.default_parameters | {
            f"{label}.{name}": psr.default_parameters[name]
            for label, psr in post_synaptic_receptors.items()
            for name in psr.default_parameters
            if name != "locations"
        }
        self.parameter_space = ParameterSpace(
            {**dict(neuron.parameter_space.items()), **own}, self.get_schema(), component=type(self)
        )
        self.translations = same_names(self.default_parameters)
        parts = tuple(self.post_synaptic_receptors[label].receptor(label) for label in self.receptor_types)
        self.model = neuron.model(parts)

    @classmethod
    def methods(cls) -> tuple[str, ...]:
        """Return all methods of integration that some membrane has."""
        return tuple(dict.fromkeys((*CurrExp.METHODS, *CondExp.METHODS, *AdEx.METHODS)))

    def _of_receptors(self, attribute: str) -> list[tuple[str, str, Any]]:
        return [
            (label, name, value)
            for label, psr in self.post_synaptic_receptors.items()
            for name, value in getattr(psr, attribute).items()
            if name != "locations"
        ]

    def get_schema(self) -> dict[str, type]:
        """Return the types of all parameters by name."""
        return {name: type(value) for name, value in self.default_parameters.items()}

    def get_parameter_names(self) -> list[str]:
        """Return the names of all parameters."""
        return list(self.default_parameters)

    def has_parameter(self, name: str) -> bool:
        """Return whether there is a parameter of that name."""
        return name in self.default_parameters

    @property
    def native_parameters(self) -> ParameterSpace:
        """All parameters, under the same names."""
        return self.translate(self.parameter_space)

    def get_native_names(self, *names: str) -> list[str]:
        """Return the same names; all if none are given."""
        return list(names or self.default_parameters)

    def simple_parameters(self) -> list[str]:
        """Return all parameters: none is translated."""
        return list(self.default_parameters)

    def scaled_parameters(self) -> list[str]:
        """Return none."""
        return []

    def computed_parameters(self) -> list[str]:
        """Return none."""
        return []

    def computed_parameters_include(self, parameter_names: Any) -> bool:
        """Return False: none is computed."""
        return False

    def translate(self, parameters: ParameterSpace, copy: bool = True) -> ParameterSpace:
        """Return the same parameters, without a schema."""
        return ParameterSpace(dict(parameters.items()), shape=parameters.shape)

    def reverse_translate(self, native_parameters: ParameterSpace) -> ParameterSpace:
        """Return the same parameters."""
        return ParameterSpace(dict(native_parameters.items()), self.get_schema(), native_parameters.shape)
