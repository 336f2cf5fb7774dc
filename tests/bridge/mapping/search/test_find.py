import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge import ChipConfig
from synaptile.bridge.errors import MappingError
from synaptile.bridge.mapping import GivenMapping, Mapping, Network, map_network
from synaptile.bridge.mapping.partition import ClusterLimits
from synaptile.bridge.mapping.placement import METHODS
from synaptile.bridge.mapping.search import AUTO_PARTITIONS, search_mapping

CONFIG = ChipConfig(mesh=(3, 3), crossbar={"axons": 24, "neurons": 8})


def clusters(neurons: int = 40, groups: int = 5, seed: int = 0) -> Network:
    """Neurons in groups, which are not next to each other, and of which each listens to a few of its own."""
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.arange(neurons) % groups)
    pre = np.repeat(np.arange(neurons), 4)
    post = np.array([rng.choice(np.flatnonzero(group == group[i])) for i in pre])
    return Network.of(neurons, pre, post, spike_counts=rng.integers(0, 9, neurons))


def test_the_best_is_what_it_says_and_not_worse_than_in_order() -> None:
    found = search_mapping(clusters(), CONFIG)
    first, best = found.trials[0], found.best
    assert (first.partition, first.placement, first.value) == ("in-order", "in-order", 1.0)
    assert best.value == min(trial.value for trial in found.trials) < 0.5
    assert best.mapping is not None
    assert best.report is not None
    # The costs are those of the same mapping read from a file.
    given_ = GivenMapping(path="-", tile=best.mapping.tile, slot=best.mapping.slot)  # type: ignore[arg-type]
    _, report = map_network(clusters(), CONFIG, given=given_)
    assert report.partition.cost == best.report.partition.cost == best.packets
    assert report.placement.cost == best.values["spike-hops"] == best.report.placement.cost
    assert {trial.partition for trial in found.trials} == {*AUTO_PARTITIONS}
    assert not found.interrupted


@given(neurons=st.integers(1, 30), groups=st.integers(1, 6), seed=st.integers(0, 100), axons=st.integers(4, 24))
@settings(max_examples=examples(8, 200), deadline=None)
def test_no_mapping_breaks_a_limit(neurons: int, groups: int, seed: int, axons: int) -> None:
    network = clusters(neurons, groups, seed)
    config = CONFIG.replace(crossbar={"axons": axons, "neurons": 8}, limits={"fan_out": 3})
    try:
        found = search_mapping(network, config, seed=seed)
    except MappingError:
        return
    limits = ClusterLimits.of_chip(config)
    for trial in found.trials:
        if trial.mapping is not None:
            limits.check(network, trial.mapping.tile)
    again = search_mapping(network, config, seed=seed)
    assert [trial.value for trial in again.trials] == [trial.value for trial in found.trials]
    assert np.array_equal(again.best.mapping.tile, found.best.mapping.tile)  # type: ignore[union-attr]


def test_given_methods_are_tried_once_each() -> None:
    found = search_mapping(clusters(), CONFIG, partitions=["km1", "random"], placements=["greedy", "hilbert"])
    assert [(trial.partition, trial.placement) for trial in found.trials] == [
        ("km1", "greedy"), ("km1", "hilbert"), ("random", "greedy"), ("random", "hilbert")
    ]  # fmt: skip
    assert found.best.partition == "km1"


@pytest.mark.parametrize("placement", [name for name in METHODS if name != "exact"])
def test_every_placement_can_be_asked_for(placement: str) -> None:
    assert search_mapping(clusters(), CONFIG, placements=[placement], partitions=["in-order"]).best.tiles == 6


def test_neurons_are_spread_over_the_tiles_asked_for() -> None:
    assert search_mapping(clusters(), CONFIG).best.tiles == 5
    spread = search_mapping(clusters(), CONFIG, tiles=9, partitions=["overlap"])
    assert 8 <= (spread.best.tiles or 0) <= 9
    assert spread.best.spread == 9


