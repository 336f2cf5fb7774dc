"""``synaptile bench mapping``: what mappings by different methods cost the same network on the same chip."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from synaptile.swsim.trace import Trace

from ..chip import Chip
from ..config import ChipConfig
from ..errors import MappingError
from ..mapped_trace import given_mapping, map_trace
from ..mapping import Network
from ..mapping.fan_in_split import split_for_chip
from ..mapping.partition import ClusterLimits, packets_lower_bound
from ..mapping.search import Trial, search_mapping
from ..mapping.search.precompile import precompile, small_case
from .mapping_networks import CASES, trace_of

__all__ = [
    "BASELINE",
    "CONVERGED",
    "METHODS",
    "SWARM",
    "MappingRow",
    "behind_best",
    "gains",
    "measure_mappings",
    "search_name",
]

BASELINE = "load balancing"
SWARM = "particle swarm"
CONVERGED = "particle swarm, converged"

METHODS: dict[str, tuple[str, str]] = {
    BASELINE: ("balanced", "in-order"),
    SWARM: ("swarm", "swarm"),
    CONVERGED: ("swarm-converged", "swarm"),
    "random": ("random", "random"),
    "in order": ("in-order", "in-order"),
    "km1 + optimised": ("km1", "optimised"),
    "overlap + optimised": ("overlap", "optimised"),
    "unicast + optimised": ("unicast", "optimised"),
    "unicast + annealing": ("unicast", "annealing"),
    "overlap + hilbert": ("overlap", "hilbert"),
    "overlap + force-directed": ("overlap", "force-directed"),
}
"""Methods by name: how neurons are parted, and how clusters are placed."""

_LOAD = 0.25
"""Flits per cycle on the busiest link with balanced load, on average, in the shortest steps that are looked at."""

_LATE = 0.001
_MOST_DOUBLINGS = 8
"""The steps are doubled at most so often, until no more than that share of the packets is late with balanced load."""


@dataclass(frozen=True)
class MappingRow:
    """What a mapping costs.

    Attributes
    ----------
    network, method
        The case and the method; the search's own choice is called by its time limit.
    packets, spike_hops, worst_link, energy_pj
        Counted on the chip, exactly: packets, Σ over packets of links, flits over the busiest link, pJ of routers and
        links.
    latency
        Mean latency of a packet in cycles, on the cycle-exact engine.
    late
        Packets that come after their step.
    tiles
        Tiles used.
    cycles_per_step
        Cycles of a step, the same for all mappings of a network.
    seconds
        Wall time from the network to the mapping, rounds that found nothing included: a search may overshoot its limit
        or end before it.
    least_packets
        Packets that no partition is below; 0 if that is not known.
    failure
        Why there is no mapping; None if there is one.
    """

    network: str
    method: str
    packets: int = 0
    spike_hops: float = math.nan
    worst_link: float = math.nan
    energy_pj: float = math.nan
    latency: float = math.nan
    late: int = 0
    tiles: int = 0
    seconds: float = math.nan
    least_packets: int = 0
    failure: str | None = None
    cycles_per_step: int = 0


def search_name(limit: float) -> str:
    """The name of the search within a time limit, as a method."""
    return f"search, {limit:g} s"


def measure_mappings(
    names: Sequence[str],
    *,
    time_limits: Sequence[float] = (1.0, 10.0),
    methods: Sequence[str] = tuple(METHODS),
    seed: int = 0,
    engine: str = "auto",
    progress: Callable[[str], None] = lambda what: None,
    rows: list[MappingRow] | None = None,
) -> list[MappingRow]:
    """Map networks by every method, and by the search within each time limit.

    Parameters
    ----------
    names
        Names of `CASES`.
    time_limits
        Of the search, in seconds.
    methods
        Names of `METHODS`.
    seed
        Of all methods.
    engine
        Runs the chip.
    progress
        Told what is measured.
    rows
        Where rows go as they are measured, for who interrupts it.
    """
    rows = [] if rows is None else rows
    progress("compiling the methods")
    _compile(methods)
    for name in names:
        progress(f"{name}: spikes")
        config = ChipConfig(**CASES[name].chip)
        trace, _ = split_for_chip(trace_of(name), config)
        network = Network.of_trace(trace)
        least = packets_lower_bound(network, ClusterLimits.of_chip(config))
        balanced = search_mapping(network, config, partitions=["balanced"], placements=["in-order"], seed=seed).best
        cycles = max(64, math.ceil(balanced.values["worst-link"] / max(1, trace.steps) / _LOAD))
        config = config.replace(cycles_per_step=cycles)

        case = _Case(name, trace, config, engine, least).unsaturated(balanced)
        for method in methods:
            progress(f"{name}: {method}")
            partition, placement = METHODS[method]
            begin = time.perf_counter()
            try:
                found = search_mapping(network, config, partitions=[partition], placements=[placement], seed=seed)
            except MappingError as error:
                rows.append(MappingRow(name, method, least_packets=least, failure=str(error).splitlines()[0]))
                continue
            rows.append(case.measured(method, found.best, time.perf_counter() - begin))
        for limit in time_limits:
            progress(f"{name}: {search_name(limit)}")
            begin = time.perf_counter()
            mapped = map_trace(trace, config, time_limit=limit, seed=seed, split=False)
            rows.append(case.measured(search_name(limit), mapped.best, time.perf_counter() - begin))
    return rows


@dataclass(frozen=True)
class _Case:
    """A network on its chip, which is run with every mapping."""

    name: str
    trace: Trace
    config: ChipConfig
    engine: str
    least_packets: int

    def unsaturated(self, balanced: Trial) -> _Case:
        """Return the same with steps so long that with balanced load hardly a packet is late: there is no jam.

        Bursts make more than the mean load of a link, from which it starts: the steps are doubled as often as it takes.
        """
        case = self
        for _ in range(_MOST_DOUBLINGS):
            row = case.measured(BASELINE, balanced, 0.0)
            if row.late <= _LATE * row.packets:
                return case
            case = replace(case, config=case.config.replace(cycles_per_step=2 * case.config.cycles_per_step))
        raise MappingError(
            f"{self.name}: more than {_LATE:.1%} of the packets are late with balanced load, even in steps of "
            f"{case.config.cycles_per_step // 2} cycles"
        )

    def measured(self, method: str, trial: Trial, seconds: float) -> MappingRow:
        """Run the chip with a mapping, and return what it cost."""
        run = Chip(self.config, engine=self.engine, mapping=given_mapping(trial), split=False).replay(self.trace)
        if run.partial and not self.trace.partial:
            raise KeyboardInterrupt  # which the replay has caught
        return MappingRow(
            self.name,
            method,
            trial.packets,
            trial.values["spike-hops"],
            trial.values["worst-link"],
            trial.values["energy"],
            float(run.metrics.latency.mean or 0.0),
            run.metrics.late.count,
            trial.tiles or 0,
            seconds,
            self.least_packets,
            cycles_per_step=self.config.cycles_per_step,
        )


def _compile(methods: Sequence[str]) -> None:
    """Map a small network once by every method and the search, so that Numba's compiler is in none of the times."""
    for topology in ("mesh", "tree"):
        network, config = small_case(topology)
        precompile(topology)
        for partition, placement in dict.fromkeys(METHODS[method] for method in methods):
            search_mapping(network, config, partitions=[partition], placements=[placement])


