"""What neurons count while a mapping is searched for: their spikes, their population's rate, or one."""

from __future__ import annotations

from collections.abc import Mapping as Values
from dataclasses import replace

import numpy as np

from ...errors import show
from ..network import Network

__all__ = ["BY", "weighted"]

BY = ("spikes", "rates", "connections")
"""By what a network is mapped: the spikes of each neuron, the mean of its population, or connections alone."""

_PARTS = 1000
"""A spike of a mean counts so many, so that means are whole numbers of nearly the right ratios."""


def weighted(network: Network, by: str = "spikes", rates: Values[str, float] | None = None) -> Network:
    """Return a network whose neurons count as the search should weigh them.

    Parameters
    ----------
    network
        The network, with its spikes.
    by
        A name of `BY`. By rates, a neuron counts the mean of its population; by connections, every neuron counts one.
    rates
        By rates only: rates of populations by label, in one unit, such as Hz, for all populations but spike sources
        that are left out, which are silent; None for the means of the spikes.

    Raises
    ------
    ValueError
        If there is no such way or population, a rate is negative or not finite, rates are given for another way, or the
        network has no populations, or no spikes, to take means of.
    """
    if by not in BY:
        raise ValueError(f"by must be one of {', '.join(BY)}, not {by!r}")
    if rates and by != "rates":
        raise ValueError(f"rates are for a mapping by rates, not by {by}")
    if by == "connections":
        return replace(network, spike_counts=None)
    if by == "spikes":
        return network
    if not network.populations:
        raise ValueError("a mapping by rates needs a network with populations")
    known = {population.label for population in network.populations}
    for label, rate in (rates or {}).items():
        if label not in known:
            raise ValueError(f"rates: there is no population {show(label)}; there are {', '.join(sorted(known))}")
        if not 0 <= rate < float("inf"):
            raise ValueError(f"rates: that of {label} must be a finite number of at least 0, not {rate}")
    counts = network.spike_counts
    if not rates and counts is None:
        raise ValueError("a mapping by rates needs the network's spikes, or the rates of its populations")
    weights = np.zeros(network.neurons, np.int64)
    for population in network.populations:
        here = slice(population.start, population.stop)
        if rates:
            mean = rates.get(population.label, 0.0)
        else:
            assert counts is not None
            mean = float(counts[here].mean()) if population.size else 0.0
        weights[here] = round(mean * _PARTS)
    return replace(network, spike_counts=weights)
