"""``synaptile compare``."""

import csv
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from support.fake_runs import random_trace

from synaptile.bridge.cli import main
from synaptile.swsim.trace import Trace


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    """Runs of one network in folders of their own, in the second of which a neuron's spikes are missing."""
    whole = random_trace(steps=50)
    kept = whole.spike_neuron != 3
    less = dataclasses.replace(whole, spike_neuron=whole.spike_neuron[kept], spike_step=whole.spike_step[kept])
    found = []
    for name, trace in (("software", whole), ("chip", less), ("again", whole)):
        (tmp_path / name).mkdir()
        trace.save(tmp_path / name / "snn.sw.out")
        found.append(str(tmp_path / name))
    return found


def lost(trace: Trace) -> int:
    return int((trace.spike_neuron == 3).sum())


def test_a_table_a_csv_and_pictures(folders: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *folders, "--out", str(tmp_path / "out")]) == 0
    out = capsys.readouterr().out
    assert "Population 0: lost" in out
    assert "First difference" in out
    rows = list(csv.DictReader((tmp_path / "out" / "compare.csv").read_text().splitlines()))
    assert [row["run"] for row in rows] == [folders[1]] * 3 + [folders[2]] * 3
    whole = Trace.load(Path(folders[0]) / "snn.sw.out")
    assert [int(row["lost"]) for row in rows] == [lost(whole), 0, 0, 0, 0, 0]
    assert rows[0]["shift_ms"] == ""  # none has moved
    for name in ("compare-1.png", "compare-2.png"):
        assert (tmp_path / "out" / name).read_bytes().startswith(b"\x89PNG")
    assert json.loads((tmp_path / "out" / "compare.json").read_text())["runs"][1]["same"] is True


def test_json_alone(folders: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", folders[0], folders[1] + "/snn.sw.out", "--json", "--window", "3"]) == 0
    captured = capsys.readouterr()
    (run,) = json.loads(captured.out)["runs"]
    assert run["window_ms"] == 3
    assert run["first_difference"]["kind"] == "lost"
    assert captured.err == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{0}", "nowhere"], "RUN: there is no file 'nowhere'"),
        (["nowhere", "{0}"], "REFERENCE: there is no file 'nowhere'"),
        (["{0}", "{1}", "--window", "0"], "--window must be greater than 0, not 0"),
        (["{0}", "{1}", "--window", "nan"], "--window must be greater than 0, not nan"),
        (["{0}", "{1}", "--window", "inf"], "--window must be a number of ms, not inf"),
        (["{0}", "other.out"], "other.out: two runs must be of one network, but neurons is 20 in the one and 21"),
        (["{0}"], "the following arguments are required: RUN"),
    ],
)
def test_wrong_use(
    arguments: list[str],
    message: str,
    folders: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    random_trace((12, 6, 3)).save("other.out")
    assert main(["compare", *(text.format(*folders) for text in arguments)]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"synaptile: error: {message}")
    assert (captured.out, captured.err.count("\n")) == ("", 1)


def test_partial_runs_are_told(folders: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(folders[1], "snn.sw.out")
    dataclasses.replace(Trace.load(path), partial=True).save(path)
    assert main(["compare", *folders[:2]]) == 0
    assert f"{folders[1]} is a partial run" in capsys.readouterr().err


def test_networks_without_neurons(tmp_path: Path) -> None:
    none = random_trace((), steps=0, synapses=0)
    none.save(tmp_path / "none.out")
    name = str(tmp_path / "none.out")
    assert main(["compare", name, name, "--out", str(tmp_path / "out")]) == 0
    assert np.frombuffer((tmp_path / "out" / "compare.png").read_bytes()[1:4], "u1").tobytes() == b"PNG"
