"""A waveform shows what happened: read back, it is the engine's log, and decoded variables mean what they say."""

import dataclasses
import itertools
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from amaranth.back import rtlil
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.strategies import network_params, patterns, traffic
from support.vcd_log import read_latencies

from synaptile.bridge.engines.amaranth import AmaranthEngine
from synaptile.bridge.engines.base import Packets
from synaptile.bridge.engines.probes import views
from synaptile.bridge.waves.decoder import FlitKind
from synaptile.bridge.waves.recorder import VcdRecorder
from synaptile.bridge.waves.vcd_reader import VCDVCD
from synaptile.rtl import Mesh, NetworkParams

CLOCK = 100e6  # 10 ns


def packets_of(spikes) -> Packets:
    return Packets(
        **{
            field: [getattr(spike, field) for spike in spikes]
            for field in ("cycle", "source", "destination", "neuron", "stamp")
        }
    )


def record(path: Path, params: NetworkParams, packets: Packets, *, ready=None, rest=0, **options) -> AmaranthEngine:
    """Run packets to the end, and ``rest`` cycles more, recording."""
    with VcdRecorder(path, clock_hz=CLOCK, **options) as waves:
        engine = AmaranthEngine(params, ready=ready, waves=waves)
        engine.inject(packets)
        engine.drain(20_000)
        engine.run(engine.cycle + rest)
    return engine


def run_for_two_cycles(params: NetworkParams, waves: VcdRecorder) -> None:
    engine = AmaranthEngine(params, waves=waves)
    engine.inject(one(destination=1))
    engine.drain(2)


class Values:
    """A VCD's variables as numbers by time; ``None`` for z."""

    def __init__(self, path: Path) -> None:
        self.vcd = VCDVCD(str(path))

    def at(self, name: str, cycle: int) -> int | None:
        value = self.vcd[f"chip.{name}"][cycle * 10]
        return None if value == "z" else int(value, 2)


def one(cycle=0, source=0, destination=0, neuron=0, stamp=0) -> Packets:
    return Packets(cycle=[cycle], source=[source], destination=[destination], neuron=[neuron], stamp=[stamp])


@settings(max_examples=examples(6, 12), deadline=None)
@given(data=st.data())
def test_the_log_read_back_is_the_engines_log(data):
    params = data.draw(network_params(max_rows=3, max_cols=3))
    spikes = data.draw(traffic(params, max_spikes=25, max_cycle=120))
    period = data.draw(st.integers(1, 5))
    tiles = st.lists(patterns(period), min_size=params.tiles, max_size=params.tiles)
    ready = np.array([list(itertools.islice(itertools.cycle(p), period)) for p in data.draw(tiles)])
    ready[:, 0] = True
    start = data.draw(st.integers(0, 60))
    stop = data.draw(st.none() | st.integers(start + 1, start + 100))
    with TemporaryDirectory() as folder:
        path = Path(folder, "run.vcd")
        log = record(path, params, packets_of(spikes), ready=ready, start=start, stop=stop).deliveries()
        seen = read_latencies(path)

    def in_window(cycles):
        return (cycles >= start) & (cycles < (1 << 60 if stop is None else stop))

    shown = in_window(log.delivered)
    assert seen.tag.tolist() == log.tag[shown].tolist()
    assert (seen.row * params.cols + seen.col).tolist() == log.destination[shown].tolist()
    for field in ("neuron", "delivered"):
        assert getattr(seen, field).tolist() == getattr(log, field)[shown].tolist()
    for field in ("injected", "completed"):
        cycles = getattr(log, field)[shown]
        assert getattr(seen, field).tolist() == np.where(in_window(cycles), cycles, -1).tolist()


def test_recording_changes_nothing(tmp_path):
    params = NetworkParams(rows=2, cols=2, neurons=16)
    packets = Packets(cycle=[0, 0, 40], source=[0, 1, 3], destination=[3, 3, 0], neuron=[1, 2, 3], stamp=[0, 0, 1])
    recorded = record(tmp_path / "run.vcd", params, packets)
    plain = AmaranthEngine(params)
    plain.inject(packets)
    plain.drain()
    assert recorded.cycle == plain.cycle
    for field in dataclasses.fields(plain.deliveries()):
        assert (getattr(recorded.deliveries(), field.name) == getattr(plain.deliveries(), field.name)).all()


