"""Plasticity that depends on the timing of spikes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats
from ..base.parameter_rules import Rule, at_least_zero, finite, positive
from ..synapses.dynamics import Index
from ..synapses.edge_list import Synapses
from .pre_post import PrePost
from .weight_dependence import WeightDependence

__all__ = ["PairRule", "SpikeTiming", "VogelsRule"]

_NEVER = -(2**40)


class SpikeTiming(PrePost):
    """Weights that change with every spike on either side, by traces of the spikes on the other.

    All pairs count but those that are at the synapse at the same step, see `PrePost`. A presynaptic spike acts with
    the weight it finds and changes. Where inhibition is a current, and weights negative, all rules and bounds are about
    the size of the weight.
    """

    TAUS: ClassVar[Mapping[str, str]]
    """The parameters that are the time constants of the traces: of those called ``pre`` and ``post``, and of any whose
    names begin so, which follow the spikes of that side too."""

    def __init__(
        self,
        synapses: Synapses,
        parameters: Mapping[str, Floats],
        dt: float,
        stream: npt.NDArray[np.uint64],
        dependence: WeightDependence,
        *,
        negative: bool = False,
    ) -> None:
        super().__init__(synapses, parameters, dt, stream)
        self.dependence = dependence
        self._sign = -1.0 if negative else 1.0
        n = len(synapses)
        # The trace of either side without its last spike, and the step of that: a spike does not pair with itself
        # nor with one at the same step.
        self._traces = {side: (np.zeros(n), np.full(n, _NEVER, np.int64)) for side in self.TAUS}

    def restart(self) -> None:
        """See `Dynamics.restart`."""
        super().restart()
        for trace, last in self._traces.values():
            trace[:] = 0.0
            last[:] = _NEVER

    def trace(self, name: str, step: int, index: Index) -> Floats:
        """What the spikes before ``step`` of the side that a trace follows have left at those synapses."""
        trace, last = self._traces[name]
        before = last[index]
        left = self._left(trace[index]) * np.exp((before - step) * self.dt / self.parameters[self.TAUS[name]][index])
        return np.where(before == step, trace[index], left)

    def _left(self, trace: Floats) -> Floats:
        """The height of a trace after a spike that found it at ``trace``: all spikes count."""
        return trace + 1.0

    def _leave(self, side: str, step: int, index: Index) -> None:
        for name, (trace, last) in self._traces.items():
            if name.startswith(side):
                trace[index] = self.trace(name, step, index)
                last[index] = step

    def on_presynaptic(self, step: int, index: Index) -> Floats:
        """See `PrePost.on_presynaptic`."""
        self._change(step, index, self.on_pre(step, index))
        self._leave("pre", step, index)
        weight: Floats = self.synapses.weight[index]
        return weight

    def on_postsynaptic(self, step: int, index: Index) -> None:
        """See `PrePost.on_postsynaptic`."""
        self._change(step, index, self.on_post(step, index))
        self._leave("post", step, index)

    def size(self, index: Index) -> Floats:
        """The weights of those synapses without their sign."""
        return self._sign * self.synapses.weight[index]

    def local(self, index: Index) -> dict[str, Floats]:
        """The parameters of those synapses."""
        return {name: values[index] for name, values in self.parameters.items()}

    def _change(self, step: int, index: Index, change: Floats) -> None:
        """Take what a spike at ``step`` changes: the sizes of weights, within their bounds."""
        changed = change != 0
        index, change = index[changed], change[changed]
        weight = self.size(index) + change
        low, high = self.parameters["w_min"][index], self.parameters["w_max"][index]
        self.synapses.weight[index] = self._sign * np.clip(weight, low, high)

    @abstractmethod
    def on_pre(self, step: int, index: Index) -> Floats:
        """The change of the weights at a presynaptic spike at ``step``."""

    @abstractmethod
    def on_post(self, step: int, index: Index) -> Floats:
        """The change of the weights at a postsynaptic spike at ``step``."""


class PairRule(SpikeTiming):
    """`SpikePairRule`: pre before post by t adds ``A_plus exp(-t/tau_plus)``, post before pre ``-A_minus ...``.

    Both are times what the weight dependence says. Source: Song, Miller and Abbott (2000), Nat. Neurosci. 3:919,
    equation 1, all pairs.
    """

    PARAMETERS: ClassVar = (*SpikeTiming.PARAMETERS, "tau_plus", "tau_minus", "A_plus", "A_minus")
    TAUS: ClassVar = {"pre": "tau_plus", "post": "tau_minus"}
    RULES: ClassVar[tuple[Rule, ...]] = (positive("tau_plus", "tau_minus"), finite("A_plus", "A_minus"))

    def on_pre(self, step: int, index: Index) -> Floats:
        """See `SpikeTiming.on_pre`."""
        p = self.local(index)
        return -p["A_minus"] * self.trace("post", step, index) * self.dependence.down(self.size(index), p)

    def on_post(self, step: int, index: Index) -> Floats:
        """See `SpikeTiming.on_post`."""
        p = self.local(index)
        return p["A_plus"] * self.trace("pre", step, index) * self.dependence.up(self.size(index), p)


class VogelsRule(SpikeTiming):
    """`Vogels2011Rule`: near-coincident spikes add, and presynaptic spikes alone subtract.

    Every pair adds ``eta exp(-|t|/tau)``, and every presynaptic spike ``-eta 2 rho tau``, with the target rate ``rho``
    in Hz. Source: Vogels et al. (2011), Science 334:1569, equation 1. The weight dependence only bounds the weight.
    """

    PARAMETERS: ClassVar = (*SpikeTiming.PARAMETERS, "tau", "eta", "rho")
    TAUS: ClassVar = {"pre": "tau", "post": "tau"}
    RULES: ClassVar = (positive("tau"), finite("eta"), at_least_zero("rho"), finite("rho"))

    def on_pre(self, step: int, index: Index) -> Floats:
        """See `SpikeTiming.on_pre`."""
        p = self.local(index)
        return p["eta"] * (self.trace("post", step, index) - 2.0 * p["rho"] * p["tau"] / 1000.0)

    def on_post(self, step: int, index: Index) -> Floats:
        """See `SpikeTiming.on_post`."""
        return self.parameters["eta"][index] * self.trace("pre", step, index)
