"""Mappings side by side: the same network and chip for all, exact means, and spikes that are those of the networks."""

import math

import pytest
from matplotlib.figure import Figure

from synaptile.bridge import Chip, ChipConfig
from synaptile.bridge.bench import mapping, mapping_networks
from synaptile.bridge.bench.mapping import BASELINE, MappingRow, behind_best, gains, search_name
from synaptile.bridge.bench.mapping_curve import WITHIN, draw_curve
from synaptile.bridge.bench.networks import potjans_diesmann
from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.partition import ClusterLimits, packets_lower_bound
from synaptile.swsim.trace import Trace


@pytest.fixture
def ring(monkeypatch, quick_build):
    """A case: 48 neurons in a ring of groups; and its trace."""
    count = 48
    pre = [i for i in range(count) for _ in range(9)]
    post = [(i + 5 * k) % count for i in range(count) for k in range(1, 10)]
    trace = Trace(
        dt=1.0,
        steps=6,
        neurons=count,
        spike_neuron=list(range(count)) * 2,
        spike_step=[0] * count + [3] * count,
        pre=pre,
        post=post,
        weight=[1.0] * len(pre),
        delay=[1] * len(pre),
    )
    case = mapping_networks.Case(lambda sim: None, 6.0, {"mesh": (3, 3), "crossbar": "48x8"})
    monkeypatch.setitem(mapping_networks.CASES, "ring", case)
    monkeypatch.setattr(mapping, "trace_of", {"ring": trace}.__getitem__)
    return trace


def ring_late(trace, cycles):
    """Late packets with balanced load in steps of so many cycles."""
    config = ChipConfig(mesh=(3, 3), crossbar="48x8", cycles_per_step=cycles)
    return Chip(config, partition="balanced", placement="in-order").replay(trace).metrics.late.count


def test_a_row_is_what_the_chip_counts(ring):
    rows = mapping.measure_mappings(["ring"], time_limits=[0.2], methods=[BASELINE, "in order"])
    assert [row.method for row in rows] == [BASELINE, "in order", search_name(0.2)]
    assert all(row.failure is None for row in rows)
    config = ChipConfig(mesh=(3, 3), crossbar="48x8", cycles_per_step=rows[1].cycles_per_step)
    run = Chip(config, partition="in-order", placement="in-order").replay(ring)
    assert rows[1].latency == pytest.approx(run.metrics.latency.mean)
    assert rows[1].late == run.metrics.late.count
    network = Network.of_trace(ring)
    least = packets_lower_bound(network, ClusterLimits.of_chip(config))
    assert {row.least_packets for row in rows} == {least}
    assert all(row.packets >= least for row in rows)
    # The search is never worse than in order, and its time is that of the clock, idle rounds included.
    assert rows[2].spike_hops <= rows[1].spike_hops
    assert rows[2].seconds >= 0.02


