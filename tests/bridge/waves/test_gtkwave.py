"""A save names only what is in the dump, in groups, with names for numbers, and opens where something happens."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.strategies import network_params

from synaptile.bridge.engines.amaranth import AmaranthEngine
from synaptile.bridge.engines.base import Packets
from synaptile.bridge.waves.decoder import FlitKind, Role
from synaptile.bridge.waves.gtkwave import FILTERS, filter_text, save_text
from synaptile.bridge.waves.recorder import VcdRecorder
from synaptile.bridge.waves.timebase import Timebase
from synaptile.bridge.waves.vcd_reader import VCDVCD
from synaptile.rtl import NetworkParams, Port


def recorded(folder, params, **options):
    """A recorder after one packet from the first tile to the last; its files are written."""
    waves = VcdRecorder(folder / "run.vcd", clock_hz=100e6, **options)
    engine = AmaranthEngine(params, waves=waves)
    engine.inject(Packets(cycle=[3], source=[0], destination=[params.tiles - 1], neuron=[0], stamp=[0]))
    engine.drain()
    waves.finish()
    return waves


def names_in(save: str) -> list[str]:
    """Every signal a save names, with its range."""
    return re.findall(r"^(?:\+\{[^}]*\} )?(chip\.\S+)$", save, re.MULTILINE)


def names_of(vcd: VCDVCD) -> set[str]:
    """Every signal of a dump, as a save must name it."""
    sized = {name: int(vcd[name].size) for name in vcd.signals}
    integer = {name for name in vcd.signals if vcd[name].var_type == "integer"}
    return {name if n == 1 or name in integer else f"{name}[{n - 1}:0]" for name, n in sized.items()}


@settings(max_examples=6, deadline=None)
@given(params=network_params(max_rows=2, max_cols=3))
def test_a_save_shows_everything_that_is_in_the_dump_and_nothing_else(tmp_path_factory, params):
    folder = tmp_path_factory.mktemp("waves")
    recorded(folder, params)
    assert set(names_in((folder / "run.gtkw").read_text())) == names_of(VCDVCD(str(folder / "run.vcd")))


def test_groups_are_named_and_nested_by_router_and_port(tmp_path):
    recorded(tmp_path, NetworkParams(rows=2, cols=2, neurons=8))
    groups = []
    open_groups = []
    flags = 0
    for line in (tmp_path / "run.gtkw").read_text().splitlines():
        if line.startswith("@"):
            flags = int(line[1:], 16)
        elif line.startswith("-") and flags & 0x800000:
            open_groups.append(line[1:])
            groups.append(tuple(open_groups))
        elif line.startswith("-") and flags & 0x1000000:
            assert open_groups.pop() == line[1:]
    assert not open_groups
    assert ("spikes on their way",) in groups
    ports = ("local in", "east in", "east out", "south in", "south out", "local out")
    for name in ("spikes", *ports, "arrivals"):
        assert ("tile 0 0", f"tile 0 0 {name}") in groups
    assert len([group for group in groups if group[0] == "tile 0 0"]) == 1 + 2 + len(ports)


def test_a_save_opens_at_the_first_activity_with_the_marker_at_the_first_delivery(tmp_path):
    waves = recorded(tmp_path, NetworkParams(rows=1, cols=3, neurons=8))
    assert (waves.first_activity, waves.first_delivery) == (3, 6)
    save = (tmp_path / "run.gtkw").read_text()
    assert re.search(r"^\[timestart\] 20$", save, re.MULTILINE)
    assert re.search(r"^\*-\d+\.\d+ 60( -1){26}$", save, re.MULTILINE)


@pytest.mark.parametrize("clock_hz", [1e6, 100e6, 300e6])
def test_the_first_view_is_twelve_cycles_wide_whatever_the_clock(clock_hz):
    timebase = Timebase(clock_hz)
    zoom = float(re.search(r"^\*(-?\d+\.\d+) -1", save_text("run.vcd", [], timebase), re.MULTILINE)[1])
    # GTKWave draws 2**-zoom units on 200 pixels, and 1200 pixels of waves in a window 1600 pixels wide.
    assert 2**-zoom * 1200 / 200 / float(timebase.period) == pytest.approx(12, rel=1e-4)


def test_no_path_leads_out_of_the_folder(tmp_path):
    recorded(tmp_path, NetworkParams(rows=1, cols=2, neurons=8))
    save = (tmp_path / "run.gtkw").read_text()
    assert re.findall(r'^\[dumpfile\] "(.*)"$', save, re.MULTILINE) == ["run.vcd"]
    filters = set(re.findall(r"^\^\d+ (.*)$", save, re.MULTILINE))
    assert filters == {name for name, _, _ in FILTERS.values()}
    assert "/" not in save
    for role, (name, _, _) in FILTERS.items():
        assert (tmp_path / name).read_text() == filter_text(role)


def test_filters_name_every_port_and_kind_of_flit():
    assert [line.split() for line in filter_text(Role.PORT).splitlines()] == [[str(int(p)), p.name] for p in Port]
    kinds = [re.fullmatch(r"(\d) \?[\w ]+\?(\w+)", line).groups() for line in filter_text(Role.KIND).splitlines()]
    assert kinds == [(str(int(kind)), kind.name) for kind in FlitKind]


@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_a_save_of_some_tiles_names_only_these(tmp_path_factory, data):
    params = NetworkParams(rows=2, cols=2, neurons=8)
    tile = st.tuples(st.integers(0, 1), st.integers(0, 1))
    tiles = data.draw(st.lists(tile, min_size=1, max_size=3))
    folder = tmp_path_factory.mktemp("waves")
    recorded(folder, params, tiles=tiles)
    shown = {name.split(".")[1] for name in names_in((folder / "run.gtkw").read_text())}
    assert shown - {"clk", "cycle"} == {f"tile_{row}_{col}" for row, col in tiles}
