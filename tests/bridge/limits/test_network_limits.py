"""What breaks a limit is told with its name, its place and what would do; what keeps it is not."""

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge import ChipConfig
from synaptile.bridge.config.limits import Limits
from synaptile.bridge.errors import MappingError
from synaptile.bridge.limits.network_limits import broken_by_mapping, broken_by_network, enforce
from synaptile.bridge.mapping import MappedNetwork, Network, map_network
from synaptile.swsim.cosim import Wiring
from synaptile.swsim.trace import PopulationSlice

Link = tuple[int, int, int]


def wiring(links: Iterable[Link], neurons: int = 6, celltype: str = "IF_curr_exp", dt: float = 1.0) -> Wiring:
    """A network of 2 sources and the rest neurons; a link is (pre, post, delay)."""
    pre, post, delay = (np.array(column, np.int32) for column in zip(*links, strict=True))
    populations = [
        PopulationSlice("in", 0, 2, "SpikeSourcePoisson", is_source=True),
        PopulationSlice("out", 2, neurons, celltype, is_source=False),
    ]
    return Wiring(dt, neurons, pre, post, np.ones(len(pre)), delay, populations, 0)


def broken(limits: Limits | None, network: Wiring, config: ChipConfig | None = None) -> dict[str, str]:
    found = dict(broken_by_network(limits, network, network.populations))
    mapped = Network.of_wiring(network)
    chip = config or ChipConfig(mesh="2x2", crossbar="8x2")
    mapping, _ = map_network(mapped, chip, partition="in-order", placement="in-order")
    return found | dict(broken_by_mapping(limits, MappedNetwork(mapped, mapping), network.post))


LINKS = [(0, 2, 1), (1, 2, 1), (2, 3, 2), (2, 4, 15), (2, 5, 1), (3, 5, 1), (4, 2, 3)]


def test_a_chip_without_limits_refuses_nothing() -> None:
    assert broken(None, wiring(LINKS)) == {}
    assert broken(Limits(), wiring(LINKS)) == {}


def test_cells() -> None:
    limits = Limits(cells=("IF_curr_exp", "IF_curr_delta"))
    assert broken(limits, wiring(LINKS)) == {}
    assert broken(limits, wiring(LINKS, celltype="IF_cond_exp")) == {
        "cells": "its neurons can be IF_curr_exp, IF_curr_delta, not IF_cond_exp (population 'out')"
    }


def test_delays() -> None:
    assert broken(Limits(delays=(1, 15)), wiring(LINKS)) == {}
    assert broken(Limits(delays=(1, 7)), wiring(LINKS, dt=0.5)) == {
        "delays": "delays must lie in 1..7 steps of 0.5 ms, not 15 (7.5 ms, of a synapse onto neuron 2 of 'out'; of 1 "
        "of 7 synapses)"
    }
    even = [(pre, post, 12) for pre, post, _ in LINKS]
    assert broken(Limits(delays=(1, 7)), wiring(even, dt=0.5))["delays"].endswith("; steps of at least 1 ms would do")
    assert "not 1 (" in broken(Limits(delays=(2, 20)), wiring(LINKS))["delays"]


def test_fan_in_and_fan_out() -> None:
    assert broken(Limits(fan_in=3, fan_out=2), wiring(LINKS)) == {}
    assert broken(Limits(fan_in=2), wiring(LINKS)) == {
        "fan_in": "a neuron can have 2 synapses, not 3 as neuron 0 of 'out' (1 of 6 neurons have more than they can)"
    }
    # In order on tiles of two: neuron 2 sends to its own tile and to another, source 0 to another.
    assert broken(Limits(fan_out=1), wiring(LINKS)) == {
        "fan_out": "a neuron can have 1 tiles to send to, not 2 as neuron 0 of 'out' (1 of 6 neurons have more than "
        "they can)"
    }


def test_tables_and_synapses_of_tiles() -> None:
    assert broken(Limits(axons_out=2, synapses=4), wiring(LINKS)) == {}
    assert broken(Limits(synapses=3), wiring(LINKS))["synapses"].startswith(
        "a tile can have 3 synapses, not 4 as tile 1"
    )
    text = broken(Limits(axons_out=1), wiring(LINKS))["axons_out"]
    assert text.startswith("a tile can have 1 entries for axons elsewhere, not 2 as tile 1 (1 of 4 tiles have more")


@given(st.data())
@settings(max_examples=examples(30, 500), deadline=None)
def test_exactly_what_the_long_way_finds(data: st.DataObject) -> None:
    ends = st.integers(0, 7)
    links = data.draw(st.lists(st.tuples(ends, st.integers(2, 7), st.integers(1, 9)), min_size=1, max_size=30))
    network = wiring(links, neurons=8)
    most = {name: data.draw(st.integers(1, 6)) for name in ("fan_in", "fan_out", "axons_out", "synapses")}
    high = data.draw(st.integers(1, 9))
    found = broken(Limits(delays=(1, high), **most), network, ChipConfig(mesh="2x2", crossbar="8x2"))
    tile = [neuron // 2 for neuron in range(8)]
    to = {n: {tile[post] for pre, post, _ in links if pre == n} for n in range(2, 8)}
    elsewhere = [sum(len(to[n] - {t}) for n in to if tile[n] == t) for t in range(4)]
    expected = {
        "delays": max(delay for *_, delay in links) > high,
        "fan_in": max(sum(post == n for _, post, _ in links) for n in range(8)) > most["fan_in"],
        "fan_out": max(map(len, to.values())) > most["fan_out"],
        "axons_out": max(elsewhere) > most["axons_out"],
        "synapses": max(sum(tile[post] == t for _, post, _ in links) for t in range(4)) > most["synapses"],
    }
    assert {*found} == {name for name, over in expected.items() if over}


def test_all_that_is_broken_is_refused_together_unless_it_is_relaxed() -> None:
    what = [("delays", "one thing"), ("fan_in", "another")]
    with pytest.raises(MappingError) as error:
        enforce(ChipConfig(name="mine"), iter(what))
    assert str(error.value).splitlines() == [
        "mine: one thing",
        "mine: another",
        "to run it all the same, relax what this chip cannot do: delays,fan_in",
    ]
    with pytest.raises(MappingError, match=r"^mine: another\nto run"):
        enforce(ChipConfig(name="mine", relax="delays"), iter(what))
    assert enforce(ChipConfig(relax=["delays", "fan_in"]), iter(what)) == ("one thing", "another")
    assert enforce(ChipConfig(relax="delays"), iter([])) == ()