def test_a_packet_is_seen_to_hop_flit_by_flit(tmp_path):
    params = NetworkParams(rows=1, cols=3, flits_per_packet=3, neurons=64, stamp_bits=8)
    record(tmp_path / "run.vcd", params, one(cycle=5, destination=2, neuron=33, stamp=9), rest=1)
    waves = Values(tmp_path / "run.vcd")
    for name, first in (("tile_0_0.local_in", 5), ("tile_0_0.east_out", 6), ("tile_0_1.west_in", 6),
                        ("tile_0_1.east_out", 7), ("tile_0_2.local_out", 8)):  # fmt: skip
        kinds = [waves.at(f"{name}.kind", cycle) for cycle in range(first, first + 4)]
        assert kinds == [FlitKind.HEAD, FlitKind.BODY, FlitKind.TAIL, FlitKind.NONE], name
        assert [waves.at(f"{name}.neuron", cycle) for cycle in range(first, first + 4)] == [33, None, None, None]
        assert [waves.at(f"{name}.dst_col", cycle) for cycle in range(first, first + 4)] == [2, None, None, None]
        assert [waves.at(f"{name}.stamp", cycle) for cycle in range(first, first + 4)] == [None, 9, 9, None]
        assert [waves.at(f"{name}.index", cycle) for cycle in range(first, first + 4)] == [None, 1, 2, None]
        assert [waves.at(f"{name}.last", cycle) for cycle in range(first, first + 4)] == [0, 0, 1, None]
    assert [waves.at("tile_0_2.arrivals.neuron", cycle) for cycle in range(7, 12)] == [None, 33, 33, 33, None]
    assert [waves.at("tile_0_1.west_in.level", cycle) for cycle in range(6, 11)] == [0, 1, 1, 1, 0]


def test_an_output_names_the_input_that_holds_it(tmp_path):
    # Two packets of three flits meet at tile (1, 0), from the north and from the tile itself, bound for the south.
    params = NetworkParams(rows=3, cols=1, flits_per_packet=3, neurons=4)
    packets = Packets(cycle=[0, 1], source=[0, 1], destination=[2, 2], neuron=[1, 2], stamp=[0, 0])
    record(tmp_path / "run.vcd", params, packets)
    waves = Values(tmp_path / "run.vcd")
    local, north = 0, 1
    cycles = range(1, 9)
    chosen = [waves.at("tile_1_0.south_out.chosen", cycle) for cycle in cycles]
    owner = [waves.at("tile_1_0.south_out.owner", cycle) for cycle in cycles]
    assert chosen == [None, north, north, north, local, local, local, None]
    assert owner == [None, None, north, north, None, local, local, None]
    assert [waves.at("tile_1_0.south_out.held", cycle) for cycle in cycles] == [0, 0, 1, 1, 0, 1, 1, 0]


def test_time_is_true_and_the_clock_stands_still_while_nothing_moves(tmp_path):
    params = NetworkParams(rows=1, cols=2, flits_per_packet=1, neurons=4, stamp_bits=0)
    packets = Packets(cycle=[3, 1000], source=[0, 1], destination=[1, 0], neuron=[1, 2], stamp=[0, 0])
    record(tmp_path / "run.vcd", params, packets)
    vcd = VCDVCD(str(tmp_path / "run.vcd"))
    assert (vcd.timescale["magnitude"], vcd.timescale["unit"]) == (1, "ns")
    cycles = [0, 3, 4, 5, 6, 1000, 1001, 1002]  # at rest, the first packet, at rest once more, the second packet
    assert [(time, int(value, 2)) for time, value in vcd["chip.cycle"].tv] == [(10 * c, c) for c in cycles]
    edges = [edge for c in cycles for edge in ((10 * c, "1"), (10 * c + 5, "0"))]
    assert vcd["chip.clk"].tv == edges
    assert vcd.endtime == 10_030
    # What arrived last is not seen to arrive for ever.
    assert [time for time, value in vcd["chip.tile_0_1.arrivals.valid"].tv] == [0, 50, 60]


def test_only_the_window_and_the_tiles_asked_for_are_written(tmp_path):
    params = NetworkParams(rows=2, cols=2, neurons=16)
    packets = Packets(cycle=[0, 50], source=[0, 0], destination=[3, 3], neuron=[1, 2], stamp=[0, 0])
    record(tmp_path / "run.vcd", params, packets, start=20, stop=52, tiles=[(1, 1), (0, 1)])
    vcd = VCDVCD(str(tmp_path / "run.vcd"))
    assert {name.split(".")[1] for name in vcd.signals} == {"clk", "cycle", "tile_0_1", "tile_1_1"}
    assert [int(value, 2) for _, value in vcd["chip.cycle"].tv] == [20, 50, 51]
    assert vcd.begintime == 200


