"""Both engines of chips of cores see the same, cycle for cycle, whatever the chip."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.core_chips import (
    assert_same_state,
    assert_same_ticks,
    events_for,
    image_for,
    keys_for,
    network_for,
    variables_for,
)
from support.effort import examples

from synaptile.bridge.engines.cores import CoreEngine, make_core_engine
from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams

SMALL = {"axons": 12, "neurons": 8, "lanes": 2, "weight_shift": 2, "targets": 20, "state_bits": 16}


def both(network: NetworkParams, core: CoreParams, **options: Any) -> tuple[CoreEngine, CoreEngine]:
    return tuple(make_core_engine(name, network, core, **options) for name in ("amaranth", "compiled"))


def compare(
    network: NetworkParams, core: CoreParams, seed: int, periods: list[int | None], *, ticks: int = 5, **options: Any
) -> int:
    """Run both engines on random images and events, ticks of each period in turn; return how many neurons fired."""
    chance = np.random.default_rng(seed)
    host = options.get("host_tile", 0)
    keys = [[0]] * network.tiles
    if network.table_entries:
        options["table"], keys = keys_for(network, chance)
        options["host_key"] = host
    images = [image_for(network, core, chance, keys[tile]) for tile in range(network.tiles)]
    reference, engine = both(network, core, **options)
    reference.load(images)
    engine.load(images)
    fired = 0
    for cycles in periods:
        events, when = events_for(network, core, ticks, float(chance.choice([0.3, 2, 8])), chance, keys[host])
        seen, expected = (one.run(ticks, events, when, cycles) for one in (engine, reference))
        assert_same_ticks(seen, expected)
        assert_same_state(engine, reference, variables_for(core, chance))
        fired += len(expected.fired)
    return fired


def chips() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    yield "mesh", {"rows": 2, "cols": 3}, {}
    yield "one tile", {"rows": 1, "cols": 1}, {"neuron": "delta-lif", "lanes": 8}
    yield "one flit", {"rows": 3, "cols": 1, "flits_per_packet": 1, "stamp_bits": 0}, {"lanes": 1}
    yield "many", {"rows": 3, "cols": 4, "flits_per_packet": 3}, {"lanes": 4, "neurons": 12, "weight_bits": 1}
    yield "torus", {"rows": 2, "cols": 3, "topology": "torus", "virtual_channels": 2}, {"state_bits": 24}
    yield "tree", {"rows": 2, "cols": 4, "topology": "tree"}, {"neuron": "delta-lif", "state_bits": 32}
    yield "two currents", {"rows": 1, "cols": 3}, {"neuron": "current-lif-2"}
    yield "TrueNorth", {"rows": 1, "cols": 2}, {"neuron": "truenorth", "weight_bits": 1, "weight_shift": 0}
    tables = {"routing": "table", "table_entries": 20}
    yield "table", {"rows": 2, "cols": 2, **tables}, {}
    yield "multicast", {"rows": 2, "cols": 3, **tables, "multicast": True}, {}
    yield "multicast in a tree", {"rows": 2, "cols": 2, "topology": "tree", **tables, "multicast": True}, {}
    yield "odd-even", {"rows": 3, "cols": 2, "routing": "odd-even", "buffer_depth": 2}, {"axons": 5, "weight_bits": 8}


@pytest.mark.usefixtures("quick_build")
@pytest.mark.parametrize(("network", "core"), [chip[1:] for chip in chips()], ids=[chip[0] for chip in chips()])
def test_both_engines_agree_to_the_cycle(network: dict[str, Any], core: dict[str, Any]) -> None:
    params = CoreParams(**SMALL | core)
    fired = compare(network_for(params, **network), params, 3, [None, 60, 7], host_tile=network["rows"] - 1)
    assert fired > 3


@pytest.mark.usefixtures("quick_build")
@settings(max_examples=examples(2, 2000), deadline=None)
@given(
    seed=st.integers(0, 1 << 30),
    periods=st.lists(st.sampled_from([None, 1, 5, 20, 60, 200]), min_size=1, max_size=2),
    host_tile=st.sampled_from([0, 4]),
)
def test_both_engines_agree_whatever_is_sent(seed: int, periods: list[int | None], host_tile: int) -> None:
    params = CoreParams(**SMALL)
    compare(network_for(params, rows=2, cols=3), params, seed, periods, ticks=5, host_tile=host_tile)
