"""``synaptile bench fpga``: every chip of the table is a legal one, and its row has what the report has."""

import json
from pathlib import Path

import pytest
from support.fake_fpga_tools import FakeTools

from synaptile.bridge.cli import main
from synaptile.bridge.cli.bench.fpga import CASES
from synaptile.bridge.fpga import build as module
from synaptile.bridge.fpga.fitting import check_size


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPTILE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def test_a_row_for_each_chip(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    FakeTools(reached=11.5, asked=12.0).install(monkeypatch)
    assert main(["bench", "fpga", "--case", "icebreaker", "--out", "out"]) == 0
    out = capsys.readouterr().out
    assert (
        "| 1 × 1 of 256 × 256 × 4 bits | icebreaker | 7 of 9,000 | – | 7 of 9,000 | 7 of 9,000 | 11.5 of 12 | " in out
    )
    assert f"synaptile fpga {CASES['icebreaker']}" in out
    assert Path("out/fpga.md").read_text() in out
    values = json.loads(Path("out/fpga.json").read_text())
    assert values["cases"]["icebreaker"]["report"]["timing"]["clocks"][0]["met"] is False


def test_a_chip_that_does_not_fit_has_its_reason_in_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    FakeTools(cells={"SB_LUT4": 6000}).install(monkeypatch)
    assert main(["bench", "fpga", "--case", "icebreaker", "--dry-run"]) == 0
    assert "| icebreaker | the chip does not fit icebreaker: it takes 6,000 logic cells" in capsys.readouterr().out


@pytest.mark.parametrize("name", CASES)
def test_every_chip_is_legal_and_may_fit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    class EndError(Exception):
        pass

    def stop(board: object, network: object, core: object) -> None:
        check_size(board, network, core)  # type: ignore[arg-type]
        seen.append(board)
        raise EndError

    monkeypatch.setattr(module, "check_size", stop)
    with pytest.raises(EndError):
        main(["fpga", *CASES[name].split()])
    assert len(seen) == 1
