import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_networks import Network, Packet, chip, logs, networks, sent_and_delivered, trace_of

from synaptile.bridge.config import ChipConfig, Crossbar
from synaptile.bridge.config.energy_table import EVENTS
from synaptile.bridge.engines.base import Activity
from synaptile.bridge.mapping import Mapping, map_network
from synaptile.bridge.metrics import Metrics, compute_metrics
from synaptile.bridge.metrics.summary import Area, accepted_flits, area, neuron_updates, synaptic_events, throughput
from synaptile.swsim.trace import PopulationSlice, Trace


def idle(tiles: int, cycles: int = 0) -> Activity:
    return Activity(
        cycles, 1, tiles, np.zeros((tiles, 5), np.int64), np.zeros((tiles, 5), np.int64), np.zeros(tiles, np.int64)
    )


# Neurons 0, 1 on tile 0, neuron 2 on tile 2 of a 1x4 mesh; 0 talks twice to 2 and once to 1, 1 to 2.
NETWORK = Network(3, np.array([0, 0, 0, 1]), np.array([2, 2, 1, 2]), np.ones(3, np.int64))
MAPPING = Mapping(1, 4, Crossbar(axons=4, neurons=2), np.array([0, 0, 2]), np.array([0, 1, 0]))
TRACE = trace_of(NETWORK, [(0, 0), (0, 1), (1, 0), (2, 0), (2, 2)], steps=3)
LOG = [
    Packet(0, 0, 2, 0, 3),
    Packet(0, 0, 2, 1, 5, injected=2),
    Packet(10, 0, 2, 0, 24),
    Packet(20, 0, 2, 0, None),
]


def by_hand(config: ChipConfig | None = None) -> Metrics:
    packets, deliveries = sent_and_delivered(LOG)
    flits = np.zeros((4, 5), np.int64)
    flits[0, 2], flits[1, 2], flits[2, 0] = 8, 7, 6
    activity = Activity(30, 1, 4, flits, flits // 2, np.array([8, 0, 0, 0]))
    if config is None:
        config = chip("1x4", "4x2", cycles_per_step=10, clock_hz=1e6)
    return compute_metrics(deliveries, packets, activity, MAPPING, TRACE, config)


def test_by_hand() -> None:
    found = by_hand().to_dict()
    energy = found.pop("energy")
    assert found == {
        "cycles": 30,
        "steps": 3,
        "neurons": 3,
        "synapses": 4,
        "spikes": 5,
        "synaptic_events": 10,  # 3 spikes x 3 synapses and 1 x 1
        "packets_sent": 4,
        "packets_delivered": 3,
        "packets_undelivered": 1,
        "latency_mean": pytest.approx(22 / 3),
        "latency_min": 3,
        "latency_p50": 5,
        "latency_p95": 14,
        "latency_p99": 14,
        "latency_max": 14,
        "source_wait_mean": pytest.approx(2 / 3),
        "source_wait_max": 2,
        "hops_mean": 2.0,
        "hops_max": 2,
        "throughput_packets_per_cycle": 0.1,
        "accepted_flits_per_cycle_per_node": 0.05,
        "isi_emitted_mean": 10.0,
        "isi_delivered_mean": 21.0,
        "isi_distortion_mean": 11.0,
        "isi_distortion_max": 11,
        "isi_distortion_flow_mean": 11.0,
        "isi_distortion_flow_min": 11.0,
        "isi_distortion_flow_p50": 11.0,
        "isi_distortion_flow_p95": 11.0,
        "isi_distortion_flow_p99": 11.0,
        "isi_distortion_flow_max": 11.0,
        "isi_flows": 1,
        # Expected 2, 1, 1 in steps 0, 1, 2, got 2, 0, 1: (0 + 1 + 0) / 3.
        "disorder_mean": pytest.approx(1 / 3),
        "disorder_max": pytest.approx(1 / 3),
        "disorder_count": 1,
        "late_packets": 1,
        "late_fraction": pytest.approx(1 / 3),
        "late_steps_max": 1,
        "fanout_synapses_mean": pytest.approx(4 / 3),
        "fanout_synapses_max": 3,
        "fanout_tiles_mean": pytest.approx(2 / 3),
        "fanout_tiles_max": 1,
        "tiles": 4,
        "tiles_used": 2,
        "routers": 4,
        "routers_used": 3,
    }
    assert energy["table"] == "noxim"
    assert energy["missing"] == ["synaptic_event", "neuron_update", "spike"]
    assert energy["dynamic_pj"]["link"] == pytest.approx(15 * 1.56)
    assert energy["static_pj"] == pytest.approx(12.3 * 4 * 30e-6 * 1e9)


def test_rows() -> None:
    rows = by_hand().rows()
    assert ("Packets not delivered", "1", "packets") in rows
    assert ("Latency, mean", "7.33", "cycles") in rows
    assert ("Throughput", "0.1", "packets/cycle") in rows
    assert ("Tiles used", "2 of 4", "tiles") in rows
    assert [row[2] for row in rows if row[0] == "Energy (noxim: simulator)"] == ["nJ"]
    assert rows[-1] == ("Energy terms left out", "3", "synaptic_event, neuron_update, spike")
    unset = by_hand(chip("1x4", "4x2", cycles_per_step=10, energy="unset")).rows()
    assert unset[-1] == ("Energy (unset)", "no numbers", "")


def test_nothing_happened() -> None:
    packets, deliveries = sent_and_delivered([])
    empty = Network(0, np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))
    config = chip("1x1")
    mapping, _ = map_network(0, empty.pre, empty.post, None, (), config)
    found = compute_metrics(deliveries, packets, idle(1), mapping, trace_of(empty, [], 0), config)
    values = found.to_dict()
    json.dumps(values, allow_nan=False)
    for key in ("latency_mean", "throughput_packets_per_cycle", "accepted_flits_per_cycle_per_node", "disorder_mean"):
        assert values[key] is None
    assert (values["packets_sent"], values["late_packets"], values["disorder_count"]) == (0, 0, 0)
    assert ("Latency, mean", "–", "cycles") in found.rows()


