import json
import pickle
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_networks import Packet, RandomNetwork, chip, logs, networks, sent_and_delivered, trace_of

from synaptile.bridge.config import ChipConfig, Crossbar
from synaptile.bridge.config.energy_price import TABLE
from synaptile.bridge.config.energy_table import EnergyTable
from synaptile.bridge.config.energy_terms import EVENTS
from synaptile.bridge.engines.base import Activity
from synaptile.bridge.mapping import MappedNetwork, Mapping, Network, map_network
from synaptile.bridge.metrics import Metrics, RunData, compute_metrics
from synaptile.bridge.metrics.area import TileArea, tile_area
from synaptile.bridge.metrics.metric import Metric
from synaptile.bridge.metrics.on_chip import OnChipMetrics
from synaptile.bridge.report.definitions import definitions


def idle(tiles: int, cycles: int = 0) -> Activity:
    return Activity(
        cycles, 1, tiles, np.zeros((tiles, 5), np.int64), np.zeros((tiles, 5), np.int64), np.zeros(tiles, np.int64)
    )


# Neurons 0, 1 on tile 0, neuron 2 on tile 2 of a 1x4 mesh; 0 talks twice to 2 and once to 1, 1 to 2.
NETWORK = RandomNetwork(3, np.array([0, 0, 0, 1]), np.array([2, 2, 1, 2]), np.ones(3, np.int64))
MAPPING = Mapping(1, 4, Crossbar(axons=4, neurons=2), np.array([0, 0, 2]), np.array([0, 1, 0]))
TRACE = trace_of(NETWORK, [(0, 0), (0, 1), (1, 0), (2, 0), (2, 2)], steps=3)
LOG = [
    Packet(0, 0, 2, 0, 3),
    Packet(0, 0, 2, 1, 5, injected=2),
    Packet(10, 0, 2, 0, 24),
    Packet(20, 0, 2, 0, None),
]


def run_by_hand(config: ChipConfig | None = None) -> RunData:
    packets, deliveries = sent_and_delivered(LOG)
    flits = np.zeros((4, 5), np.int64)
    flits[0, 2], flits[1, 2], flits[2, 0] = 8, 7, 6
    activity = Activity(30, 1, 4, flits, flits // 2, np.array([8, 0, 0, 0]))
    if config is None:
        config = chip("1x4", "4x2", cycles_per_step=10, clock_hz=1e6)
    return RunData(deliveries, packets, activity, MappedNetwork(NETWORK.firing, MAPPING), TRACE, config)


def by_hand(config: ChipConfig | None = None) -> Metrics:
    return compute_metrics(run_by_hand(config))


def test_by_hand() -> None:
    found = by_hand().to_dict()
    energy = found.pop("energy")
    waits = {name: found[name] for name in ("late_causes", "worst_connections", "worst_population_pairs", "hot_spots")}
    assert waits["late_causes"]["count"] == 1
    assert [one["neuron"] for one in waits["worst_connections"]] == [0, 1]
    assert waits["worst_population_pairs"] == []
    expected = {
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
        "order_changes": 0,
        "overtaken_packets": 0,
        "noxim_disorder_count": 1,
        "late_packets": 1,
        "late_fraction": pytest.approx(1 / 3),
        "late_steps_max": 1,
        **waits,
        "fanout_synapses_mean": pytest.approx(4 / 3),
        "fanout_synapses_max": 3,
        "fanout_tiles_mean": pytest.approx(2 / 3),
        "fanout_tiles_max": 1,
        "tiles": 4,
        "tiles_used": 2,
        "routers": 4,
        "routers_used": 3,
        "neuron_updates": 9,
        "active_updates": None,
        "memory_reads": None,
        "memory_writes": None,
        "row_reads": 6,  # 3 delivered, and 3 spikes of neuron 0 to 1 on its own tile
        "chip_time_s": 30e-6,
        "network_time_s": 0.003,
        "speedup": pytest.approx(100),
    }
    assert found == expected
    assert [*found, "energy"] == [*expected, "energy"] == list(by_hand().to_dict())  # the order of metrics.json
    assert energy["table"] == "noxim"
    assert energy["missing"] == ["synaptic_event", "neuron_update", "spike", "tile_mw"]
    assert energy["dynamic_pj"]["link"] == pytest.approx(15 * 1.56)
    assert energy["static_pj"] == pytest.approx(12.329 * 4 * 30e-6 * 1e9)


def test_active_neurons_are_counted_where_they_cost_differently() -> None:
    found = by_hand(chip("1x4", "4x2", cycles_per_step=10, energy="loihi"))
    # 0 fires in steps 0, 1, 2; 1 in step 0 and it hears of 0 in 1, 2; 2 hears in step 1 of what came in step 0, in none
    # of what came in step 2, and fires in step 2.
    assert found.work.active_updates == 8
    assert found.energy.dynamic_pj["neuron_active"] == 8 * 81.0
    assert found.energy.dynamic_pj["neuron_idle"] == 52.0


def test_the_inferences_of_a_run() -> None:
    run = replace(run_by_hand(), inferences=2)
    energy = compute_metrics(run).energy
    assert energy.to_dict()["per_inference_pj"] == energy.total_pj / 2
    with pytest.raises(ValueError, match=r"^inferences must be at least 1, not 0$"):
        replace(run, inferences=0)


def test_rows() -> None:
    rows = by_hand().rows()
    assert [row[0] for row in rows[:8]] == [
        "Spikes",
        "Synaptic events",
        "Packets sent",
        "Packets delivered",
        "Packets not delivered",
        "Simulated",
        "Latency, mean",
        "Latency, 99 % within",
    ]
    assert ("Packets not delivered", "1", "packets") in rows
    assert ("Latency, mean", "7.33", "cycles") in rows
    assert ("Throughput", "0.1", "packets/cycle") in rows
    assert ("Tiles used", "2 of 4", "tiles") in rows
    assert ("Energy (noxim: simulator)", "1.48", "µJ") in rows
    assert ("Energy, leakage", "1.48", "µJ") in rows
    assert ("Chip, against real time", "100", "× faster") in rows
    unset = by_hand(chip("1x4", "4x2", cycles_per_step=10, energy="unset")).rows()
    assert unset[-1] == ("Energy (unset)", "no numbers", "")


def test_nothing_happened() -> None:
    packets, deliveries = sent_and_delivered([])
    empty = RandomNetwork(0, np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))
    config = chip("1x1")
    mapping, _ = map_network(empty.silent, config)
    mapped = MappedNetwork(empty.silent, mapping)
    found = compute_metrics(RunData(deliveries, packets, idle(1), mapped, trace_of(empty, [], 0), config))
    values = found.to_dict()
    json.dumps(values, allow_nan=False)
    for key in ("latency_mean", "throughput_packets_per_cycle", "accepted_flits_per_cycle_per_node", "disorder_mean"):
        assert values[key] is None
    assert (values["packets_sent"], values["late_packets"], values["noxim_disorder_count"]) == (0, 0, 0)
    assert ("Latency, mean", "–", "cycles") in found.rows()