@pytest.mark.parametrize("tiles", [None, [(0, 1)]])
def test_a_packet_under_way_when_the_window_opens_is_not_guessed_at(tmp_path, tiles):
    params = NetworkParams(rows=1, cols=2, flits_per_packet=4, neurons=16)
    packets = Packets(cycle=[0, 0], source=[0, 0], destination=[1, 1], neuron=[1, 2], stamp=[0, 0])
    record(tmp_path / "run.vcd", params, packets, start=2, tiles=tiles)
    waves = Values(tmp_path / "run.vcd")
    kinds = [waves.at("tile_0_1.west_in.kind", cycle) for cycle in range(2, 9)]
    rest = [FlitKind.TAIL, FlitKind.HEAD, FlitKind.BODY, FlitKind.BODY, FlitKind.TAIL]
    assert kinds == [FlitKind.UNKNOWN, FlitKind.UNKNOWN, *rest]
    assert waves.at("tile_0_1.west_in.index", 2) is None
    assert waves.at("tile_0_1.west_in.neuron", 2) is None
    assert waves.at("tile_0_1.west_in.tag", 2) == 0


def test_a_head_that_waits_stays_a_head(tmp_path):
    params = NetworkParams(rows=1, cols=2, flits_per_packet=3, neurons=16)
    never_at_first = np.array([[True] * 40, [False] * 39 + [True]])
    record(tmp_path / "run.vcd", params, one(destination=1, neuron=7), ready=never_at_first)
    waves = Values(tmp_path / "run.vcd")
    assert {waves.at("tile_0_1.local_out.kind", cycle) for cycle in range(2, 40)} == {FlitKind.HEAD}
    assert waves.at("tile_0_1.local_out.kind", 40) == FlitKind.BODY


def test_the_file_is_whole_after_an_exception_and_without_a_single_cycle(tmp_path):
    params = NetworkParams(rows=1, cols=2, neurons=16)
    with (
        pytest.raises(TimeoutError, match="1 packets were not delivered within 2 cycles"),
        VcdRecorder(tmp_path / "cut.vcd", clock_hz=CLOCK) as waves,
    ):
        run_for_two_cycles(params, waves)
    assert VCDVCD(str(tmp_path / "cut.vcd")).endtime == 20
    assert read_latencies(tmp_path / "cut.vcd").delivered.tolist() == []

    with VcdRecorder(tmp_path / "empty.vcd", clock_hz=CLOCK) as waves:
        AmaranthEngine(params, waves=waves)
    assert "chip.tile_0_1.arrivals.valid" in VCDVCD(str(tmp_path / "empty.vcd")).signals
    assert len(read_latencies(tmp_path / "empty.vcd")) == 0


def test_finish_names_what_it_wrote(tmp_path):
    waves = VcdRecorder(tmp_path / "run.vcd", clock_hz=CLOCK)
    assert waves.finish() == []
    engine = AmaranthEngine(NetworkParams(rows=1, cols=2, neurons=4), waves=waves)
    engine.inject(one(cycle=7, destination=1))
    engine.drain()
    assert waves.finish() == [tmp_path / name for name in ("run.vcd", "run.gtkw", "ports.filter", "flits.filter")]
    assert (waves.first_activity, waves.first_delivery) == (7, 9)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["flits.filter", "ports.filter", "run.gtkw", "run.vcd"]


def test_same_run_same_bytes(tmp_path):
    params = NetworkParams(rows=2, cols=2, neurons=16)
    for name in ("a.vcd", "b.vcd"):
        record(tmp_path / name, params, one(destination=3))
    assert (tmp_path / "a.vcd").read_bytes() == (tmp_path / "b.vcd").read_bytes()


def test_a_recorder_begun_again_starts_anew(tmp_path):
    waves = VcdRecorder(tmp_path / "run.vcd", clock_hz=CLOCK)
    for cycle in (0, 30):
        engine = AmaranthEngine(NetworkParams(rows=1, cols=2, neurons=4), waves=waves)
        engine.inject(one(cycle=cycle, destination=1))
        engine.drain()
    waves.close()
    assert read_latencies(tmp_path / "run.vcd").injected.tolist() == [30]