def test_throughput() -> None:
    assert throughput(191, 1000) == 0.191
    assert throughput(0, 0) is None


def test_accepted_flits() -> None:
    moved = idle(4, cycles=10)
    flits = moved.flits.copy()
    flits[:, 0] = [1, 2, 3, 4]
    flits[:, 1] = 100
    assert accepted_flits(Activity(10, 1, 4, flits, flits, moved.injected_flits)) == 0.25
    assert accepted_flits(idle(4)) is None


def test_area() -> None:
    assert area(MAPPING, idle(4)) == Area(tiles_used=2, routers_used=2, tiles=4, routers=4)


def test_spike_sources_are_not_updated() -> None:
    populations = [PopulationSlice("in", 0, 2, "SpikeSourcePoisson"), PopulationSlice("out", 2, 3, "IF_curr_exp")]
    values = {name: getattr(TRACE, name) for name in TRACE.__dataclass_fields__} | {"populations": populations}
    assert neuron_updates(Trace(**values)) == 3
    assert neuron_updates(TRACE) == 9


def test_synaptic_events() -> None:
    assert synaptic_events(TRACE) == 10


def test_refused() -> None:
    packets, deliveries = sent_and_delivered(LOG)
    none, _ = sent_and_delivered([])
    config = chip("1x4", "4x2")
    with pytest.raises(ValueError, match=r"^deliveries must be at most the 0 packets sent, not 3$"):
        compute_metrics(deliveries, none, idle(4), MAPPING, TRACE, config)
    other = Mapping(1, 4, Crossbar(axons=4, neurons=2), np.array([0]), np.array([0]))
    with pytest.raises(ValueError, match=r"^mapping must have the trace's 3 neurons, not 1$"):
        compute_metrics(deliveries, packets, idle(4), other, TRACE, config)


@settings(deadline=None, max_examples=50)
@given(networks(most=9), st.data())
def test_any_run_has_metrics(network: Network, data: st.DataObject) -> None:
    config = chip("1x3", "64x4", cycles_per_step=10)
    mapping, _ = map_network(network.neurons, network.pre, network.post, None, (), config, "in-order")
    log = data.draw(logs(network, mapping.tile))
    packets, deliveries = sent_and_delivered(log)
    trace = trace_of(network, [(packet.created // 10, packet.neuron) for packet in log], steps=6)
    found = compute_metrics(deliveries, packets, idle(3, cycles=100), mapping, trace, config)
    values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    arrived = [packet for packet in log if packet.delivered is not None]
    assert values["packets_delivered"] + values["packets_undelivered"] == values["packets_sent"] == len(log)
    assert values["throughput_packets_per_cycle"] == len(arrived) / 100
    assert values["latency_max"] == max((p.delivered - p.created for p in arrived if p.delivered), default=None)
    assert values["late_packets"] == sum((p.delivered + p.tail) // 10 > p.created // 10 for p in arrived)
    assert all(isinstance(cell, str) for row in found.rows() for cell in row)
    if values["late_packets"] == 0 and len(arrived) == len(log):
        assert values["disorder_max"] in (None, 0)


def test_every_metric_is_defined_in_the_documentation() -> None:
    text = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z0-9_*]+)`", text))
    values = by_hand().to_dict()
    for key in [*values, *EVENTS]:
        families = {key[:end] + "_*" for end in range(len(key)) if key[end] == "_"}
        assert key in named or families & named or key in ("energy", "tiles"), key
    known = {*values, *EVENTS, *values["energy"], *by_mapping()}
    for name in named - {"includes", "null", "_mean", "_min", "_max", "_p50", "_p95", "_p99"}:
        assert name in known or any(key.startswith(name.rstrip("*")) for key in values if name.endswith("*")), name


def by_mapping() -> set[str]:
    _, report = map_network(0, [], [], None, (), chip("1x1"))
    return set(report.partition.to_dict()) | set(report.placement.to_dict())