def test_where_room_helps_more_tiles_are_tried() -> None:
    asked: list[int] = []

    def simulate(mapping: Mapping) -> dict[str, float]:
        asked.append(len(mapping.used_tiles))
        return {"late-spikes": float(100 - asked[-1]), "latency-mean": 1.0}

    found = search_mapping(clusters(), CONFIG, objective={"late_spikes": 1, "spike-hops": 0}, simulate=simulate)
    assert max(asked) > min(asked)
    assert found.best.values["late-spikes"] == 100 - max(asked)
    assert list(found.objective.weights) == ["late-spikes"]


def test_time_limit_and_rounds() -> None:
    begin = time.monotonic()
    network, config = clusters(200, 20), CONFIG.replace(mesh=(8, 8))
    search_mapping(network, config)  # compiles
    found = search_mapping(network, config, time_limit=1.0)
    assert time.monotonic() - begin < 60  # a machine may be slow, and compile; without a limit it goes on for minutes
    assert found.rounds >= 1
    # What came later is better than all before it, and what was not is left out.
    values = [trial.value for trial in found.trials[5:]]
    assert values == sorted(values, reverse=True)
    assert found.best.value == min(trial.value for trial in found.trials) <= 1.0


def test_single_neurons_are_moved_where_only_ways_count() -> None:
    def labels(**options: Any) -> set[str]:
        chip = CONFIG.replace(**options.pop("chip", {}))
        return {trial.placement for trial in search_mapping(clusters(), chip, **options).trials[1:]}

    assert labels() == labels(objective="energy") == {"optimised + moves"}
    assert labels(objective="worst-link") == {"optimised"}
    assert labels(chip={"multicast": True}) == {"optimised"}
    pure = search_mapping(clusters(), CONFIG, partitions=["km1"]).best
    moved = next(trial for trial in search_mapping(clusters(), CONFIG).trials if trial.partition == "km1")
    assert pure.placement == "optimised"
    assert moved.values["spike-hops"] <= pure.values["spike-hops"]


@pytest.mark.parametrize("objective", ["energy", "spike-hops"])
def test_going_on_from_the_best_is_never_worse(objective: str) -> None:
    network, config = clusters(120, 9), CONFIG.replace(mesh=(6, 6))
    found = search_mapping(network, config, objective=objective)
    assert found.rounds == 1
    assert found.best.values[objective] <= min(trial.values[objective] for trial in found.trials)


def test_ctrl_c_keeps_the_best_so_far() -> None:
    def stop(what: str, value: float | None) -> None:
        if what.startswith("refined"):
            raise KeyboardInterrupt

    found = search_mapping(clusters(), CONFIG, progress=stop)
    assert found.interrupted
    assert {trial.partition for trial in found.trials} == {"in-order", "km1", "overlap"}

    def at_once(what: str, value: float | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(MappingError, match="the search was stopped before it had found a mapping"):
        search_mapping(clusters(), CONFIG, progress=at_once)


def test_a_network_that_does_not_fit() -> None:
    with pytest.raises(MappingError, match="73 neurons need at least 10 tiles") as error:
        search_mapping(clusters(73), CONFIG)
    assert "--mesh" in str(error.value)
    failed = search_mapping(clusters(), CONFIG.replace(mesh=(1, 5)), partitions=["in-order", "swarm"])
    assert failed.best.mapping is not None


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"partitions": ["x"]}, "partition must be one of in-order, .*, not 'x'"),
        ({"placements": ["x"]}, "placement must be one of in-order, .*, not 'x'"),
        ({"objective": "x"}, "objective must be one of spike-hops, .*, not 'x'"),
        ({"objective": {"spike-hops": -1.0}}, "weight of spike-hops must not be negative"),
        ({"objective": {"spike-hops": 0.0}}, "objective must have a weight above 0"),
        ({"objective": "late-spikes"}, "objective late-spikes needs the spikes of a trace"),
        ({"time_limit": 0.0}, "time_limit must be a positive number of seconds, not 0.0"),
        ({"tiles": 10}, "clusters must lie in 1..9, not 10"),
    ],
)
def test_wrong_options(options: dict, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        search_mapping(clusters(), CONFIG, **options)
