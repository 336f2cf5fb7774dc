"""Trade-offs: placements none of which is better than another."""

import itertools
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge.config import ChipConfig
from synaptile.bridge.mapping.placement import Traffic, evaluate, pareto_placements, place_on_chip
from synaptile.bridge.mapping.placement.costs import OBJECTIVES
from synaptile.bridge.mapping.placement.nsga import _cycles
from synaptile.bridge.mapping.placement.search import Progress


def some_traffic(clusters: int, seed: int = 0) -> Traffic:
    rng = np.random.default_rng(seed)
    return Traffic.of_matrix(rng.integers(1, 60, (clusters, clusters)) * (rng.random((clusters, clusters)) < 0.3))


@pytest.mark.parametrize("topology", ["mesh", "tree"])
def test_a_front_has_only_trade_offs_and_the_best_of_each_objective(topology: str) -> None:
    traffic, config = some_traffic(15), ChipConfig(mesh=(4, 4), topology=topology)
    names = ("spike-hops", "worst-link")
    found = pareto_placements(traffic, config, names, generations=6, population=12, seed=2)
    keys = [tuple(OBJECTIVES[name](one.costs) for name in names) for one in found]
    assert keys == sorted(set(keys))
    assert all(a < c and b > d for (a, b), (c, d) in itertools.pairwise(keys))
    for one in found:
        assert len({*one.tile.tolist()}) == 15
        assert one.costs == evaluate(traffic, one.tile, config)
        assert not one.cut
    for number, name in enumerate(names):
        alone = place_on_chip(traffic, config, objective=name, seed=2).costs
        assert min(key[number] for key in keys) <= OBJECTIVES[name](alone)
    again = pareto_placements(traffic, config, names, generations=6, population=12, seed=2)
    assert [one.tile.tolist() for one in again] == [one.tile.tolist() for one in found]


def test_a_small_front_is_that_of_all_placements() -> None:
    traffic, config = some_traffic(5, seed=4), ChipConfig(mesh=(2, 3))
    names = ("spike-hops", "worst-link")
    every = {
        tuple(OBJECTIVES[name](evaluate(traffic, np.array(tile), config)) for name in names)
        for tile in itertools.permutations(range(6), 5)
    }
    best = sorted(key for key in every if not any(a != key and a[0] <= key[0] and a[1] <= key[1] for a in every))
    found = pareto_placements(traffic, config, names, generations=25, population=16)
    assert [(one.costs.spike_hops, one.costs.worst_link) for one in found] == best


@settings(max_examples=examples(50, 500), deadline=None)
@given(st.integers(1, 9).flatmap(lambda n: st.tuples(*[st.permutations(range(n))] * 2, st.integers(0, 2**n - 1))))
def test_children_are_placements_and_have_what_a_parent_has(case: tuple[list[int], list[int], int]) -> None:
    one, two = np.array(case[0]), np.array(case[1])
    coin = np.array([case[2] >> bit & 1 for bit in range(len(one))], bool)
    child = np.where(_cycles(one, two, coin), two, one)
    assert sorted(child.tolist()) == [*range(len(one))]


def test_a_time_limit_and_progress() -> None:
    told: list[str] = []
    tell: Progress = lambda what, cost: told.append(what)  # noqa: E731
    traffic, config = some_traffic(60), ChipConfig(mesh=(8, 8))
    found = pareto_placements(traffic, config, generations=100_000, time_limit=0.4, progress=tell)
    assert found
    assert all(one.cut for one in found)
    assert told


def test_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    traffic, config = some_traffic(4), ChipConfig(mesh=(2, 2))
    with pytest.raises(ValueError, match=r"^objectives must be two or more, none twice, not energy$"):
        pareto_placements(traffic, config, ["energy"])
    with pytest.raises(ValueError, match=r"none twice, not energy, worst-link, energy$"):
        pareto_placements(traffic, config, ["energy", "worst-link", "energy"])
    with pytest.raises(ValueError, match=r"^objective must be one of spike-hops, worst-link, energy, not 'x'$"):
        pareto_placements(traffic, config, ["energy", "x"])
    with pytest.raises(ValueError, match=r"^population must be at least 4, not 3$"):
        pareto_placements(traffic, config, population=3)
    with pytest.raises(ValueError, match=r"^generations must be at least 1, not 0$"):
        pareto_placements(traffic, config, generations=0)
    monkeypatch.setitem(sys.modules, "synaptile.bridge.mapping.placement.nsga", None)
    with pytest.raises(ModuleNotFoundError, match=r"^several objectives need pymoo, which comes with: pip install"):
        pareto_placements(traffic, config)
