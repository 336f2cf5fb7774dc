"""Cell types that PyNN does not have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pyNN.models import BaseCellType
from pyNN.parameters import ParameterSpace

from ...neurons.fixed_point import FixedPointCurrentLIF as FixedPointCurrentModel
from ...neurons.fixed_point import FixedPointLIF as FixedPointModel
from ...neurons.fixed_point import FixedPointTwoCurrentLIF as FixedPointTwoCurrentModel
from ...neurons.izhikevich import Izhikevich9 as NineModel
from ...neurons.truenorth import AXON_TYPES
from ...neurons.truenorth import TrueNorth as TrueNorthModel
from ..standardmodels.cells import ModelCell

__all__ = [
    "FixedPointCurrentLIF",
    "FixedPointLIF",
    "FixedPointTwoCurrentLIF",
    "Izhikevich9",
    "NativeCell",
    "TrueNorthNeuron",
]


class NativeCell(ModelCell, BaseCellType):
    """A cell type whose parameters are those of the engine's model, in its units."""

    receptor_types: ClassVar = ["excitatory", "inhibitory"]
    conductance_based = False
    units: ClassVar[Mapping[str, str]] = {}

    @property
    def native_parameters(self) -> ParameterSpace:
        """All parameters, untranslated."""
        return ParameterSpace(dict(self.parameter_space.items()), shape=self.parameter_space.shape)

    def get_native_names(self, *names: str) -> list[str]:
        """Return the same names; all if none are given."""
        return list(names or self.default_parameters)

    def computed_parameters_include(self, parameter_names: Any) -> bool:
        """Return False: none is computed."""
        return False


class Izhikevich9(NativeCell):
    """Izhikevich's neuron with nine parameters, see `izhikevich.Izhikevich9`; by default a regular spiking cell."""

    default_parameters: ClassVar = {
        "C": 100.0, "k": 0.7, "v_r": -60.0, "v_t": -40.0, "v_peak": 35.0, "a": 0.03, "b": -2.0, "c": -50.0, "d": 100.0,
        "i_offset": 0.0,
    }  # fmt: skip
    default_initial_values: ClassVar = {"v": -60.0, "u": 0.0}
    units: ClassVar = {"v": "mV", "u": "pA"}
    voltage_based_synapses = True
    model = NineModel


class FixedPointLIF(NativeCell):
    """The neuron of a neuromorphic core in whole numbers, see `fixed_point.FixedPointLIF`; it takes whole weights
    only."""

    default_parameters: ClassVar = {
        "bits": 16.0, "leak_shift": 4.0, "bias": 0.0, "v_thresh": 1024.0, "v_reset": 0.0, "subtract": 0.0,
        "refractory": 0.0,
    }  # fmt: skip
    default_initial_values: ClassVar = {"v": 0.0}
    units: ClassVar = {"v": "dimensionless"}
    injectable = False
    whole_weights = True
    model = FixedPointModel


class FixedPointCurrentLIF(NativeCell):
    """The neuron of a neuromorphic core with a synaptic current, in whole numbers, see
    `fixed_point.FixedPointCurrentLIF`; it takes whole weights only."""

    default_parameters: ClassVar = {
        "bits": 24.0, "u_decay": 512.0, "v_decay": 128.0, "weight_shift": 6.0, "bias": 0.0, "v_thresh": 65536.0,
        "v_reset": 0.0, "subtract": 0.0, "refractory": 0.0,
    }  # fmt: skip
    default_initial_values: ClassVar = {"v": 0.0, "u": 0.0}
    units: ClassVar = {"v": "dimensionless", "u": "dimensionless"}
    injectable = False
    whole_weights = True
    model = FixedPointCurrentModel


class FixedPointTwoCurrentLIF(NativeCell):
    """The neuron of a neuromorphic core with two synaptic currents, in whole numbers, see
    `fixed_point.FixedPointTwoCurrentLIF`; it takes whole weights only."""

    default_parameters: ClassVar = {
        "bits": 24.0, "u_decay_exc": 512.0, "u_decay_inh": 512.0, "v_decay": 128.0, "weight_shift": 6.0, "bias": 0.0,
        "v_thresh": 65536.0, "v_reset": 0.0, "subtract": 0.0, "refractory": 0.0,
    }  # fmt: skip
    default_initial_values: ClassVar = {"v": 0.0, "u_exc": 0.0, "u_inh": 0.0}
    units: ClassVar = {"v": "dimensionless", "u_exc": "dimensionless", "u_inh": "dimensionless"}
    injectable = False
    whole_weights = True
    model = FixedPointTwoCurrentModel


class TrueNorthNeuron(NativeCell):
    """IBM TrueNorth's neuron, see `truenorth.TrueNorth`.

    Its receptors ``type0`` to ``type3`` are the types of axons, for each of which it has a weight of its own; synapses
    are there or not, with a weight of 1 or 0. Where something is random, give each neuron a seed of its own.
    """

    default_parameters: ClassVar = {
        "bits": 20.0, "weight_0": 1.0, "weight_1": 1.0, "weight_2": -1.0, "weight_3": -1.0, "stochastic_weights": 0.0,
        "leak": 0.0, "leak_reversal": 0.0, "stochastic_leak": 0.0, "threshold": 1.0, "negative_threshold": 0.0,
        "mask": 0.0, "reset": 0.0, "reset_mode": 0.0, "saturate": 1.0, "seed": 1.0,
    }  # fmt: skip
    default_initial_values: ClassVar = {"v": 0.0}
    units: ClassVar = {"v": "dimensionless"}
    receptor_types: ClassVar = [f"type{kind}" for kind in range(AXON_TYPES)]
    injectable = False
    whole_weights = True
    binary_weights = True
    model = TrueNorthModel
