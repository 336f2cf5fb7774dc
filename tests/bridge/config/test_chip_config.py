from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.bridge.config import ChipConfig, Crossbar, parse_mesh
from synaptile.bridge.config.energy_table import EnergyTable
from synaptile.bridge.config.schema import Evidence, Provenance
from synaptile.bridge.errors import ConfigError


def test_defaults() -> None:
    config = ChipConfig()
    assert config.mesh == (4, 4)
    assert (config.rows, config.cols, config.tiles) == (4, 4, 16)
    assert config.capacity == 16 * 128
    assert config.energy.name == "noxim"


def test_smallest_chip() -> None:
    config = ChipConfig(mesh=(1, 1), crossbar="1x1", buffer_depth=1, flits_per_packet=1, stamp_bits=0)
    assert (config.tiles, config.capacity) == (1, 1)


@pytest.mark.parametrize("mesh", ["3x5", "3X5", " 3 x 5 ", "3×5", [3, 5], (3, 5)])
def test_mesh_forms(mesh: object) -> None:
    assert ChipConfig(mesh=mesh).mesh == (3, 5)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"mesh": "0x4"}, "mesh: must be at least 1 by 1, not 0x4"),
        ({"mesh": [4, -1]}, "mesh: must be at least 1 by 1, not 4x-1"),
        ({"mesh": "4x257"}, "mesh: must be at most 256 by 256, not 4x257"),
        ({"mesh": [4]}, "mesh: must be rows and columns such as 4x4 or [4, 4], not [4]"),
        ({"mesh": [4, True]}, "mesh: must be rows and columns such as 4x4 or [4, 4], not [4, True]"),
        ({"mesh": [4, 4.0]}, "mesh: must be rows and columns such as 4x4 or [4, 4], not [4, 4.0]"),
        ({"mesh": 16}, "mesh: must be rows and columns such as 4x4 or [4, 4], not 16"),
        ({"bufer_depth": 3}, "bufer_depth: unknown key; did you mean 'buffer_depth'?"),
        ({"buffer_depth": "4"}, "buffer_depth: must be an integer, not '4'"),
        ({"buffer_depth": True}, "buffer_depth: must be an integer, not True"),
        ({"buffer_depth": 4.0}, "buffer_depth: must be an integer, not 4.0"),
        ({"buffer_depth": None}, "buffer_depth: must be an integer, not None"),
        ({"buffer_depth": 0}, "buffer_depth: must lie in 1..64, not 0"),
        ({"buffer_depth": 65}, "buffer_depth: must lie in 1..64, not 65"),
        ({"flits_per_packet": 17}, "flits_per_packet: must lie in 1..16, not 17"),
        ({"flits_per_packet": 0}, "flits_per_packet: must lie in 1..16, not 0"),
        (
            {"flits_per_packet": 2, "stamp_bits": 0},
            "flits_per_packet: must be 1 when stamp_bits is 0 (body flits carry the stamp), not 2",
        ),
        ({"virtual_channels": 0}, "virtual_channels: must lie in 1..4, not 0"),
        ({"topology": "cube"}, "topology: must be one of mesh, torus, tree, not 'cube'"),
        (
            {"topology": "tree", "mesh": "4x5"},
            "mesh: cols must be a multiple of 2 with a tree, whose clusters are 2 x 2 tiles, not 5",
        ),
        (
            {"topology": "torus"},
            "virtual_channels: must be at least 2 on a torus, or packets can deadlock round a ring, not 1",
        ),
        (
            {"topology": "torus", "virtual_channels": 2, "routing": "dyad"},
            "routing: must be xy or yx on a torus without tables, not 'dyad'",
        ),
        (
            {"multicast": True, "routing": "odd-even"},
            "routing: must be xy or yx with multicast, not 'odd-even'",
        ),
        (
            {"multicast": True, "topology": "torus"},
            "virtual_channels: must be at least 2 on a torus, or packets can deadlock round a ring, not 1",
        ),
        (
            {"multicast": True, "flits_per_packet": 5},
            "buffer_depth: must be at least 5, the flits of a packet, with multicast, not 4",
        ),
        ({"link_stages": -1}, "link_stages: must lie in 0..8, not -1"),
        ({"table_entries": 0}, "table_entries: must lie in 1..65536, not 0"),
        ({"virtual_channels": 5}, "virtual_channels: must lie in 1..4, not 5"),
        (
            {"routing": "yyx"},
            "routing: must be one of xy, yx, west-first, north-last, negative-first, odd-even, dyad, not 'yyx'",
        ),
        (
            {"selection": "last"},
            "selection: must be one of first, round-robin, random, buffer-level, neighbours-on-path, not 'last'",
        ),
        (
            {"selection": "random"},
            "selection: must be first with routing 'xy', which never leaves a choice, not 'random'",
        ),
        ({"arbitration": "fair"}, "arbitration: must be one of round-robin, through-first, not 'fair'"),
        (
            {"arbitration": "through-first", "routing": "odd-even"},
            "arbitration: must be round-robin with routing 'odd-even', not 'through-first'",
        ),
        (
            {"arbitration": "through-first", "virtual_channels": 2},
            "arbitration: must be round-robin with 2 virtual_channels, not 'through-first'",
        ),
        (
            {"arbitration": "through-first", "multicast": True},
            "arbitration: must be round-robin with multicast, not 'through-first'",
        ),
        ({"selection_seed": 0}, "selection_seed: must lie in 1..65535, not 0"),
        (
            {"routing": "odd-even", "dyad_threshold": 1},
            "dyad_threshold: must be left out with routing 'odd-even', which ignores it, not 1",
        ),
        (
            {"routing": "dyad", "dyad_threshold": 5},
            "dyad_threshold: must lie in 0..4, the buffer_depth, not 5",
        ),
        ({"routing": "dyad", "dyad_threshold": "2"}, "dyad_threshold: must be an integer, not '2'"),
        ({"crossbar": {"axons": 4}}, "crossbar.neurons: is missing"),
        ({"crossbar": {"axons": 4, "neurons": 0}}, "crossbar.neurons: must lie in 1..65536, not 0"),
        (
            {"crossbar": {"axons": 4, "neurons": 4, "neuron": 4}},
            "crossbar.neuron: unknown key; did you mean 'neurons'?",
        ),
        (
            {"crossbar": 5},
            "crossbar: must be axons and neurons such as {axons: 128, neurons: 64} or 128x64, not 5",
        ),
        ({"weight_bits": 0}, "weight_bits: must lie in 1..32, not 0"),
        ({"clock_hz": 0}, "clock_hz: must be at least 0.001, not 0"),
        ({"clock_hz": 5e-324}, "clock_hz: must be at least 0.001, not 5e-324"),
        ({"clock_hz": 1e300}, "clock_hz: must be at most 1e+12, not 1e+300"),
        ({"clock_hz": True}, "clock_hz: must be a number, not True"),
        ({"clock_hz": float("inf")}, "clock_hz: must be finite, not inf"),
        ({"clock_hz": "1e6"}, "clock_hz: must be a number, not '1e6'"),
        ({"cycles_per_step": 0}, "cycles_per_step: must lie in 1..2147483647, not 0"),
        ({"stamp_bits": 33}, "stamp_bits: must lie in 0..32, not 33"),
        ({"name": ""}, "name: must not be empty"),
        ({"energy": "noxin"}, "energy: no energy table 'noxin'; did you mean 'noxim'?"),
        ({"energy": "nowhere.yaml"}, "energy: nowhere.yaml: no such file"),
        ({"energy": 3}, "energy: must be the name of an energy table, a YAML file or a table, not 3"),
        ({"energy": {"name": "mine", "link": -1}}, "energy.link: must be at least 0, not -1"),
        (
            {"weight_bits": {"value": 8, "source": "a guess", "evidence": "sure"}},
            "weight_bits.evidence: must be one of measured, fitted, pre-silicon, recreation, paper-card, simulator, "
            "chosen, unset, not 'sure'",
        ),
        (
            {"weight_bits": {"value": 8, "evidence": "measured"}},
            "weight_bits.source: must say where the value comes from, not None",
        ),
        (
            {"weight_bits": {"source": "nobody", "evidence": "unset"}},
            "weight_bits.value: cannot be unset; give a value",
        ),
        (
            {"weight_bits": {"source": "nobody", "evidence": "measured"}},
            "weight_bits.value: is missing, with evidence 'measured'",
        ),
        (
            {"weight_bits": {"value": 1, "source": "nobody", "evidence": "unset"}},
            "weight_bits.value: must be left out with evidence 'unset', not 1",
        ),
        (
            {"weight_bits": {"value": 1, "sauce": "x", "source": "nobody", "evidence": "chosen"}},
            "weight_bits.sauce: unknown key; did you mean 'source'?",
        ),
    ],
)
def test_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        ChipConfig(**values)
    assert str(error.value) == message


