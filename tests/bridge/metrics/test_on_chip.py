"""The metrics of a chip of cores, by hand."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from support.random_networks import Packet, RandomNetwork, chip, sent_and_delivered, trace_of

from synaptile.bridge.config import Crossbar
from synaptile.bridge.engines.base import Activity
from synaptile.bridge.mapping import MappedNetwork, Mapping
from synaptile.bridge.metrics.on_chip import OnChipLog, OnChipMetrics, OnChipRunData

# Neuron 0 is a source of the host at tile 0; neurons 1 and 2 are on tiles 0 and 2 of a 1x3 mesh.
NETWORK = RandomNetwork(3, np.array([0, 0, 1]), np.array([1, 2, 2]), np.ones(3, np.int64))
MAPPING = Mapping(
    1, 3, Crossbar(axons=4, neurons=4), np.array([0, 0, 2]), np.array([0, 0, 0]), np.array([True, False, False])
)
LOG = OnChipLog(
    starts=np.array([0, 8, 12]),
    lengths=np.array([8, 4, 20]),
    overruns=np.array([0, 1, 2]),
    host_sent=np.array([0, 2, 2]),
    host_received=np.array([0, 0, 6]),
    host_late=1,
    merged=1,
    reports=6,
    counters={
        "axon_events": np.array([2, 0, 3]),
        "refused": np.array([1, 0, 0]),
        "neuron_updates": np.array([12, 12, 12]),
        "spikes": np.array([2, 0, 1]),
        "busy_cycles": np.array([8, 3, 16]),
    },
)


def run(log: OnChipLog = LOG, **changes: Any) -> OnChipRunData:
    packets, deliveries = sent_and_delivered([Packet(8, 0, 0, 0, 10), Packet(8, 0, 2, 0, 11), Packet(9, 0, 2, 1, 13)])
    nothing = np.zeros((3, 5), np.int64)
    values = {
        "deliveries": deliveries,
        "packets": packets,
        "activity": Activity(32, 1, 3, nothing, nothing, np.zeros(3, np.int64)),
        "mapped": MappedNetwork(NETWORK.firing, MAPPING),
        "trace": trace_of(NETWORK, [(1, 0), (2, 1)], steps=3),
        "config": chip("1x3", "4x4", clock_hz=1e6, cycles_per_step=10),
        "starts": log.starts,
        "log": log,
    }
    return OnChipRunData(**(values | changes))


def test_by_hand() -> None:
    found = OnChipMetrics.of(run()).to_dict()
    expected = {
        "ticks": 3,
        "tick_cycles_mean": 32 / 3,
        "tick_cycles_min": 4,
        "tick_cycles_max": 20,
        "tick_us_mean": pytest.approx(32 / 3),
        "tick_us_max": pytest.approx(20),
        "overruns": 3,
        "axon_events": 5,
        "merged_events": 1,
        "refused": 1,
        "core_updates": 36,
        "core_spikes": 3,
        "core_busy_mean": (8 + 16) / 2 / 32,  # the core of tile 1 has no neurons
        "core_busy_max": 0.5,
        "host_events": 4,
        "host_reports": 6,
        "host_late": 1,
        "door_in_mean": pytest.approx((0 + 4 / 4 + 4 / 20) / 3),  # two flits each
        "door_in_max": 1.0,
        "door_out_max": 0.6,
        "door_limited_ticks": 2,
        "tiles_used": 2,
        "late_packets": 1,  # created in step 1, there in step 2, which begins at cycle 12
        "late_steps_max": 1,
    }
    assert {name: found[name] for name in expected} == expected


def test_with_steps_of_one_length_lateness_counts_by_it() -> None:
    assert OnChipMetrics.of(run(starts=None)).late.count == 3


def test_the_model_has_no_cycles() -> None:
    counters = {**LOG.counters, "busy_cycles": np.zeros(3, np.int64)}
    found = OnChipMetrics.of(run(replace(LOG, timed=False, counters=counters))).to_dict()
    for name in (
        "tick_cycles_mean",
        "tick_us_max",
        "core_busy_max",
        "merged_events",
        "host_late",
        "door_limited_ticks",
    ):
        assert found[name] is None, name
    assert (found["ticks"], found["axon_events"], found["host_events"]) == (3, 5, 4)


def test_labels_are_distinct_and_every_headline_is_shown() -> None:
    metrics = OnChipMetrics.of(run())
    labels = [label for label, _, _ in metrics.rows()]
    assert len(set(labels)) == len(labels)
    assert "Tick, mean" in [label for label, _, _ in metrics.headlines()]


def test_a_board_is_not_looked_into_but_timed() -> None:
    counters = {name: counts for name, counts in LOG.counters.items() if name == "spikes"}
    found = OnChipMetrics.of(run(replace(LOG, observed=False, seconds=0.5, counters=counters))).to_dict()
    assert found["ticks_per_second"] == len(LOG.lengths) / 0.5
    assert found["tick_cycles_mean"] is not None
    assert found["core_spikes"] is not None
    for name in ("merged_events", "host_late", "axon_events", "core_updates", "core_busy_mean"):
        assert found[name] is None, name
    assert OnChipMetrics.of(run(LOG)).to_dict()["ticks_per_second"] is None
