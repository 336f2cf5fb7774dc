"""Tables in detail: rows that belong together agree, and what is not known is empty."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from support.fake_runs import imagined, random_trace
from support.on_chip_network import run_network

from synaptile.bridge import Chip, ChipConfig, ChipRun
from synaptile.bridge.limits.tile_clocks import ComputeReport
from synaptile.bridge.metrics.lateness import late_arrivals
from synaptile.bridge.metrics.on_chip import OnChipLog
from synaptile.rtl import Port

OVER_TIME = ("links_over_time", "routers_over_time", "tiles_over_time")


@pytest.fixture(scope="module")
def run() -> ChipRun:
    return imagined(random_trace(labels=["a", "b", "c"]), ChipConfig.preset("demo", cycles_per_step=12), delivered=0.9)


def test_loads_over_time_are_those_of_the_circuit_and_of_the_metrics(run: ChipRun) -> None:
    tables = {name: table.columns for name, table in run.tables().items()}
    load = run.metrics.congestion.load
    nodes = run.config.tiles
    for name, places in zip(OVER_TIME, (nodes * len(Port), nodes, nodes), strict=True):
        columns = tables[name]
        assert len(columns["window"]) == load.windows * places
        assert columns["from_cycle"].tolist() == (columns["window"] * load.window).tolist()
        assert columns["to_cycle"].max() == load.cycles
        assert (columns["to_cycle"] > columns["from_cycle"]).all()
    links, routers, tiles = (tables[name] for name in OVER_TIME)
    by_port: Counter[tuple[int, str]] = Counter()
    by_router: Counter[tuple[int, int]] = Counter()
    for node, port, window, flits in zip(
        links["node"].tolist(), links["port"].tolist(), links["window"].tolist(), links["flits"].tolist(), strict=True
    ):
        by_port[node, port] += flits
        by_router[node, window] += flits
    for node in range(nodes):
        for port in Port:
            assert by_port[node, port.name] == run.activity.flits[node, port]
    for node, window, flits, value, begin, end in zip(
        *(routers[name].tolist() for name in ("node", "window", "flits", "load", "from_cycle", "to_cycle")), strict=True
    ):
        assert by_router[node, window] == flits
        assert value == flits / (end - begin)
    assert tiles["entered_flits"].sum() == run.activity.injected_flits.sum()
    assert tiles["left_flits"].sum() == run.activity.flits[:, Port.LOCAL].sum()
    wait = (run.deliveries.injected - run.deliveries.created).sum()
    assert (tiles["queued_mean"] * (tiles["to_cycle"] - tiles["from_cycle"])).sum() == pytest.approx(wait)
    east = (links["row"] == 1) & (links["col"] == 2) & (links["port"] == "EAST")
    assert links["flits"][east].sum() == run.activity.flits[run.config.cols + 2, Port.EAST]


def test_connections_and_pairs_have_their_names(run: ChipRun) -> None:
    tables = {name: table.columns for name, table in run.tables().items()}
    connections, neurons = tables["connections"], tables["neurons"]
    worst = run.metrics.congestion.worst_connections[0]
    (row,) = np.flatnonzero(
        (connections["neuron"] == worst["neuron"])
        & (connections["row"] == worst["to_tile"][0])
        & (connections["col"] == worst["to_tile"][1])
    )
    for column, key in {
        "population": "population",
        "index": "index",
        "deliveries": "packets",
        "latency_mean": "latency_mean",
        "latency_max": "latency_max",
        "late": "late_packets",
        "late_steps_max": "late_steps_max",
    }.items():
        assert connections[column][row] == worst[key]
    assert connections["packets"].sum() == neurons["packets"].sum() == len(run.packets) > len(run.deliveries)
    pairs, over_time = tables["population_pairs"], tables["population_pairs_over_time"]
    listed = list(zip(pairs["source"].tolist(), pairs["target"].tolist(), strict=True))
    assert len(set(listed)) == len(listed) > 3
    late: Counter[tuple[str, str]] = Counter()
    for source, target, count in zip(*(over_time[name].tolist() for name in ("source", "target", "late")), strict=True):
        late[source, target] += count
    assert [late[pair] for pair in listed] == pairs["late"].tolist()
    for one in run.metrics.congestion.worst_pairs:
        at = listed.index((one["from"], one["to"]))
        assert (pairs["deliveries"][at], pairs["late"][at]) == (one["packets"], one["late_packets"])


def test_with_a_routing_that_leaves_a_choice_loads_are_of_tiles_alone() -> None:
    run = imagined(random_trace(), ChipConfig.preset("demo", routing="odd-even"))
    tables = run.tables()
    assert [len(tables[name]) > 0 for name in OVER_TIME] == [False, False, True]


def test_of_cores_the_steps_are_ticks(run: ChipRun) -> None:
    rng = np.random.default_rng(1)
    starts = np.cumsum(np.append(0, rng.integers(5, 15, run.trace.steps * 2)))
    none = np.zeros(len(starts), np.int64)
    log = OnChipLog(starts, none, none, none, none, 0, 0, 0, {})
    for tick, begins in (("barrier", starts), ("fixed", None)):
        cores = replace(run, config=run.config.replace(tick=tick), log=log)
        tables = {name: table.columns for name, table in cores.tables().items()}
        late = late_arrivals(run.deliveries, run.config.cycles_per_step, begins).count
        assert tables["neurons"]["late"].sum() == tables["connections"]["late"].sum() == late > 0
        assert np.count_nonzero(tables["deliveries"]["late_steps"]) == late


def test_of_an_engine_without_a_network_nothing_is_said_of_packets() -> None:
    chip = Chip(mesh=(2, 2), crossbar="96x8", weight_bits=5, engine="model", mode="on-chip")
    run_network(hardware=chip, steps=10)
    run = chip.report()
    tables = run.tables()
    neurons = tables["neurons"].columns
    assert neurons["spikes"].sum() == run.trace.spikes > 0
    assert np.isnan(neurons["packets"]).all()
    for name in ("connections", "population_pairs", "population_pairs_over_time", *OVER_TIME):
        assert len(tables[name]) == 0, name


def test_where_work_takes_time_a_packet_is_late_after_the_step_of_its_spike(run: ChipRun) -> None:
    stamp = np.maximum(run.deliveries.stamp - 1, 0)
    worked = replace(run, deliveries=replace(run.deliveries, stamp=stamp), compute=ComputeReport(*[0] * 10))
    late = np.count_nonzero(run.deliveries.completed // run.config.cycles_per_step > stamp)
    assert worked.tables()["neurons"].columns["late"].sum() == late > run.metrics.late.count
