"""``synaptile bench table-iv``: the five routings of the paper, and that the numbers are those of its runs."""

import json

import numpy as np
import pytest
from support.effort import examples

from synaptile.bridge.bench.table_iv import PAPER, Setting, compare_routings, source_spikes
from synaptile.bridge.cli.main import main

SOME: list[str] = examples(["xy", "dyad"], list(PAPER))  # each takes a chip that has to be compiled
WORDS = [word for routing in SOME for word in ("--routing", routing)]

pytestmark = pytest.mark.usefixtures("quick_build")


def test_latency_and_throughput_are_those_of_the_paper() -> None:
    """Within 10 %, at the load that makes the throughput the paper's; nothing else is said to be the same."""
    rows = compare_routings(Setting(steps=500), SOME)
    assert [row.routing for row in rows] == SOME
    for row in rows:
        assert row.latency == pytest.approx(PAPER[row.routing].latency, rel=0.1)
        assert row.throughput == pytest.approx(PAPER[row.routing].throughput, rel=0.05)
        assert row.packets == rows[0].packets


def test_packets_are_those_of_the_spikes() -> None:
    setting = Setting(rate=100.0, cycles_per_step=50, steps=20, seed=3)
    trace = source_spikes(setting)
    assert np.bincount(trace.pre).tolist() == [18] * 18
    sent = int(trace.spike_counts()[:18].sum())
    assert sent > 0
    assert all(row.packets == 18 * sent for row in compare_routings(setting, SOME))


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path) -> None:
    assert main(["bench", "table-iv", "--steps", "50", "--out", str(tmp_path), *WORDS]) == 0
    told = capsys.readouterr().out
    assert "50 steps of 200 cycles" in told
    assert all(f"\n{routing} " in told for routing in SOME)
    saved = json.loads((tmp_path / "table-iv.json").read_text())
    assert saved["setting"]["rate"] == 117.0
    assert [row["routing"] for row in saved["routings"]] == SOME
    assert main(["bench", "table-iv", "--steps", "1", "--rate", "1", "--json", *WORDS]) == 0
    assert json.loads(capsys.readouterr().out)["routings"][0]["packets"] == 0


@pytest.mark.parametrize(
    "words", [["--rate", "0"], ["--rate", "nan"], ["--steps", "0"], ["--engine", "steam"], ["--routing", "yx"]]
)
def test_what_is_wrong_is_told(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(["bench", "table-iv", *words])
    except SystemExit as ended:
        code = ended.code
    assert code == 2
    assert words[0] in capsys.readouterr().err