def gains(rows: Sequence[MappingRow], method: str, beside: str) -> dict[str, float]:
    """Return the geometric mean, over the networks that both mapped, of what a method costs beside another.

    Keys are the costs of `MappingRow`; networks where one of the two is 0 are left out of that mean.
    """
    by = {(row.network, row.method): row for row in rows if row.failure is None}
    found = {}
    for name in ("packets", "spike_hops", "worst_link", "energy_pj", "latency", "seconds"):
        logs = []
        for network in dict.fromkeys(row.network for row in rows):
            one, other = by.get((network, method)), by.get((network, beside))
            if one is not None and other is not None and getattr(one, name) > 0 and getattr(other, name) > 0:
                logs.append(math.log(getattr(one, name) / getattr(other, name)))
        if logs:
            found[name] = math.exp(sum(logs) / len(logs))
    return found


def behind_best(
    rows: Sequence[MappingRow], method: str, cost: str = "spike_hops", limit: float = math.inf
) -> dict[str, float]:
    """Return, by network, how many times the least cost of all rows a method costs; 1 where none is better.

    Rows that took more seconds than ``limit``, and more than the method itself, do not count. Where the least is 0, it
    is 1 or infinite. Networks that the method did not map are left out.
    """
    found = {}
    for network in dict.fromkeys(row.network for row in rows):
        by_method = {row.method: row for row in rows if row.network == network and row.failure is None}
        if method in by_method:
            longest = max(limit, by_method[method].seconds)
            own = getattr(by_method[method], cost)
            in_time = [row for row in by_method.values() if math.isnan(row.seconds) or row.seconds <= longest]
            least = min([own, *(getattr(row, cost) for row in in_time)])
            found[network] = own / least if least > 0 else (1.0 if own == least else math.inf)
    return found