def test_area() -> None:
    assert tile_area(MAPPING, idle(4)) == TileArea(tiles_used=2, routers_used=2, tiles=4, routers=4)


def test_refused() -> None:
    packets, deliveries = sent_and_delivered(LOG)
    none, _ = sent_and_delivered([])
    config = chip("1x4", "4x2")
    with pytest.raises(ValueError, match=r"^deliveries must be at most the 0 packets sent, not 3$"):
        RunData(deliveries, none, idle(4), MappedNetwork(NETWORK.silent, MAPPING), TRACE, config)
    one = Mapping(1, 4, Crossbar(axons=4, neurons=2), np.array([0]), np.array([0]))
    other = MappedNetwork(Network.of(1, [], []), one)
    with pytest.raises(ValueError, match=r"^mapping must have the trace's 3 neurons, not 1$"):
        RunData(deliveries, packets, idle(4), other, TRACE, config)


@settings(deadline=None, max_examples=50)
@given(networks(most=9), st.data())
def test_any_run_has_metrics(network: RandomNetwork, data: st.DataObject) -> None:
    config = chip("1x3", "64x4", cycles_per_step=10)
    mapping, _ = map_network(network.silent, config, partition="in-order")
    log = data.draw(logs(network, mapping.tile))
    packets, deliveries = sent_and_delivered(log)
    trace = trace_of(network, [(packet.created // 10, packet.neuron) for packet in log], steps=6)
    mapped = MappedNetwork(network.silent, mapping)
    found = compute_metrics(RunData(deliveries, packets, idle(3, cycles=100), mapped, trace, config))
    values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    arrived = [packet for packet in log if packet.delivered is not None]
    assert values["packets_delivered"] + values["packets_undelivered"] == values["packets_sent"] == len(log)
    assert values["throughput_packets_per_cycle"] == len(arrived) / 100
    assert values["latency_max"] == max((p.delivered - p.created for p in arrived if p.delivered), default=None)
    assert values["late_packets"] == sum((p.delivered + p.tail) // 10 > p.created // 10 for p in arrived)
    assert all(isinstance(cell, str) for row in found.rows() for cell in row)
    if values["late_packets"] == 0 and len(arrived) == len(log):
        assert values["disorder_max"] in (None, 0)


class Extended(Metrics):
    longest = Metric(
        lambda run: int(run.deliveries.hops.max(initial=0)),
        unit="hops",
        definition="the longest way",
        label="Longest way",
        glossary=("Longest way", "Links that the packet with most of them crossed."),
    )
    early = Metric(lambda run: None, unit="packets", definition="none", label="Early", rows_after="spikes")


def test_a_metric_is_an_entry() -> None:
    run = run_by_hand()
    known, found = compute_metrics(run), Extended.of(run)
    assert found.longest == 2
    assert list(found.to_dict().items()) == [*known.to_dict().items(), ("longest", 2), ("early", None)]
    assert found.rows() == [
        known.rows()[0],
        ("Early", "–", "packets"),
        *known.rows()[1:],
        ("Longest way", "2", "hops"),
    ]
    assert definitions(found)[-1] == ("Longest way", "Links that the packet with most of them crossed.")
    assert definitions(found)[:-1] == definitions(known)
    assert Extended.longest.unit == "hops"
    assert list(Extended.entries()) == [*Metrics.entries(), "longest", "early"]


def test_metrics_do_not_change() -> None:
    found = by_hand()
    with pytest.raises(AttributeError, match=r"^spikes was computed from the run and cannot be set$"):
        found.spikes = 3
    assert found.spikes == 5


def test_a_metric_is_computed_when_it_is_looked_at_and_once() -> None:
    asked: list[str] = []

    def noted(name: str, value: int) -> Metric[int]:
        return Metric(lambda run: asked.append(name) or value, unit="", definition="")  # type: ignore[func-returns-value]

    class Counted(Metrics):
        first = noted("first", 1)
        second = noted("second", 2)

    found = Counted.of(run_by_hand())
    assert asked == []
    assert (found.second, found.second, found.number("second")) == (2, 2, 2)
    assert asked == ["second"]
    assert found.number("latency_mean") == found.latency.mean
    assert found.number("energy") == found.energy.to_dict()
    with pytest.raises(KeyError):
        found.number("third")
    assert found.to_dict()["first"] == 1
    assert asked == ["second", "first"]
    # All are known, so that the data of the run can go.
    assert found.computed._run is None  # type: ignore[attr-defined]


def test_metrics_travel_to_another_process() -> None:
    found = by_hand()
    there = pickle.loads(pickle.dumps(found))
    assert there.to_dict() == found.to_dict()
    assert there.latency == found.latency


def test_metrics_have_names_of_their_own() -> None:
    keys = [quantity.key for metric in Metrics.entries().values() for quantity in metric.quantities]
    assert len(set(keys)) == len(keys)
    labels = [quantity.label for metric in Metrics.entries().values() for quantity in metric.quantities]
    labels = [label for label in labels if label is not None]
    assert len(set(labels)) == len(labels)


DOCUMENT = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text(encoding="utf-8")


def documented() -> list[str]:
    """The lines that the tables of docs/metrics.md must have, one for each definition of the registry."""
    lines = []
    for metric in OnChipMetrics.entries().values():  # those of every run, and more
        groups: dict[tuple[str, str], list[str]] = {}
        for quantity in metric.quantities:
            definition = metric.definition if quantity.definition is None else quantity.definition
            unit = metric.unit if quantity.unit is None else quantity.unit
            groups.setdefault((definition, unit), []).append(quantity.key)
        for (definition, unit), keys in groups.items():
            if len(keys) == 6:  # all that a `Distribution` has
                keys = [f"{keys[0].removesuffix('_mean')}_*"]
            lines.append(f"| {', '.join(f'`{key}`' for key in keys)} | {definition} | {unit} |".replace("|  |", "| |"))
    return lines


def test_the_tables_of_the_documentation_are_the_registry() -> None:
    tables = re.findall(r"^\| key \| definition \| unit \|\n\|---\|---\|---\|\n((?:\|.*\n)+)", DOCUMENT, re.M)
    found = [line for table in tables for line in table.splitlines()]
    assert sorted(found) == sorted(documented())


def test_every_name_in_the_documentation_is_known() -> None:
    named = set(re.findall(r"`([a-z0-9_*]+)`", DOCUMENT))
    values = by_hand().to_dict()
    for key in EVENTS:
        families = {key[:end] + "_*" for end in range(len(key)) if key[end] == "_"}
        assert key in named or families & named, key
    values = {
        quantity.key: None for metric in OnChipMetrics.entries().values() for quantity in metric.quantities
    } | values
    known = {
        "programming",
        *values,
        *EVENTS,
        *values["energy"],
        *EnergyTable.model_fields,
        "deviation",
        TABLE,
        *by_mapping(),
    }
    for name in named - {"includes", "null", "_mean", "_min", "_max", "_p50", "_p95", "_p99"}:
        assert name in known or any(key.startswith(name.rstrip("*")) for key in values if name.endswith("*")), name


def by_mapping() -> set[str]:
    _, report = map_network(Network.of(0, [], []), chip("1x1"))
    return set(report.partition.to_dict()) | set(report.placement.to_dict())
