"""Partitioning: which neurons share a crossbar, so that few spikes must leave it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...errors import MappingError
from ..network import Network
from .bounds import packets_lower_bound, tiles_lower_bound
from .costs import cut_cost
from .effort import Effort
from .fitting import mesh_for
from .limits import ClusterLimits, plural
from .methods import AUTO, BASELINES, SEARCHES
from .refinement import refine
from .result import Partition, renumbered

if TYPE_CHECKING:
    from ...config import Crossbar

__all__ = ["check_fits", "find_partition", "partition_network"]

_NEAR = 1.03
"""Times the lower bound on packets, within which the default looks no further."""


def partition_network(
    network: Network, crossbar: Crossbar, mesh: tuple[int, int], *, method: str = AUTO, seed: int = 0
) -> Partition:
    """Part the neurons into clusters that each fit a crossbar, at most one per tile of a mesh of (rows, columns).

    The rest is as `find_partition` does it, without a deadline.
    """
    return find_partition(network, ClusterLimits.of(crossbar, mesh), method=method, effort=Effort(seed))


def find_partition(
    network: Network,
    limits: ClusterLimits,
    *,
    method: str = AUTO,
    effort: Effort | None = None,
    clusters: int | None = None,
    refined: bool = False,
) -> Partition:
    """Part the neurons into clusters that keep all limits.

    Parameters
    ----------
    network
        The network; if its spikes are unknown, each neuron counts one.
    limits
        What a cluster may hold, and how many there may be.
    method
        A name of `SEARCHES`, or "auto": all of them but the `BASELINES` in turn, until one needs hardly more
        packets than there must be (`packets_lower_bound`) or the deadline passes, and the cheapest is taken.
    effort
        Seed, deadline, and whom to tell. What its ``best`` has when this is interrupted is the best partition so far.
    clusters
        Spread the neurons over so many clusters, or nearly; None leaves the number to the method. More clusters need
        more packets, and spare links and crossbars.
    refined
        True to refine what the method gives, whatever it is (`refine`).

    Raises
    ------
    MappingError
        If the network does not fit, or no partition that fits was found; the message says what would.
    ValueError
        If the method is unknown, or there cannot be so many clusters.
    """
    if method != AUTO and method not in SEARCHES:
        raise ValueError(f"partition must be one of {', '.join((AUTO, *SEARCHES))}, not {method!r}")
    effort = Effort() if effort is None else effort
    check_fits(network, limits)
    if clusters is not None:
        limits = limits.spread_over(clusters, network.neurons)
        check_fits(network, limits)
    enough = _NEAR * packets_lower_bound(network, limits) if method == AUTO else 0
    costs: dict[str, int] = {}
    failures: dict[str, str] = {}
    best, tell = effort.best, effort.tell
    for name in [name for name in SEARCHES if name not in BASELINES] if method == AUTO else [method]:
        if effort.over and costs:
            break
        effort.tell = _naming(name, tell)
        try:
            found = SEARCHES[name](network, limits, effort)
            if refined:
                found = refine(network, limits, found, effort)
        except MappingError as error:
            failures[name] = str(error)
            continue
        finally:
            effort.tell = tell
        costs[name] = cut_cost(network, found)
        best.offer(name, found, costs[name])
        if costs[name] == 0 or costs[name] <= enough:
            break  # none can be cheaper, or hardly so
    if best.cluster is None or best.method is None or best.cost is None:
        raise MappingError("; ".join(f"{name}: {reason}" for name, reason in failures.items()))
    cluster = renumbered(best.cluster)
    return Partition(cluster, int(cluster.max(initial=-1)) + 1, best.method, best.cost, costs, failures)


def _naming(name: str, tell: Callable[[str, int | None], None]) -> Callable[[str, int | None], None]:
    def named(what: str, cost: int | None) -> None:
        tell(f"{name}: {what}", cost)

    return named


def check_fits(network: Network, limits: ClusterLimits) -> None:
    """Raise `MappingError`, with the mesh or the crossbar that would do, for what no partition could make fit."""
    neurons, tiles = network.neurons, limits.clusters
    there = f"the {limits.mesh[0]}x{limits.mesh[1]} mesh has {tiles}" if limits.mesh else f"there are {tiles}"
    needed = -(-neurons // limits.neurons)
    if needed > tiles:
        raise MappingError(
            f"{neurons} neurons need at least {needed} {plural(needed, 'tile')} of {limits.neurons} neurons; "
            f"{there}: use --mesh {mesh_for(needed)} or larger, or crossbars of {-(-neurons // tiles)} neurons"
        )
    for what, sizes, limit, of, where in (
        ("presynaptic neurons", network.connectivity.fan_in_sizes, limits.axons, "axons", "crossbar"),
        ("synapses", network.synapses, limits.synapses, "synapses", "tile"),
    ):
        if limit is not None and len(sizes) and sizes.max() > limit:
            worst = int(sizes.argmax())
            raise MappingError(
                f"{_name(network, worst)} has {sizes[worst]} {what}, more than the {limit} {of} of a {where}: "
                f"use {where}s of {sizes[worst]} {of} or more"
            )
    needed = tiles_lower_bound(network, limits)
    if needed > tiles:
        raise MappingError(
            f"the network needs at least {needed} {plural(needed, 'tile')} of {limits.text()}, because every neuron is "
            f"an axon of each tile on which another listens to it; {there}: use --mesh {mesh_for(needed)} or larger, "
            f"or crossbars with more axons"
        )


def _name(network: Network, neuron: int) -> str:
    home = next((p for p in network.populations if p.start <= neuron < p.stop), None)
    return f"neuron {neuron}" if home is None else f"neuron {neuron - home.start} of population {home.label!r}"
