"""Plasticity that depends on the timing of spikes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats, Index
from ..base.parameter_rules import Rule, at_least_zero, finite, positive
from ..synapses.dynamics import LONG_AGO
from ..synapses.edge_list import Synapses
from .pre_post import PrePost
from .weight_dependence import WeightDependence

__all__ = ["PairRule", "SpikeTiming", "VogelsRule"]


class SpikeTiming(PrePost):
    """Weights that change with every spike on either side, by traces of the spikes on the other.

    All pairs count but those that are at the synapse at the same step, see `PrePost`. A presynaptic spike acts with
    the weight it finds and changes. Several spikes of one side at one step are taken one after the other: each changes
    the weight that the one before has left, and each counts in the traces.
    """

    TAUS: ClassVar[Mapping[str, str]]
    """The parameters that are the time constants of the traces: of those called ``pre`` and ``post``, and of any whose
    first word is one of these, which follow the spikes of that side too."""

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
        self.dependence = dependence
        super().__init__(synapses, parameters, dt, stream, negative=negative)

    def forget(self) -> None:
        """Begin with traces of 0."""
        super().forget()
        n = len(self.synapses)
        # The traces without the spikes of their last step, for those that do not pair with these, and with them; and
        # that step.
        self._before = {name: np.zeros(n) for name in self.TAUS}
        self._after = {name: np.zeros(n) for name in self.TAUS}
        self._last = {side: np.full(n, LONG_AGO, np.int64) for side in ("pre", "post")}

    def trace(self, name: str, step: int, index: Index) -> Floats:
        """Return a trace at those synapses just before ``step``: the rest of the spikes of the side that it follows."""
        now = self._last[_side(name)][index] == step
        return np.where(now, self._before[name][index], self.present(name, step, index))

    def present(self, name: str, step: int, index: Index) -> Floats:
        """Return a trace at those synapses with the spikes at ``step`` so far, for a spike of the same side."""
        elapsed = (self._last[_side(name)][index] - step) * self.dt
        left: Floats = self._after[name][index] * np.exp(elapsed / self.parameters[self.TAUS[name]][index])
        return left

    def _left(self, trace: Floats) -> Floats:
        """Return the height of a trace after a spike that found it at ``trace``: all spikes count."""
        return trace + 1.0

    def _leave(self, side: str, step: int, index: Index) -> None:
        """Take a spike of a side into its traces."""
        now = self._last[side][index] == step
        for name in self.TAUS:
            if _side(name) == side:
                found = self.present(name, step, index)
                self._before[name][index] = np.where(now, self._before[name][index], found)
                self._after[name][index] = self._left(found)
        self._last[side][index] = step

    def on_presynaptic(self, step: int, index: Index) -> Floats:
        """Change the weights, then send them."""
        self._change(step, index, self.on_pre(step, index))
        self._leave("pre", step, index)
        weight: Floats = self.synapses.weight[index]
        return weight

    def on_postsynaptic(self, step: int, index: Index) -> None:
        """Change the weights."""
        self._change(step, index, self.on_post(step, index))
        self._leave("post", step, index)

    def local(self, index: Index) -> dict[str, Floats]:
        """Return the parameters of those synapses."""
        return {name: values[index] for name, values in self.parameters.items()}

    def _change(self, step: int, index: Index, change: Floats) -> None:
        """Add the change by a spike at ``step`` to the sizes of weights, within their bounds."""
        changed = change != 0
        index, change = index[changed], change[changed]
        weight = self.size(index) + change
        low, high = self.parameters["w_min"][index], self.parameters["w_max"][index]
        self.synapses.weight[index] = self._sign * np.clip(weight, low, high)

    @abstractmethod
    def on_pre(self, step: int, index: Index) -> Floats:
        """Return the change of the weights at a presynaptic spike at ``step``."""

    @abstractmethod
    def on_post(self, step: int, index: Index) -> Floats:
        """Return the change of the weights at a postsynaptic spike at ``step``."""


def _side(name: str) -> str:
    """Return the side whose spikes a trace follows."""
    return name.partition(" ")[0]


class PairRule(SpikeTiming):
    """`SpikePairRule`: pre before post by t adds ``A_plus exp(-t/tau_plus)``, post before pre ``-A_minus ...``.

    Both are multiplied by the weight dependence. Source: Song, Miller and Abbott (2000), Nat. Neurosci. 3:919,
    equation 1, all pairs.
    """

    PARAMETERS: ClassVar = (*SpikeTiming.PARAMETERS, "tau_plus", "tau_minus", "A_plus", "A_minus")
    TAUS: ClassVar = {"pre": "tau_plus", "post": "tau_minus"}
    RULES: ClassVar[tuple[Rule, ...]] = (positive("tau_plus", "tau_minus"), finite("A_plus", "A_minus"))

    def on_pre(self, step: int, index: Index) -> Floats:
        """Return the depression by the postsynaptic spikes before."""
        p = self.local(index)
        return -p["A_minus"] * self.trace("post", step, index) * self.dependence.down(self.size(index), p)

    def on_post(self, step: int, index: Index) -> Floats:
        """Return the potentiation by the presynaptic spikes before."""
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
        """Return the potentiation by the postsynaptic spikes before, less that of the target rate."""
        p = self.local(index)
        return p["eta"] * (self.trace("post", step, index) - 2.0 * p["rho"] * p["tau"] / 1000.0)

    def on_post(self, step: int, index: Index) -> Floats:
        """Return the potentiation by the presynaptic spikes before."""
        return self.parameters["eta"][index] * self.trace("pre", step, index)
