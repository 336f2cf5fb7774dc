"""Short-term plasticity and synapses that fail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ..base.arrays import Floats, Index
from ..base.elementary import exp, expm1, exprel
from ..base.parameter_rules import at_least_zero, finite, fraction, positive, require
from ..base.random_streams import uniform
from .compiled_short_term import CompiledReleases, CompiledResources
from .dynamics import LONG_AGO, Dynamics
from .ring_buffer import RingBuffer

__all__ = ["Quantal", "Stochastic", "TsodyksMarkram"]


_USE_RULES = (fraction("U"), positive("tau_rec"), at_least_zero("tau_facil"), finite("tau_facil"))


def _left(previous: Floats, elapsed: Floats, parameters: Mapping[str, Floats], index: Index) -> Floats:
    """Return what is left of the use of resources of the last spike; 0 if tau_facil is 0."""
    tau = parameters["tau_facil"][index]
    left: Floats = np.where(tau > 0, exp(-elapsed / np.where(tau > 0, tau, 1.0)), 0.0) * previous
    return left


def _used(left: Floats, use: Floats) -> Floats:
    """Return the use of resources at a spike: what is left of that of the last one, and U of 1 less that.

    Source: Tsodyks, Uziel and Markram (2000), J. Neurosci. 20:RC50, equation 4.
    """
    return left + use * (1.0 - left)


def _inactivated(h: Floats, rec: Floats, syn: Floats, slower: Floats) -> Floats:
    """Return what has been inactivated, and not recovered, after h ms of what was active: `exact.psc_propagator`.

    ``slower`` is the exponential with the longer time constant; all of them have the same bits in compiled code.
    """
    return h / syn * slower * exprel(-(h * np.abs(1.0 / rec - 1.0 / syn)))


class _Immediate(Dynamics):
    """Synapses whose weight at a spike depends on their own past only."""

    def transmit(self, step: int, buffer: RingBuffer, index: Index) -> None:
        """Send the share of the weight that the synapse's own past leaves."""
        effect = self.efficacy(step, index)
        self.last[index] = step
        self.send(buffer, index, self.synapses.weight[index] * effect, self.synapses.delay[index].astype(np.int64))

    def initialize(self, name: str, values: Floats, step: int) -> None:
        """Set a state variable at grid point ``step``, from where it goes on; others are what they are by then."""
        self.recall()
        since = np.flatnonzero((self.last != LONG_AGO) & (self.last < step))
        self.relax(step, since)
        super().initialize(name, values, step)
        self.last[:] = step

    def relax(self, step: int, index: Index) -> None:
        """Bring the state from the last spike up to grid point ``step``; by default nothing happens in between."""
        return

    def efficacy(self, step: int, index: Index) -> Floats:
        """Return the share of its weight with which each synapse acts, and set the new state."""
        raise NotImplementedError


class TsodyksMarkram(_Immediate):
    """`TsodyksMarkramSynapse`: resources are used by a spike, inactivated with the synaptic current, and recover.

    Source: Tsodyks, Uziel and Markram (2000), J. Neurosci. 20:RC50, equations 2 to 4, solved exactly between spikes.
    ``tau_syn``, the time constant of inactivation, is that of the postsynaptic receptor; 0 where it has none (delta
    synapses): all that is used then recovers at once. The initial state is x = 1, y = z = 0 and a given u.
    """

    KERNEL = "tsodyks_markram"
    COMPILED = CompiledResources
    PARAMETERS: ClassVar = ("U", "tau_rec", "tau_facil", "tau_syn")
    STATE: ClassVar = ("u", "y", "z")
    RULES: ClassVar = _USE_RULES

    def relax(self, step: int, index: Index) -> None:
        """Let resources recover, and facilitation decay."""
        h = self.elapsed(step, index)
        rec, syn = self.parameters["tau_rec"][index], self.parameters["tau_syn"][index]
        y, z = self.state["y"][index], self.state["z"][index]
        active = np.where(syn > 0, syn, 1.0)
        recovered, fallen = exp(-h / rec), exp(-h / active)
        inactivated = _inactivated(h, rec, active, np.where(rec >= active, recovered, fallen))
        z = z * recovered + y * np.where(syn > 0, inactivated, recovered)
        y = np.where(syn > 0, y * fallen, 0.0)
        left = _left(self.state["u"][index], h, self.parameters, index)
        self.state["u"][index], self.state["y"][index], self.state["z"][index] = left, y, z

    def efficacy(self, step: int, index: Index) -> Floats:
        """Return the share of the resources that the spike uses."""
        self.relax(step, index)
        y, z = self.state["y"][index], self.state["z"][index]
        u = _used(self.state["u"][index], self.parameters["U"][index])
        used: Floats = u * (1.0 - y - z)
        self.state["u"][index], self.state["y"][index] = u, y + used
        return used