def test_unknown_key_without_neighbour_lists_the_keys() -> None:
    with pytest.raises(
        ConfigError, match=r"^zzz: unknown key; the keys are name, description, not_modelled, mesh, topology, routing"
    ):
        ChipConfig(zzz=1)


def test_all_problems_at_once() -> None:
    with pytest.raises(ConfigError) as error:
        ChipConfig(mesh="0x4", buffer_depth="4", crossbar={"axons": 0})
    assert error.value.problems == (
        "mesh: must be at least 1 by 1, not 0x4",
        "buffer_depth: must be an integer, not '4'",
        "crossbar.axons: must lie in 1..65536, not 0",
        "crossbar.neurons: is missing",
    )


def test_frozen() -> None:
    config = ChipConfig()
    with pytest.raises(ValueError, match="frozen"):
        config.buffer_depth = 2  # type: ignore[misc]


def test_annotated_value_keeps_its_source() -> None:
    config = ChipConfig(
        buffer_depth={"value": 8, "source": "datasheet", "evidence": "measured"},
        crossbar={"axons": {"value": 3, "source": "paper", "evidence": "paper-card"}, "neurons": 5},
        energy={"name": "mine", "link": {"value": 2, "source": "probe", "evidence": "measured"}},
    )
    assert config.buffer_depth == 8
    assert config.crossbar == Crossbar(axons={"value": 3, "source": "paper", "evidence": "paper-card"}, neurons=5)
    assert config.provenance == {
        "buffer_depth": Provenance("datasheet", Evidence.MEASURED),
        "crossbar.axons": Provenance("paper", Evidence.PAPER_CARD),
        "energy.link": Provenance("probe", Evidence.MEASURED),
    }


