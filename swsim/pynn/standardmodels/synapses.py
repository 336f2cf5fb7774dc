"""Standard synapse types, and the rules for weights and delays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pyNN import errors
from pyNN.standardmodels import synapses

from ...base.arrays import Floats
from ...plasticity.stdp import PairRule, SpikeTiming, VogelsRule
from ...plasticity.weight_dependence import WEIGHT_DEPENDENCES, WeightDependence
from ...synapses.dynamics import Dynamics
from ...synapses.edge_list import Synapses
from ...synapses.short_term import Quantal, Stochastic, TsodyksMarkram
from .. import simulator
from ..translations import identity_translations, same_names
from ..validation import check_weight

__all__ = [
    "AdditivePotentiationMultiplicativeDepression",
    "AdditiveWeightDependence",
    "ElectricalSynapse",
    "GutigWeightDependence",
    "MultiQuantalSynapse",
    "MultiplicativeWeightDependence",
    "STDPMechanism",
    "SimpleStochasticSynapse",
    "SpikePairRule",
    "StaticSynapse",
    "StochasticTsodyksMarkramSynapse",
    "SynapseType",
    "Timing",
    "TsodyksMarkramSynapse",
    "Vogels2011Rule",
]


class SynapseType:
    """The synapse type of a projection; mixed into PyNN's own classes.

    Without a delay a synapse takes ``min_delay``, or one step if that is 'auto'.
    """

    parameter_checks: ClassVar = {"weight": check_weight}
    parameter_space: Any
    is_static: ClassVar[bool] = False
    """True of synapses of fixed weight, which have no state."""
    is_electrical: ClassVar[bool] = False
    """True of gap junctions, which carry no spikes."""
    changes_weight: ClassVar[bool | None] = None
    """True of synapses whose weight is written anew at each spike of either neuron; None if that is not known."""
    engine: ClassVar[type[Dynamics] | None] = None
    """The engine's model of synapses that have a state."""
    fixed: ClassVar[Mapping[str, float]] = {}
    """Parameters of that model that the type does not have."""

    @property
    def takes_reward(self) -> bool:
        """True of synapses that `Projection.reward` changes; by default they are not."""
        return False

    def _get_minimum_delay(self) -> float:
        delay = simulator.state.configured_min_delay
        return simulator.state.dt if isinstance(delay, str) else delay

    def check(self, parameters: Mapping[str, Any]) -> None:
        """Raise ``ValueError`` naming the first rule that the parameters (besides weight and delay) break."""
        if self.engine is not None:
            self.engine.check({**parameters, **{n: np.asarray(v) for n, v in self.fixed.items()}})

    def build(
        self, synapses: Synapses, parameters: Mapping[str, Any], stream: npt.NDArray[np.uint64], *, negative: bool
    ) -> Dynamics:
        """Build the engine's synapses for parameters of shape (n,) each, weights at most 0 if ``negative``."""
        assert self.engine is not None
        fixed = {name: np.full(len(synapses), value) for name, value in self.fixed.items()}
        return self.engine(synapses, {**parameters, **fixed}, simulator.state.dt, stream)

    def follow_receptors(self, dynamics: Dynamics, tau_syn: Callable[[], Floats]) -> None:
        """Take over the receptors' time constants (ms), one for each synapse, before a run; by default nothing."""
        return


class StaticSynapse(SynapseType, synapses.StaticSynapse):
    """Connection of fixed weight and delay, see `SynapseType`."""

    is_static = True
    changes_weight = False
    translations = identity_translations(synapses.StaticSynapse)


class ElectricalSynapse(SynapseType, synapses.ElectricalSynapse):
    """Gap junction of fixed conductance (uS) between two neurons, see `gap_junctions.GapJunctions`."""

    is_electrical = True
    translations = identity_translations(synapses.ElectricalSynapse)


class TsodyksMarkramSynapse(SynapseType, synapses.TsodyksMarkramSynapse):
    """Facilitation and depression, see `short_term.TsodyksMarkram`."""

    translations = identity_translations(synapses.TsodyksMarkramSynapse)
    changes_weight = False
    engine = TsodyksMarkram

    def follow_receptors(self, dynamics: Dynamics, tau_syn: Callable[[], Floats]) -> None:
        """Take over the time constants, with which resources are inactivated: they may have been changed."""
        dynamics.parameters["tau_syn"] = tau_syn()


class SimpleStochasticSynapse(SynapseType, synapses.SimpleStochasticSynapse):
    """Synapse that fails at random, see `short_term.Stochastic`."""

    translations = identity_translations(synapses.SimpleStochasticSynapse)
    changes_weight = False
    engine = Stochastic


class StochasticTsodyksMarkramSynapse(SynapseType, synapses.StochasticTsodyksMarkramSynapse):
    """Facilitation and depression of a single release site, see `short_term.Quantal`."""

    translations = identity_translations(synapses.StochasticTsodyksMarkramSynapse)
    changes_weight = False
    engine = Quantal
    fixed: ClassVar = {"n": 1.0}