class Stochastic(_Immediate):
    """`SimpleStochasticSynapse`: each spike is transmitted with probability ``p``."""

    KERNEL = "stochastic"
    COMPILED = CompiledReleases
    PARAMETERS: ClassVar = ("p",)
    STATE: ClassVar = ("spikes",)
    VARIABLES: ClassVar = ()
    RULES: ClassVar = (fraction("p"),)

    def efficacy(self, step: int, index: Index) -> Floats:
        """Return 1 where the spike is transmitted, else 0."""
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

    KERNEL = "quantal"
    COMPILED = CompiledReleases
    PARAMETERS: ClassVar = ("U", "n", "tau_rec", "tau_facil")
    STATE: ClassVar = ("u", "empty", "drawn")
    VARIABLES: ClassVar = ("a", "u")
    RULES: ClassVar = (*_USE_RULES, _whole)

    def initialize(self, name: str, values: Floats, step: int) -> None:
        """Set u, or ``a``, the number of full sites; ``ValueError`` if a synapse has not so many."""
        if name == "u":
            super().initialize(name, values, step)
            return
        n = self.parameters["n"]
        full = np.broadcast_to(np.asarray(values, float), n.shape)
        require("a", full, (full >= 0) & (full <= n) & (full == np.floor(full)), "a whole number in 0..n")
        super().initialize("empty", n - full, step)

    def value(self, name: str, step: int) -> Floats:
        """Return u or ``a`` as the last spike has left it."""
        self.refresh()
        return self.parameters["n"] - self.state["empty"] if name == "a" else super().value(name, step)

    def relax(self, step: int, index: Index) -> None:
        """Fill empty sites, and let facilitation decay.

        The numbers from ``drawn`` on, two for each site, are for this and for the release that may come next.
        """
        h = self.elapsed(step, index)
        n = self.parameters["n"][index]
        filled = -expm1(-h / self.parameters["tau_rec"][index])
        empty, drawn, stream = self.state["empty"][index], self.state["drawn"][index], self.stream[index]
        recovered = np.zeros(len(index))
        # Sites are alike: of all drawings the first ones are for those that are empty.
        for site in range(int(n.max(initial=0))):
            recovered += (site < empty) & (uniform(stream, drawn + 2 * site) < filled)
        self.state["u"][index] = _left(self.state["u"][index], h, self.parameters, index)
        self.state["empty"][index] = empty - recovered
        self.state["drawn"][index] = drawn + 2 * n

    def efficacy(self, step: int, index: Index) -> Floats:
        """Return the share of the sites that release."""
        self.relax(step, index)
        n = self.parameters["n"][index]
        u = _used(self.state["u"][index], self.parameters["U"][index])
        empty, stream = self.state["empty"][index], self.stream[index]
        drawn = self.state["drawn"][index] - 2 * n
        full, released = n - empty, np.zeros(len(index))
        for site in range(int(n.max(initial=0))):
            released += (site < full) & (uniform(stream, drawn + 2 * site + 1) < u)
        self.state["u"][index] = u
        self.state["empty"][index] = empty + released
        return released / n