def test_from_yaml_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("mesh: 0x4\nbuffer_depht: 4\n")
    with pytest.raises(ConfigError) as error:
        ChipConfig.from_yaml(path)
    assert str(error.value).splitlines() == [
        "mesh: must be at least 1 by 1, not 0x4 (in mine.yaml)",
        "buffer_depht: unknown key; did you mean 'buffer_depth'? (in mine.yaml)",
    ]


def test_energy_file_is_relative_to_the_chips(tmp_path: Path) -> None:
    (tmp_path / "joules.yaml").write_text("name: mine\nlink: 2.5\n")
    (tmp_path / "chip.yaml").write_text("energy: joules.yaml\n")
    assert ChipConfig.from_yaml(tmp_path / "chip.yaml").energy == EnergyTable(name="mine", link=2.5)


def test_energy_file_with_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "joules.yaml").write_text("name: mine\nlnk: 2.5\n")
    (tmp_path / "chip.yaml").write_text("energy: joules.yaml\n")
    with pytest.raises(ConfigError) as error:
        ChipConfig.from_yaml(tmp_path / "chip.yaml")
    assert str(error.value) == ("energy: lnk: unknown key; did you mean 'link'? (in joules.yaml) (in chip.yaml)")


def test_override_replaces_source_and_keeps_the_rest() -> None:
    config = ChipConfig.preset("truenorth", mesh=(6, 6), crossbar={"neurons": 64}, energy="noxim")
    assert config.mesh == (6, 6)
    assert config.crossbar.axons == 256
    assert config.crossbar.neurons == 64
    assert config.energy.name == "noxim"
    assert config.provenance["mesh"] == Provenance("override", Evidence.CHOSEN)
    assert config.provenance["crossbar.neurons"] == Provenance("override", Evidence.CHOSEN)
    assert config.provenance["crossbar.axons"].evidence is Evidence.MEASURED


def test_override_refused() -> None:
    with pytest.raises(ConfigError) as error:
        ChipConfig.preset("truenorth", mesh="0x6")
    assert str(error.value) == "mesh: must be at least 1 by 1, not 0x6 (in preset truenorth)"
    with pytest.raises(ConfigError, match=r"^mehs: unknown key; did you mean 'mesh'\? \(in preset truenorth\)$"):
        ChipConfig.preset("truenorth", mehs=(2, 2))


def test_with() -> None:
    config = ChipConfig.preset("demo").replace(mesh="2x3", crossbar={"axons": 9})
    assert (config.mesh, config.crossbar.axons, config.crossbar.neurons) == ((2, 3), 9, 16)
    assert config.provenance["mesh"] == config.provenance["crossbar.axons"] == Provenance("override", Evidence.CHOSEN)
    assert config.provenance["buffer_depth"].source == "our own choice"
    with pytest.raises(ConfigError, match=r"^mesh: must be at least 1 by 1, not 0x3$"):
        config.replace(mesh="0x3")


def test_whole_crossbar_override() -> None:
    assert ChipConfig.preset("demo", crossbar="9x7").crossbar == Crossbar(axons=9, neurons=7)


configs = st.builds(
    ChipConfig,
    name=st.text(min_size=1, max_size=8).filter(str.isprintable),
    mesh=st.tuples(st.integers(1, 64), st.integers(1, 64)),
    buffer_depth=st.integers(1, 64),
    flits_per_packet=st.integers(1, 16),
    crossbar=st.fixed_dictionaries({"axons": st.integers(1, 65536), "neurons": st.integers(1, 65536)}),
    weight_bits=st.integers(1, 32),
    clock_hz=st.floats(1e-3, 1e12),
    cycles_per_step=st.integers(1, 2**31 - 1),
    stamp_bits=st.integers(1, 32),
    energy=st.sampled_from(["noxim", "loihi", "unset", "truenorth"]),
)


@given(configs)
def test_round_trips(config: ChipConfig) -> None:
    assert ChipConfig(**config.to_dict(annotated=True)) == config
    assert ChipConfig(**config.to_dict()).to_dict() == config.to_dict()


def test_yaml_round_trip(tmp_path: Path) -> None:
    config = ChipConfig.preset("loihi", mesh="2x3", name="3e5", description="0x10")
    path = tmp_path / "copy.yaml"
    path.write_text(config.to_yaml())
    assert ChipConfig.from_yaml(path) == config


@given(st.integers(1, 64), st.integers(1, 64))
def test_parse_mesh(rows: int, cols: int) -> None:
    assert parse_mesh(f"{rows}x{cols}") == parse_mesh([rows, cols]) == (rows, cols)
