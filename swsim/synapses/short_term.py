"""Short-term plasticity and synapses that fail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ..base.arrays import Floats
from ..base.parameter_rules import at_least_zero, finite, positive, require
from ..base.random_streams import uniform
from ..integration.exact import psc_propagator
from .dynamics import Dynamics, Index
from .ring_buffer import RingBuffer

__all__ = ["Quantal", "Stochastic", "TsodyksMarkram"]


def _fraction(name: str) -> Any:
    def check(parameters: Mapping[str, Any]) -> None:
        values = parameters[name]
        require(name, values, (values >= 0) & (values <= 1), "in 0..1")

    return check


_USE_RULES = (_fraction("U"), positive("tau_rec"), at_least_zero("tau_facil"), finite("tau_facil"))


def _use(previous: Floats, elapsed: Floats, parameters: Mapping[str, Floats], index: Index) -> Floats:
    """The use of resources at a spike: what is left of the last one, and U of the rest (all of it U if tau_facil is 0).

    Source: Tsodyks, Uziel and Markram (2000), J. Neurosci. 20:RC50, equation 4.
    """
    tau, use = parameters["tau_facil"][index], parameters["U"][index]
    left = np.where(tau > 0, np.exp(-elapsed / np.where(tau > 0, tau, 1.0)), 0.0) * previous
    return left + use * (1.0 - left)


class _Immediate(Dynamics):
    """Synapses whose weight at a spike depends on their own past only."""

    def transmit(self, step: int, line: RingBuffer, index: Index) -> None:
        """See `Dynamics.transmit`."""
        effect = self.efficacy(step, index)
        self.last[index] = step
        self.send(line, index, self.synapses.weight[index] * effect, self.synapses.delay[index].astype(np.int64))

    def efficacy(self, step: int, index: Index) -> Floats:
        """The share of its weight with which each synapse acts, and the new state."""
        raise NotImplementedError


class TsodyksMarkram(_Immediate):
    """`TsodyksMarkramSynapse`: resources are used by a spike, inactivated with the synaptic current, and recover.

    Source: Tsodyks, Uziel and Markram (2000), J. Neurosci. 20:RC50, equations 2 to 4, solved exactly between spikes.
    ``tau_syn``, the time constant of inactivation, is that of the postsynaptic receptor; 0 where it has none (delta
    synapses): what was used then recovers at once. The initial state is x = 1, y = z = 0 and a given u.
    """

    PARAMETERS: ClassVar = ("U", "tau_rec", "tau_facil", "tau_syn")
    STATE: ClassVar = ("u", "y", "z")
    RULES: ClassVar = _USE_RULES

    def efficacy(self, step: int, index: Index) -> Floats:
        """The used share of the resources."""
        h = self.elapsed(step, index)
        rec, syn = self.parameters["tau_rec"][index], self.parameters["tau_syn"][index]
        y, z = self.state["y"][index], self.state["z"][index]
        active = np.where(syn > 0, syn, 1.0)
        recovering = psc_propagator(h, rec, active, active)
        z = z * np.exp(-h / rec) + y * np.where(syn > 0, recovering, np.exp(-h / rec))
        y = np.where(syn > 0, y * np.exp(-h / active), 0.0)
        u = _use(self.state["u"][index], h, self.parameters, index)
        used = u * (1.0 - y - z)
        self.state["u"][index], self.state["y"][index], self.state["z"][index] = u, y + used, z
        return used


class Stochastic(_Immediate):
    """`SimpleStochasticSynapse`: each spike is transmitted with probability ``p``."""

    PARAMETERS: ClassVar = ("p",)
    STATE: ClassVar = ("spikes",)
    RULES: ClassVar = (_fraction("p"),)

    def efficacy(self, step: int, index: Index) -> Floats:
        """1 or 0."""
        counter = self.state["spikes"][index]
        self.state["spikes"][index] = counter + 1
        return (uniform(self.stream[index], counter) < self.parameters["p"][index]).astype(np.float64)


def _whole(parameters: Mapping[str, Any]) -> None:
    n = parameters["n"]
    require("n", n, (n >= 1) & (n == np.floor(n)) & (n <= 1e6), "a whole number of at least 1")


class Quantal(_Immediate):
    """`MultiQuantalSynapse`, and `StochasticTsodyksMarkramSynapse` with one site: n release sites, each full or empty.

    At a spike every full site releases with probability u, which facilitates as in `TsodyksMarkram`; an empty one has
    been filled since the last spike with probability ``1 - exp(-h/tau_rec)``. The synapse acts with the share of
    sites that release. Source: Fuhrmann et al. (2002), J. Neurophysiol. 87:140, equations 1 to 4.
    """

    PARAMETERS: ClassVar = ("U", "n", "tau_rec", "tau_facil")
    STATE: ClassVar = ("u", "empty", "drawn")
    RULES: ClassVar = (*_USE_RULES, _whole)

    def efficacy(self, step: int, index: Index) -> Floats:
        """The released share."""
        h = self.elapsed(step, index)
        n = self.parameters["n"][index]
        u = _use(self.state["u"][index], h, self.parameters, index)
        filled = -np.expm1(-h / self.parameters["tau_rec"][index])
        empty, drawn, stream = self.state["empty"][index], self.state["drawn"][index], self.stream[index]
        full, released = n - empty, np.zeros(len(index))
        recovered = np.zeros(len(index))
        # Sites are alike: of all drawings the first ones are for those that are empty, or full.
        for site in range(int(n.max(initial=0))):
            recovered += (site < empty) & (uniform(stream, drawn + 2 * site) < filled)
        full = full + recovered
        for site in range(int(n.max(initial=0))):
            released += (site < full) & (uniform(stream, drawn + 2 * site + 1) < u)
        self.state["u"][index] = u
        self.state["empty"][index] = n - full + released
        self.state["drawn"][index] = drawn + 2 * n
        return released / n