class MultiQuantalSynapse(SynapseType, synapses.MultiQuantalSynapse):
    """Facilitation and depression of ``n`` release sites, see `short_term.Quantal`."""

    translations = identity_translations(synapses.MultiQuantalSynapse)
    changes_weight = False
    engine = Quantal


class Timing:
    """A timing dependence of `STDPMechanism`; mixed into PyNN's own classes."""

    possible_models: ClassVar = {"stdp"}
    rule: ClassVar[type[SpikeTiming]]
    takes_reward: ClassVar[bool] = False


class _Dependence:
    possible_models: ClassVar = {"stdp"}
    dependence: ClassVar[WeightDependence]


class SpikePairRule(Timing, synapses.SpikePairRule):
    """All pairs of spikes, see `stdp.PairRule`."""

    translations = identity_translations(synapses.SpikePairRule)
    rule = PairRule


class Vogels2011Rule(Timing, synapses.Vogels2011Rule):
    """Symmetric rule with a target rate, see `stdp.VogelsRule`."""

    translations = identity_translations(synapses.Vogels2011Rule)
    rule = VogelsRule


class AdditiveWeightDependence(_Dependence, synapses.AdditiveWeightDependence):
    """Changes in units of ``w_max - w_min``, whatever the weight."""

    translations = identity_translations(synapses.AdditiveWeightDependence)
    dependence = WEIGHT_DEPENDENCES["additive"]


class MultiplicativeWeightDependence(_Dependence, synapses.MultiplicativeWeightDependence):
    """Potentiation in units of ``w_max - w``, depression of ``w - w_min``."""

    translations = identity_translations(synapses.MultiplicativeWeightDependence)
    dependence = WEIGHT_DEPENDENCES["multiplicative"]


class AdditivePotentiationMultiplicativeDepression(_Dependence, synapses.AdditivePotentiationMultiplicativeDepression):
    """Potentiation in units of ``w_max - w_min``, depression of ``w - w_min``."""

    translations = identity_translations(synapses.AdditivePotentiationMultiplicativeDepression)
    dependence = WEIGHT_DEPENDENCES["mixed"]


class GutigWeightDependence(_Dependence, synapses.GutigWeightDependence):
    """In units of ``w_max - w_min``, times a power of the distance from the bound: ``mu_plus`` and ``mu_minus``."""

    translations = identity_translations(synapses.GutigWeightDependence)
    dependence = WEIGHT_DEPENDENCES["gutig"]


class STDPMechanism(SynapseType, synapses.STDPMechanism):
    """Plasticity by spike timing, see `stdp.SpikeTiming`.

    ``timing_dependence`` and ``weight_dependence`` are needed; there is no voltage dependence.
    """

    base_translations = same_names(("weight", "delay", "dendritic_delay_fraction"))
    changes_weight = True

    def __init__(
        self,
        timing_dependence: Any = None,
        weight_dependence: Any = None,
        voltage_dependence: Any = None,
        dendritic_delay_fraction: float = 1.0,
        weight: Any = 0.0,
        delay: Any = None,
    ) -> None:
        for name, part, kind in (
            ("timing_dependence", timing_dependence, Timing),
            ("weight_dependence", weight_dependence, _Dependence),
        ):
            if not isinstance(part, kind):
                raise errors.InvalidModelError(f"{name} must be one of synaptile's, not {part!r}")
        if voltage_dependence is not None:
            raise errors.InvalidModelError(f"voltage_dependence must be None, not {voltage_dependence!r}")
        if not (isinstance(dendritic_delay_fraction, int | float) and 0 <= dendritic_delay_fraction <= 1):
            raise errors.InvalidParameterValueError(
                f"dendritic_delay_fraction must be in 0..1, not {dendritic_delay_fraction!r}"
            )
        super().__init__(timing_dependence, weight_dependence, None, dendritic_delay_fraction, weight, delay)

    @property
    def takes_reward(self) -> bool:
        """True with `RewardModulatedRule`."""
        takes: bool = self.timing_dependence.takes_reward
        return takes

    def _build_translations(self) -> None:
        self.translations = {
            **self.base_translations,
            **self.timing_dependence.translations,
            **self.weight_dependence.translations,
        }

    def check(self, parameters: Mapping[str, Any]) -> None:
        """Raise ``ValueError`` naming the first rule of the timing or weight dependence that the parameters break."""
        self.timing_dependence.rule.check(parameters)
        for rule in self.weight_dependence.dependence.rules:
            rule(parameters)

    def build(
        self, synapses: Synapses, parameters: Mapping[str, Any], stream: npt.NDArray[np.uint64], *, negative: bool
    ) -> Dynamics:
        """Build the engine's synapses of the timing dependence, with the weight dependence in it."""
        dependence = self.weight_dependence.dependence
        plastic: Dynamics = self.timing_dependence.rule(
            synapses, parameters, simulator.state.dt, stream, dependence, negative=negative
        )
        return plastic