def test_steps_are_as_long_as_balanced_load_needs(ring, monkeypatch):
    monkeypatch.setattr(mapping, "_LOAD", 1e9)
    short = ring_late(ring, 64)
    rows = mapping.measure_mappings(["ring"], time_limits=[], methods=[BASELINE])
    if short <= 0.001 * rows[0].packets:
        pytest.fail("the case has no jam in 64 cycles, so that this proves nothing")
    assert rows[0].cycles_per_step > 64
    assert rows[0].late <= 0.001 * rows[0].packets
    assert ring_late(ring, rows[0].cycles_per_step // 2) > 0.001 * rows[0].packets


def test_what_does_not_fit_is_a_row_with_its_reason(ring, monkeypatch):
    case = mapping_networks.Case(lambda sim: None, 6.0, {"mesh": (2, 2), "crossbar": "48x12"})
    monkeypatch.setitem(mapping_networks.CASES, "ring", case)
    found = mapping.search_mapping

    def fails(network, config, *, partitions=None, **more):
        if partitions == ["swarm"]:
            raise mapping.MappingError("no room\nat all")
        return found(network, config, partitions=partitions, **more)

    monkeypatch.setattr(mapping, "search_mapping", fails)
    monkeypatch.setattr(mapping, "_compile", lambda methods: None)
    rows = mapping.measure_mappings(["ring"], time_limits=[], methods=[mapping.SWARM, "in order"])
    assert [row.failure for row in rows] == ["no room", None]


ROWS = [
    MappingRow("a", "x", spike_hops=20, latency=4, seconds=1),
    MappingRow("a", "y", spike_hops=10, latency=2, seconds=1),
    MappingRow("b", "x", spike_hops=10, latency=8, seconds=1),
    MappingRow("b", "y", spike_hops=80, latency=4, seconds=1),
    MappingRow("c", "x", spike_hops=0, latency=0),
    MappingRow("c", "y", failure="no room"),
]


def test_means_are_geometric_and_over_what_both_mapped():
    found = gains(ROWS, "y", "x")
    assert found["spike_hops"] == pytest.approx(2.0)  # the root of 1/2 · 8
    assert found["latency"] == pytest.approx(0.5)
    assert "packets" not in found


def test_how_far_a_method_is_behind_the_best():
    assert behind_best(ROWS, "x") == {"a": 2.0, "b": 1.0, "c": 1.0}
    assert behind_best(ROWS, "y") == {"a": 1.0, "b": 8.0}
    assert behind_best([*ROWS, MappingRow("c", "z", spike_hops=3)], "z") == {"c": math.inf}


def test_methods_that_took_longer_are_not_in_the_way_within_a_limit():
    rows = [
        MappingRow("a", "quick", spike_hops=12, seconds=0.5),
        MappingRow("a", "own", spike_hops=11, seconds=1.5),
        MappingRow("a", "late", spike_hops=10, seconds=2.0),
        MappingRow("a", "later", spike_hops=9, seconds=3.0),
    ]
    assert behind_best(rows, "own") == {"a": 11 / 9}
    assert behind_best(rows, "own", limit=2.0) == {"a": 11 / 10}
    assert behind_best(rows, "own", limit=1.0) == {"a": 1.0}  # it took 1.5 s itself
    assert behind_best(rows, "quick", limit=1.0) == {"a": 1.0}
    assert behind_best(rows, "quick", limit=1.5) == {"a": 12 / 11}


def test_the_curve_has_a_line_for_each_network_and_one_for_the_aim():
    rows = [
        MappingRow("a", search_name(10.0), spike_hops=10, seconds=10),
        MappingRow("a", search_name(1.0), spike_hops=12, seconds=1),
        MappingRow("a", "quick", spike_hops=11, seconds=1),
        MappingRow("b", search_name(1.0), spike_hops=7, seconds=1),
    ]
    axes = draw_curve(rows, [10.0, 1.0], Figure().subplots())
    lines = {line.get_label(): line for line in axes.get_lines()}
    assert lines["a"].get_xydata().tolist() == [[1.0, 12 / 11], [10.0, 1.0]]
    assert lines["a, best in any time"].get_xydata().tolist() == [[1.0, 1.2], [10.0, 1.0]]
    assert lines["b"].get_xydata().tolist() == [[1.0, 1.0]]
    assert list(lines["3% above the best"].get_ydata()) == [WITHIN, WITHIN]


@pytest.mark.parametrize(
    ("name", "neurons", "fires"),
    [("balanced random", 2000, 1000), ("synfire chain", 1050, 1000), ("convolutional", 576 + 1152 * 2 + 576 * 2, 1000)],
)
def test_the_networks_fire(name, neurons, fires):
    trace = mapping_networks.trace_of(name)
    assert trace.neurons == neurons
    assert len(trace.spike_neuron) > fires
    # Every layer and group fires: the last neurons, too.
    assert (trace.spike_neuron > 0.95 * (1050 if name == "synfire chain" else neurons)).any()


def test_every_case_is_a_chip_and_the_large_are_cases():
    for case in mapping_networks.CASES.values():
        ChipConfig(**case.chip)
    assert set(mapping_networks.LARGE) < set(mapping_networks.CASES)


def test_a_circuit_so_small_that_a_projection_is_empty_is_built():
    import synaptile.swsim as sim

    populations = potjans_diesmann(sim, 0.01)
    assert sum(population.size for population in populations) == 767
    sim.end()
