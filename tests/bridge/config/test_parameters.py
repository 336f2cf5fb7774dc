"""A parameter of a chip is declared once: its rule, key, option, unit and description follow from that."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synaptile.bridge.chip import network_params
from synaptile.bridge.cli import main
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.config.parameters import CORE, NETWORK, PARAMETERS, network_values, parameter_table
from synaptile.bridge.errors import ConfigError
from synaptile.bridge.report.tables import configuration
from synaptile.rtl import NetworkParams
from synaptile.rtl.params import ARBITRATIONS, SELECTIONS, NetworkSettings
from synaptile.rtl.routing import ROUTINGS
from synaptile.rtl.topology import TOPOLOGIES

ROOT = Path(__file__).parents[3]


def test_a_chip_has_the_keys_that_are_declared_with_their_defaults() -> None:
    assert list(ChipConfig.model_fields) == list(PARAMETERS)
    config = ChipConfig()
    for name, item in PARAMETERS.items():
        if name not in ("crossbar", "energy"):
            assert getattr(config, name) == item.default, name
    assert config.crossbar.to_dict() == PARAMETERS["crossbar"].default
    assert config.energy.name == PARAMETERS["energy"].default


def test_the_network_of_a_chip_has_all_of_its_parameters() -> None:
    values = network_values(ChipConfig())
    # What only simulation and debugging have is not a chip's.
    assert NetworkParams.__dataclass_fields__.keys() - values.keys() == {"tag_bits", "counter_bits"}
    assert set(NETWORK) == set(NetworkSettings.__dataclass_fields__)
    for name, item in PARAMETERS.items():
        if name in NETWORK and item.type is int and item.low is not None:
            config = ChipConfig(routing="dyad", **{name: item.low})
            assert getattr(network_params(config), name) == item.low


@pytest.mark.parametrize(("multicast", "routing", "entries"), [(False, "yx", 0), (True, "table", 7)])
def test_with_multicast_the_routers_have_tables(multicast: bool, routing: str, entries: int) -> None:
    params = network_params(ChipConfig(mesh="2x3", routing="yx", multicast=multicast, table_entries=7, crossbar="9x5"))
    assert (params.routing, params.table_entries, params.multicast) == (routing, entries, multicast)
    assert (params.rows, params.cols, params.neurons, params.stamp_bits) == (2, 3, 30, 8)


@pytest.mark.parametrize("command", ["traffic", "run", "replay", "demo", "export"])
def test_every_parameter_is_in_the_help_of_every_command_that_takes_a_chip(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for item in PARAMETERS.values():
        if item.option:
            for option in item.options:
                assert re.search(rf"(?<!\S){option}(?![\w-])", text), option
            assert item.help in text.replace("- ", "-"), item.name
    for name, item in CORE.items():
        assert f"--core-{name.replace('_', '-')} " in text
        assert item.help in text.replace("- ", "-"), name


def test_two_options_have_a_short_form() -> None:
    short = {item.name: item.options[1:] for item in PARAMETERS.values() if item.alias}
    assert short == {"buffer_depth": ("--buffer",), "flits_per_packet": ("--flits",)}


def test_every_parameter_is_in_the_report() -> None:
    blocks = {
        "core": {"lanes": 8, "state_bits": 20, "weight_shift": 4, "targets": 100},
        "limits": {"fan_in": 3, "cells": ["A", "B"]},
        "compute": {"barrier": 1.5},
        "technology": {"name": "t", "cell_read": 2.5},
    }
    given = {"tick": "fixed", "weight_bits": 8, "routing": "dyad", "dyad_threshold": 2, "relax": "delays,fan_in"}
    config = ChipConfig(**given, not_modelled=["noise"], **blocks)
    rows = {row.key: row for row in configuration(config)}
    for name, item in PARAMETERS.items():
        if name not in ("name", "description", "not_modelled", "energy", "crossbar", *blocks):
            assert rows[name].unit == item.unit
    assert (rows["limits.fan_in"].value, rows["limits.fan_in"].unit) == ("3", "synapses of a neuron")
    assert (rows["limits.cells"].value, rows["relax"].value) == ("A, B", "delays, fan_in")
    assert (rows["compute.barrier"].value, rows["compute.barrier"].unit) == ("1.5", "ns")
    assert (rows["technology.cell_read"].value, rows["technology.cell_read"].unit) == ("2.5", "pJ")
    assert rows["crossbar.axons"].unit == "axons of a tile"
    assert rows["buffer_depth"].unit == "flits"
    for name, item in CORE.items():
        assert rows[f"core.{name}"].unit == item.unit
    assert rows["core.lanes"].value == "8"


def test_a_chip_that_says_nothing_of_cores_is_written_and_reported_as_without_them() -> None:
    config = ChipConfig()
    assert "core" not in config.to_dict()
    assert "tick" not in config.to_dict()
    assert not {"core", "tick", "limits", "compute", "technology"} & {row.key for row in configuration(config)}


def test_the_page_of_the_documentation_has_the_table() -> None:
    page = (ROOT / "docs" / "chip.md").read_text()
    for table in (parameter_table(), parameter_table(CORE)):
        assert table in page, f"a table in docs/chip.md must be:\n\n{table}\n"


def test_every_parameter_is_in_the_docstring() -> None:
    for name in PARAMETERS:
        assert f"\n{name}\n    " in str(ChipConfig.__doc__)


_MADE_UP = """    multicast: bool = parameter("""
_DECLARATION = """    spare_lanes: int = parameter(3, low=2, high=9, unit="lanes", help="lanes that nothing uses")
"""
_USE = """
import contextlib, io, sys
from synaptile.bridge import Chip, ChipConfig, ConfigError
from synaptile.bridge.chip import network_params
from synaptile.bridge.cli import main
from synaptile.bridge.config.parameters import parameter_table
from synaptile.bridge.report.tables import configuration
import synaptile.rtl.params
print(synaptile.rtl.params.__file__)
config = ChipConfig(spare_lanes=5)
smaller = config.replace(mesh="1x1")
print(config.to_yaml().count("spare_lanes: 5"), network_params(config).spare_lanes, smaller.spare_lanes)
try:
    ChipConfig(spare_lanes=10)
except ConfigError as error:
    print(error)
print(*[row for row in configuration(config) if row.key == "spare_lanes"])
print(*[line for line in parameter_table().splitlines() if "spare_lanes" in line])
text = io.StringIO()
with contextlib.redirect_stdout(text):
    main(["export", "--help"])
print("--spare-lanes N lanes that nothing uses, 2..9" in " ".join(text.getvalue().split()))
print(main(["export", "--mesh", "1x1", "--spare-lanes", "1", "--out", "/dev/null"]))
"""


def test_a_new_parameter_is_one_declaration(tmp_path: Path) -> None:
    """In a copy of the package one declaration is added, and everything that shows parameters shows it."""
    package = tmp_path / "synaptile"
    shutil.copytree(ROOT / "rtl", package / "rtl", ignore=shutil.ignore_patterns("__pycache__"))
    for other in ("bridge", "swsim"):
        (package / other).symlink_to(ROOT / other)
    path = package / "rtl" / "params.py"
    text = path.read_text()
    assert text.count(_MADE_UP) == 1
    path.write_text(text.replace(_MADE_UP, _DECLARATION + _MADE_UP))
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(
        [sys.executable, "-c", _USE], env=environment, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == [
        str(path),
        "1 5 5",
        "spare_lanes: must lie in 2..9, not 10",
        "Setting(key='spare_lanes', value='5', unit='lanes', source='–', evidence='unstated')",
        "| `spare_lanes` | 2..9 | `3` | Lanes that nothing uses. |",
        "True",
        "2",
    ]
    assert run.stderr == "synaptile: error: spare_lanes: must lie in 2..9, not 1\n"


# The verdict of a chip against that of its network, with the chip's own rules written down once more.
_VALUES: dict[str, tuple[Any, ...]] = {
    "mesh": ((2, 2), (4, 2), (3, 5)),
    "topology": tuple(TOPOLOGIES),
    "routing": ("xy", "yx", *ROUTINGS),
    "selection": ("first", "first", "first", *SELECTIONS),
    "selection_seed": (1, 65535),
    "arbitration": tuple(ARBITRATIONS),
    "dyad_threshold": (None, None, None, 0, 4, 64),
    "buffer_depth": (4, 1, 64),
    "flits_per_packet": (2, 1, 5),
    "virtual_channels": (1, 2, 4),
    "link_stages": (0, 8),
    "multicast": (False, True),
    "table_entries": (1024, 1),
    "stamp_bits": (8, 8, 0),
}
_WRONG = [
    *[("topology", "ring"), ("routing", "table"), ("routing", 5), ("selection", "best"), ("arbitration", None)],
    *[("selection_seed", 0), ("dyad_threshold", 65), ("buffer_depth", True), ("flits_per_packet", 2.0)],
    *[("virtual_channels", 5), ("link_stages", -1), ("multicast", 1), ("table_entries", 0), ("stamp_bits", "8")],
]
_right = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in _VALUES.items()})
_wrong = st.one_of(st.just({}), st.just({}), st.sampled_from(_WRONG).map(lambda pair: dict([pair])))


@settings(max_examples=300)
@given(_right, _wrong)
def test_a_chip_is_refused_if_its_network_or_a_rule_of_its_own_refuses_it(
    right: dict[str, Any], wrong: dict[str, Any]
) -> None:
    values = right | wrong
    given = {name: item.default for name, item in PARAMETERS.items() if name in _VALUES} | values
    multicast = given["multicast"]
    own = given["routing"] != "table" and (not multicast or given["routing"] in ("xy", "yx"))
    own = own and given["table_entries"] >= 1
    rows, cols = given.pop("mesh")
    network = {"rows": rows, "cols": cols, "neurons": 1} | given
    networks = [network | {"multicast": False, "table_entries": 0}]
    if multicast:
        networks.append(network | {"routing": "table"})
    try:
        for network in networks:
            NetworkParams(**network)
        legal = own and isinstance(multicast, bool)
    except (TypeError, ValueError):
        legal = False
    if legal:
        config = ChipConfig(**values)
        assert network_params(config).replace(neurons=1) == NetworkParams(**networks[-1])
    else:
        with pytest.raises(ConfigError) as error:
            ChipConfig(**values)
        for line in error.value.problems:
            assert re.match(rf"({'|'.join(_VALUES)}): (rows |cols )?must \S.*, not \S", line), line
