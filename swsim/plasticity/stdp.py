"""Plasticity that depends on the timing of spikes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats, Index, Ints
from ..base.decay import Decay
from ..base.parameter_rules import Rule, at_least_zero, finite, positive
from ..synapses.dynamics import LONG_AGO
from ..synapses.edge_list import Synapses
from ..synapses.ring_buffer import RingBuffer
from .compiled_pre_post import Side
from .compiled_timing import SLOT, CompiledTiming
from .pre_post import PrePost
from .weight_dependence import WEIGHT_DEPENDENCES, WeightDependence

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
    RULE_PARAMETERS: ClassVar[tuple[str, ...]] = ()
    """Those that the kernel takes, besides the ones of the weight dependence."""
    FORM: ClassVar[int] = 0
    """Which of the rules that share a kernel it is."""
    COMPILED = CompiledTiming

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
        self._last: dict[Side, Ints] = {"pre": np.full(n, LONG_AGO, np.int64), "post": np.full(n, LONG_AGO, np.int64)}

    @property
    def kernel(self) -> str | None:
        """See `Dynamics.kernel`; None with a weight dependence of one's own."""
        known = any(self.dependence is dependence for dependence in WEIGHT_DEPENDENCES.values())
        return super().kernel if known else None

    def shared_by(self, side: Side) -> list[Floats | Ints]:
        """Return the arrays that synapses must have in common to have the traces of a side in common."""
        names = [name for name in self.TAUS if _side(name) == side]
        taus = [self.parameters[self.TAUS[name]] for name in names]
        return [self._last[side], *taus, *(part[name] for part in (self._before, self._after) for name in names)]

    def traces(self, name: str, index: Index) -> Floats:
        """Return a trace of those synapses, shape (index, 4), see `compiled_timing.SLOT`."""
        found = np.empty((len(index), len(SLOT)))
        found.view(np.int64)[:, 0] = self._last[_side(name)][index]
        found[:, 1:3] = np.column_stack([self._before[name][index], self._after[name][index]])
        found[:, 3] = self.parameters[self.TAUS[name]][index]
        return found

    def set_traces(self, name: str, index: Index, values: Floats) -> None:
        """Set a trace to what `traces` has returned, but for the step of the last spike if it is not a side's first."""
        if name == _side(name):
            self._last[_side(name)][index] = values.view(np.int64)[:, 0]
        self._before[name][index], self._after[name][index] = values[:, 1], values[:, 2]

    def own_arrays(self) -> dict[str, Any]:
        """Return the further arrays of `compiled_timing.ARRAYS`, which the kernel works on where they are."""
        return {"event": np.empty(0, np.int64)} | {name: np.empty(0) for name in ("base", "eligibility", "reward")}

    def prepare(self, tile: npt.NDArray[np.int32], buffer: RingBuffer) -> None:
        """Make ready as `PrePost.prepare`, with the time constants as they are now."""
        super().prepare(tile, buffer)
        self.decays = {name: Decay(self.parameters[tau], self.dt) for name, tau in self.TAUS.items()}

    def trace(self, name: str, step: int, index: Index) -> Floats:
        """Return a trace at those synapses just before ``step``: the rest of the spikes of the side that it follows."""
        now = self._last[_side(name)][index] == step
        return np.where(now, self._before[name][index], self.present(name, step, index))

    def present(self, name: str, step: int, index: Index) -> Floats:
        """Return a trace at those synapses with the spikes at ``step`` so far, for a spike of the same side."""
        elapsed = step - self._last[_side(name)][index]
        left: Floats = self._after[name][index] * self.decays[name].factors(elapsed, index)
        return left

    def _left(self, trace: Floats) -> Floats:
        """Return the height of a trace after a spike that found it at ``trace``: all spikes count."""
        return trace + 1.0

    def _leave(self, side: Side, step: int, index: Index) -> None:
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
        self.bring_up(step, index)
        self._change(step, index, self.on_pre(step, index))
        self._leave("pre", step, index)
        weight: Floats = self.synapses.weight[index]
        return weight

    def on_postsynaptic(self, step: int, index: Index) -> None:
        """Change the weights."""
        self.bring_up(step, index)
        self._change(step, index, self.on_post(step, index))
        self._leave("post", step, index)

    def bring_up(self, step: int, index: Index) -> None:
        """Bring the weights of those synapses up to ``step``, before a spike changes them; by default they are."""
        return

    def local(self, index: Index) -> dict[str, Floats]:
        """Return the parameters of those synapses."""
        return {name: values[index] for name, values in self.parameters.items()}

    def _change(self, step: int, index: Index, change: Floats) -> None:
        """Add the change by a spike at ``step`` to the sizes of weights, within their bounds."""
        changed = change != 0
        index, change = index[changed], change[changed]
        weight = self.size(index) + change
        low, high = self.parameters["w_min"][index], self.parameters["w_max"][index]
        self.synapses.weight[index] = self.sign * np.clip(weight, low, high)

    @abstractmethod
    def on_pre(self, step: int, index: Index) -> Floats:
        """Return the change of the weights at a presynaptic spike at ``step``."""

    @abstractmethod
    def on_post(self, step: int, index: Index) -> Floats:
        """Return the change of the weights at a postsynaptic spike at ``step``."""


def _side(name: str) -> Side:
    """Return the side whose spikes a trace follows."""
    return "pre" if name.startswith("pre") else "post"


class PairRule(SpikeTiming):
    """`SpikePairRule`: pre before post by t adds ``A_plus exp(-t/tau_plus)``, post before pre ``-A_minus ...``.

    Both are multiplied by the weight dependence. Source: Song, Miller and Abbott (2000), Nat. Neurosci. 3:919,
    equation 1, all pairs.
    """

    PARAMETERS: ClassVar = (*SpikeTiming.PARAMETERS, "tau_plus", "tau_minus", "A_plus", "A_minus")
    TAUS: ClassVar = {"pre": "tau_plus", "post": "tau_minus"}
    KERNEL = "spike_timing"
    RULE_PARAMETERS: ClassVar[tuple[str, ...]] = ("A_plus", "A_minus")
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
    KERNEL = "spike_timing"
    RULE_PARAMETERS: ClassVar[tuple[str, ...]] = ("eta", "rho", "tau")
    FORM = 2
    RULES: ClassVar = (positive("tau"), finite("eta"), at_least_zero("rho"), finite("rho"))

    def on_pre(self, step: int, index: Index) -> Floats:
        """Return the potentiation by the postsynaptic spikes before, less that of the target rate."""
        p = self.local(index)
        return p["eta"] * (self.trace("post", step, index) - 2.0 * p["rho"] * p["tau"] / 1000.0)

    def on_post(self, step: int, index: Index) -> Floats:
        """Return the potentiation by the presynaptic spikes before."""
        return self.parameters["eta"][index] * self.trace("pre", step, index)
