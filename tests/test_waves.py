"""What lies in ``waves/`` fits the chip: saves name signals that exist, and the guide's run makes them again."""

import re
from pathlib import Path

import pytest
from support.vcd_log import read_latencies

from synaptile.bridge.waves.gtkwave import FILTERS, surfer_text
from synaptile.bridge.waves.vcd_reader import VCDVCD

WAVES = Path(__file__).parents[1] / "waves"
SAVES = sorted(path.name for path in WAVES.glob("*.gtkw"))
NAME = re.compile(r"^(?:\+\{[^}]*\} )?(chip\.\S+?)(?:\[(\d+):0\])?$", re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder in which the guide's Python has run."""
    folder = tmp_path_factory.mktemp("waves")
    (code,) = re.findall(r"^```python\n(.*?)^```$", (WAVES / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        exec(compile(code, "waves/README.md", "exec"), {})
    return folder


def test_there_is_a_save():
    assert SAVES


@pytest.mark.parametrize("name", SAVES)
def test_a_committed_save_names_only_signals_that_exist(folder, name):
    vcd = VCDVCD(str(folder / Path(name).with_suffix(".vcd")))
    named = NAME.findall((WAVES / name).read_text())
    assert len(named) > 100
    for signal, top in named:
        assert signal in vcd.signals
        if top:
            assert int(vcd[signal].size) == int(top) + 1, signal


def test_the_guides_run_makes_every_save_and_filter_again_byte_for_byte(folder):
    made = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in (".gtkw", ".filter")}
    committed = {path.name: path.read_bytes() for path in WAVES.iterdir() if path.suffix in (".gtkw", ".filter")}
    assert made == committed


def test_surfers_mappings_are_those_of_the_filters():
    committed = {path.name: path.read_text() for path in (WAVES / "surfer").iterdir()}
    assert committed == {Path(name).stem + ".txt": surfer_text(role) for role, (name, _, _) in FILTERS.items()}
    assert committed["ports.txt"].startswith("Name = synaptile port\nBits = 3\n0 LOCAL\n1 NORTH\n")


def test_the_guide_tells_what_the_run_shows(folder):
    seen = read_latencies(folder / "mesh_2x2.vcd")
    told = {neuron: (int(i), int(d)) for neuron, i, d in zip(seen.neuron, seen.injected, seen.delivered, strict=True)}
    assert told[5] == (2, 5)
    assert told[20] == (4, 7)
    vcd = VCDVCD(str(folder / "mesh_2x2.vcd"))

    def at(name, cycle):
        return vcd[f"chip.{name}"][10 * cycle]

    head, tail, local, west = "1", "11", "0", "100"
    assert at("tile_0_0.spikes.valid", 2) == at("tile_0_0.spikes.ready", 2) == "1"
    assert at("tile_0_0.local_in.kind", 2) == head
    assert int(at("tile_0_0.local_in.level", 3), 2) == 1
    assert (at("tile_0_0.east_out.kind", 3), at("tile_0_0.east_out.chosen", 3)) == (head, local)
    assert (at("tile_0_1.south_out.kind", 4), at("tile_0_1.south_out.chosen", 4)) == (head, west)
    assert at("tile_0_0.east_out.kind", 4) == tail
    assert (at("tile_0_1.south_out.held", 5), at("tile_0_1.south_out.owner", 5)) == ("1", west)
    assert (at("tile_0_1.south_out.kind", 6), at("tile_0_1.south_out.chosen", 6)) == (head, local)


def test_the_guide_names_every_variable(folder):
    """The guide's table and the dump have the same variables."""
    text = (WAVES / "README.md").read_text()
    variables = {name.rpartition(".")[2] for name in VCDVCD(str(folder / "mesh_2x2.vcd")).signals}
    assert {name for name in variables if f"`{name}`" not in text} == set()
