"""`synaptile bench link`: its table, its files and its exit code."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from synaptile.bridge.bench import fpga_link
from synaptile.bridge.bench.fpga_link import LinkFigures
from synaptile.bridge.cli import main

FIGURES = LinkFigures(
    images=4, ticks=144, spikes=30, same=True, clock_hz=48e6, baud=3_000_000, load_bytes=60_000, load_seconds=0.25,
    down_bytes=12_000, up_bytes=4_000, run_seconds=0.05, chip_cycles=19_200,
)  # fmt: skip


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    calls: list[Any] = []

    def digits(images: int, *, baud: int, seed: int, progress: Any) -> LinkFigures:
        progress("showing the images")
        calls.append((images, baud, seed))
        if baud == 7_000_000:
            raise ValueError("baud must be a whole fraction")
        return dataclasses.replace(FIGURES, images=images, same=images != 3)

    monkeypatch.setattr(fpga_link, "digits_through_link", digits)
    return calls


def test_table_and_file(asked: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "link", "--images", "8", "--seed", "5", "--out", str(tmp_path)]) == 0
    assert asked == [(8, 3_000_000, 5)]
    said = " ".join(capsys.readouterr().out.split())
    assert "link efficiency 80.0 %" in said
    assert "with the link 160 images/s" in said
    assert json.loads((tmp_path / "link.json").read_text())["images"] == 8


@pytest.mark.usefixtures("asked")
def test_other_spikes_and_other_rates(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "link", "--images", "3"]) == 1
    assert "NOT those of compiled" in capsys.readouterr().out
    assert main(["bench", "link", "--baud", "7000000"]) == 2
    assert "--baud must be a whole fraction" in capsys.readouterr().err
