"""Binary particle swarm, as the group of the reference publishes it: the method that others are compared with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ...errors import MappingError
from ..jit import compiled
from ..network import Network
from .costs import unicast_cost
from .effort import Clusters, Effort
from .fitting import fitted
from .limits import ClusterLimits
from .rng import generator

__all__ = ["PARTICLES", "PATIENCE", "ROUNDS", "swarm", "swarm_to_convergence"]

Ints32 = npt.NDArray[np.int32]
Ints64 = npt.NDArray[np.int64]

PARTICLES, ROUNDS = 100, 100
PATIENCE = 150
"""After so many rounds in which none of its particles has found better, a swarm has converged."""

_MOST_ROUNDS = 100_000
_MOST_BYTES = 4 * 2**30
# Inertia, pulls towards the particle's own and the swarm's best, and the largest speed: J. Kennedy, R. Eberhart, "A
# discrete binary version of the particle swarm algorithm" (1997), with the constants of Y. Shi, R. Eberhart (1998).
_INERTIA, _OWN, _ALL, _FASTEST = 0.729, 1.494, 1.494, 4.0


def swarm(
    network: Network,
    limits: ClusterLimits,
    effort: Effort,
    *,
    particles: int = PARTICLES,
    rounds: int = ROUNDS,
    patience: int | None = None,
    watch: Callable[[int, int], None] | None = None,
) -> Clusters:
    """Let particles, each a partition, fly towards the best that they and the swarm have found.

    After A. Das, Y. Wu, K. Huynh, F. Dell'Anna, F. Catthoor, S. Schaafsma, "Mapping of local and global synapses on
    spiking neuromorphic hardware", DATE 2018: a particle has a bit for every neuron and crossbar, a speed for every
    bit, which the sigmoid turns into the probability that the bit is set; what is minimised are the spikes on global
    synapses (`unicast_cost`), with every neuron on one crossbar and no more neurons on one than it holds. Of the bits
    drawn for a neuron, that counts which won by most, among the crossbars with room. The paper knows no axons: a
    particle that needs too many is worse than all that do not, and if the best is one, it is made to fit (`fitted`).

    Parameters
    ----------
    network, limits, effort
        The network, what clusters may hold, the seed, and when to stop with the best so far.
    particles, rounds
        Size of the swarm, and how often it moves.
    patience
        It ends earlier after so many rounds in which nothing better was found; None for never.
    watch
        Called after every round with its number and the best cost so far.

    Raises
    ------
    MappingError
        If the speeds would take more than 4 GiB, or nothing fits.
    """
    clusters = limits.target or limits.clusters
    need = 4 * particles * network.neurons * clusters
    if need > _MOST_BYTES:
        raise MappingError(
            f"{particles} particles of {network.neurons} neurons on {clusters} tiles take {need / 2**30:.1f} GiB, more "
            f"than {_MOST_BYTES // 2**30}: use fewer clusters, or another partition"
        )
    if network.neurons == 0:
        return np.zeros(0, np.int64)
    rng = generator(effort.seed)
    wiring, weight = network.connectivity, np.array(network.spike_weights, np.int64)
    speed = rng.uniform(-1.0, 1.0, (particles, network.neurons, clusters)).astype(np.float32)
    at = np.zeros((particles, network.neurons), np.int32)
    own, own_cost = at.copy(), np.full(particles, -1.0)
    best, best_cost = at[0].copy(), -1.0
    found_at = 0
    bound = bool((wiring.fan_out_sizes > 0).sum() > limits.axons)
    for number in range(rounds + 1):
        for particle in range(particles):
            keys = rng.integers(0, 2**63, 1, dtype=np.int64)
            if number:
                _steer(speed[particle], at[particle], own[particle], best, int(keys[0]))
            _draw(speed[particle], at[particle], int(keys[0]), limits.neurons)
            cost = float(_global_spikes(wiring.fan_out_start, wiring.fan_out, at[particle], weight))
            if bound:
                over = _axons_over(wiring.fan_out_start, wiring.fan_out, at[particle], clusters, limits.axons)
                cost += over * (1.0 + float(weight @ wiring.fan_out_sizes))
            if own_cost[particle] < 0 or cost < own_cost[particle]:
                own[particle], own_cost[particle] = at[particle], cost
            if effort.over and best_cost >= 0:
                break
        leader = int(np.where(own_cost < 0, np.inf, own_cost).argmin())
        if best_cost < 0 or own_cost[leader] < best_cost:
            best, best_cost, found_at = own[leader].copy(), float(own_cost[leader]), number
        effort.tell(f"swarm, round {number} of {rounds}", None)
        if watch is not None:
            watch(number, unicast_cost(network, best))
        if effort.over or (patience is not None and number - found_at >= patience):
            break
    return fitted(network, limits, best.astype(np.int64), effort)


def swarm_to_convergence(network: Network, limits: ClusterLimits, effort: Effort) -> Clusters:
    """Let the `swarm` move until it has found nothing better for `PATIENCE` rounds; raises the same."""
    return swarm(network, limits, effort, rounds=_MOST_ROUNDS, patience=PATIENCE)


@compiled
def _uniform(key: int, counter: int) -> float:
    """A random number in [0, 1) of a key and a counter (the finaliser of SplitMix64)."""
    x = np.uint64(key) + np.uint64(0x9E3779B97F4A7C15) * (np.uint64(counter) + np.uint64(1))
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = x ^ (x >> np.uint64(31))
    return (x >> np.uint64(11)) * 2.0**-53


@compiled
def _steer(speed: npt.NDArray[np.float32], at: Ints32, own: Ints32, best: Ints32, key: int) -> None:
    """Turn the speeds of a particle's bits towards its own best position and the swarm's."""
    neurons, clusters = speed.shape
    for neuron in range(neurons):
        to_own = _OWN * _uniform(key ^ 1, 2 * neuron)
        to_all = _ALL * _uniform(key ^ 1, 2 * neuron + 1)
        for here in range(clusters):
            speed[neuron, here] *= _INERTIA
        speed[neuron, own[neuron]] += to_own
        speed[neuron, best[neuron]] += to_all
        speed[neuron, at[neuron]] -= to_own + to_all
        for here in (own[neuron], best[neuron], at[neuron]):
            speed[neuron, here] = min(_FASTEST, max(-_FASTEST, speed[neuron, here]))


@compiled
def _draw(speed: npt.NDArray[np.float32], at: Ints32, key: int, most: int) -> None:
    """Draw a particle's bits, and give each neuron the crossbar with room whose bit won by most."""
    neurons, clusters = speed.shape
    size = np.zeros(clusters, np.int64)
    first = int(_uniform(key, neurons * clusters) * neurons)
    for i in range(neurons):
        neuron = (first + i) % neurons  # who comes first has the choice
        chosen, margin = -1, -2.0
        for here in range(clusters):
            if size[here] < most:
                won = 1.0 / (1.0 + np.exp(-speed[neuron, here])) - _uniform(key, neuron * clusters + here)
                if won > margin:
                    chosen, margin = here, won
        at[neuron] = chosen
        size[chosen] += 1


@compiled
def _global_spikes(start: Ints64, fan_out: Ints32, cluster: Ints32, weight: Ints64) -> int:
    total = 0
    for neuron in range(len(start) - 1):
        own, cut = cluster[neuron], 0
        for i in range(start[neuron], start[neuron + 1]):
            cut += cluster[fan_out[i]] != own
        total += cut * weight[neuron]
    return total


@compiled
def _axons_over(start: Ints64, fan_out: Ints32, cluster: Ints32, clusters: int, most: int) -> int:
    """Axons that clusters need beyond their limit."""
    seen = np.full(clusters, -1, np.int32)
    axons = np.zeros(clusters, np.int64)
    for neuron in range(len(start) - 1):
        for i in range(start[neuron], start[neuron + 1]):
            here = cluster[fan_out[i]]
            if seen[here] != neuron:
                seen[here] = neuron
                axons[here] += 1
    return np.maximum(axons - most, 0).sum()