def test_every_probe_is_found_by_its_path_in_the_netlist():
    params = NetworkParams(rows=2, cols=2, flits_per_packet=3, neurons=16, tag_bits=8)
    mesh = Mesh(params)
    probes = [probe for tile in range(4) for view in views(mesh, tile) for probe in view.probes]
    wires: dict[str, dict[str, int]] = {}
    cells: dict[str, dict[str, str]] = {}
    module = ""
    for line in rtlil.convert(mesh, name="mesh").splitlines():
        if match := re.match(r"module \\(\S+)", line):
            module = match[1]
            wires[module], cells[module] = {}, {}
        elif match := re.match(r"\s+wire width (\d+) (?:(?:input|output) \d+ )?\s*(?:signed )?\\(\S+)", line):
            wires[module][match[2]] = int(match[1])
        elif match := re.match(r"\s+cell \\(\S+) \\(\S+)", line):
            cells[module][match[2]] = match[1]
    assert len(probes) > 4 * 40
    for probe in probes:
        row, col = divmod(probe.node, 2)
        module = cells["mesh"][f"tile_{row}_{col}"]
        for name in probe.path[:-1]:
            module = cells[module][name]
        assert wires[module][probe.path[-1]] == probe.width, probe.path


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start": -1}, "start must be at least 0, not -1"),
        ({"start": 5, "stop": 5}, "stop must be greater than start, 5, not 5"),
        ({"tiles": []}, "tiles must name at least one tile, or be None for all"),
        ({"clock_hz": 0.0}, r"clock_hz must be positive and at most 5e\+14, not 0\.0"),
    ],
)
def test_a_recorder_that_makes_no_sense_is_refused(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        VcdRecorder(tmp_path / "run.vcd", **{"clock_hz": CLOCK, **options})
    assert list(tmp_path.iterdir()) == []


def test_a_tile_that_is_not_there_is_refused(tmp_path):
    waves = VcdRecorder(tmp_path / "run.vcd", clock_hz=CLOCK, tiles=[(0, 0), (2, 1)])
    with pytest.raises(ValueError, match=r"tiles must lie on the 2x2 mesh, not \(2, 1\)"):
        AmaranthEngine(NetworkParams(rows=2, cols=2), waves=waves)


def test_another_vcd_is_refused(tmp_path):
    other = tmp_path / "other.vcd"
    other.write_text("$timescale 1 ns $end\n$var wire 1 ! a $end\n$enddefinitions $end\n#0\n1!\n")
    with pytest.raises(ValueError, match=r"must have the variable chip\.cycle"):
        read_latencies(other)
    with pytest.raises(FileNotFoundError):
        read_latencies(tmp_path / "none.vcd")


def test_nothing_is_recorded_in_a_complete_file(tmp_path):
    with VcdRecorder(tmp_path / "run.vcd", clock_hz=CLOCK) as waves:
        engine = AmaranthEngine(NetworkParams(rows=1, cols=2, neurons=4), waves=waves)
    engine.inject(one(destination=1))
    with pytest.raises(RuntimeError, match=r"run\.vcd is complete: nothing more can be recorded in it"):
        engine.drain()


@settings(max_examples=examples(3, 5), deadline=None)
@given(data=st.data())
def test_a_tile_looks_the_same_alone_and_with_its_neighbours(data):
    """A link's two ends are one variable when both are recorded, and are read each for itself when not."""
    params = data.draw(network_params(max_rows=3, max_cols=3, flits_per_packet=3))
    packets = packets_of(data.draw(traffic(params, max_spikes=25)))
    start = data.draw(st.integers(0, 10))
    row, col = data.draw(st.integers(0, params.rows - 1)), data.draw(st.integers(0, params.cols - 1))
    with TemporaryDirectory() as folder:
        record(Path(folder, "all.vcd"), params, packets, rest=1, start=start)
        record(Path(folder, "one.vcd"), params, packets, rest=1, start=start, tiles=[(row, col)])
        together, alone = VCDVCD(str(Path(folder, "all.vcd"))), VCDVCD(str(Path(folder, "one.vcd")))
    assert set(alone.signals) == {
        name for name in together.signals if name.split(".")[1] in ("clk", "cycle", f"tile_{row}_{col}")
    }
    for name in alone.signals:
        assert together[name].tv == alone[name].tv, name


@settings(max_examples=examples(3, 5), deadline=None)
@given(data=st.data())
def test_cutting_a_run_into_pieces_changes_no_byte(data):
    """As in lock-step, where every step of the network is a run of its own."""
    params = data.draw(network_params(max_rows=2, max_cols=2))
    packets = packets_of(data.draw(traffic(params, max_spikes=10, max_cycle=60)))
    cuts = sorted(data.draw(st.lists(st.integers(0, 200), max_size=6)))
    start = data.draw(st.integers(0, 40))
    with TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("whole.vcd", "pieces.vcd")]
        for path, stops in zip(paths, ([], cuts), strict=True):
            with VcdRecorder(path, clock_hz=CLOCK, start=start) as waves:
                engine = AmaranthEngine(params, waves=waves)
                engine.inject(packets)
                for stop in [*stops, 400]:
                    engine.run(stop)
        assert paths[0].read_bytes() == paths[1].read_bytes()
