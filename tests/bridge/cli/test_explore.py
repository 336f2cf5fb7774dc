"""``synaptile explore``: what it prints, writes and says of what is wrong."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from synaptile.bridge.cli import main
from synaptile.swsim.trace import Trace

Run = Callable[..., tuple[int, str, str]]

STUDY: dict[str, Any] = {
    "trace": "four.out",
    "chip": "demo",
    "fixed": {"mesh": "1x2", "crossbar": "8x2", "engine": "amaranth"},
    "space": {"cycles_per_step": {"choice": [4, 8]}, "partition": {"choice": ["in-order"]}},
    "objectives": ["latency_mean", "energy"],
    "sampler": "grid",
}


@pytest.fixture
def synaptile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command on a study in a folder with a trace; returns (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)
    Trace(
        dt=1.0,
        steps=3,
        neurons=4,
        spike_neuron=np.array([0, 1], np.int32),
        spike_step=np.array([0, 1]),
        pre=np.array([0, 1], np.int32),
        post=np.array([2, 3], np.int32),
        weight=np.ones(2),
        delay=np.ones(2, np.int32),
    ).save("four.out")

    def run(*words: str, **changes: Any) -> tuple[int, str, str]:
        values = {key: value for key, value in {**STUDY, **changes}.items() if value is not ...}
        Path("mine.yaml").write_text(yaml.safe_dump(values))
        code = main(["explore", "mine.yaml", *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_files_and_a_command_for_each_point(synaptile: Run, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = synaptile()
    assert (code, err) == (0, "")
    folder = Path("out/mine")
    names = {"front.csv", "front.png", "front.svg", "study.db", "study.html", "study.json", "trials.csv"}
    assert names <= {path.name for path in folder.iterdir()}
    values = json.loads((folder / "study.json").read_text())
    rows = list(csv.DictReader((folder / "front.csv").read_text().splitlines()))
    assert [row["command"] for row in rows] == [one["command"] for one in values["front"]]
    for one in values["front"]:
        assert one["command"].startswith("synaptile replay four.out --chip demo --crossbar 8x2 --mesh 1x2 ")
        assert one["command"] in out
    page = (folder / "study.html").read_text()
    assert "http" not in page.replace("http-equiv", "")
    assert values["front"][0]["command"] in page
    # Again it has nothing to do; as JSON it says the same.
    code, out, err = synaptile("--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["front"] == values["front"]


@pytest.mark.parametrize(
    ("changes", "words", "code", "message"),
    [
        ({"objectives": ["enrgy"]}, (), 2, "objectives: unknown number 'enrgy'; did you mean 'energy'? there are"),
        ({"space": {"deep": {"range": [1, 2]}}}, (), 2, "space.deep: unknown parameter; "),
        ({"trace": "none.out"}, (), 2, "trace: there is no file 'none.out' (in mine.yaml)"),
        (
            {"trace": "mine.yaml"},
            (),
            1,
            "all 2 trials were refused or failed, 2 with: TraceError",
        ),
        ({"constraints": ["energy < 0"]}, (), 1, "no point is feasible: none of 2 holds all constraints; the nearest"),
        ({"fixed": {"mesh": "1x1", "crossbar": "8x2"}}, (), 1, "no point is feasible: all 2 trials were refused"),
        ({}, ("--storage", "mysql://x"), 2, "storage must be sqlite:///FILE or postgresql://..., not 'mysql://x'"),
        ({}, ("--storage", "sqlite:////none/x.db"), 1, "the database sqlite:////none/x.db cannot be used: "),
        (
            {},
            ("--from", "sqlite:///none.db"),
            1,
            "the database sqlite:///none.db cannot be used: No such file or directory",
        ),
        ({}, ("--from", "here"), 2, "storage must be sqlite:///FILE or postgresql://..., not 'here'"),
        (
            {},
            ("--storage", "postgresql://me:word@127.0.0.1:1/x"),
            1,
            "the database postgresql://me@127.0.0.1:1/x cannot",
        ),
        ({"numbers": ["hops_mena"]}, (), 2, "numbers: unknown number 'hops_mena'; did you mean 'hops_mean'?"),
        ({"constraints": ["area.lut <= 3"]}, (), 2, "constraints: area must be area, area.FAMILY, area.KIND or"),
        ({"mapping": "four.out"}, (), 2, "partition: must be left out where mapping is given"),
        (
            {"mapping": "four.out", "space": {"cycles_per_step": {"choice": [4]}}},
            (),
            2,
            "four.out: not the file of a mapping",
        ),
        ({}, ("--dask", "here"), 2, "--dask: dask must be local:N or an address such as tcp://host:8786, not 'here'"),
        ({}, ("--dask", "local:1", "--workers", "2"), 2, "--workers must be left out where --dask is given"),
        ({}, ("--trials", "0"), 2, "must be in 1..1000000, not 0"),
        ({}, ("--time-limit", "-1"), 2, "time_limit: must be seconds, more than 0, not -1"),
    ],
)
def test_what_is_wrong_is_one_line(
    changes: dict[str, Any], words: tuple[str, ...], code: int, message: str, synaptile: Run
) -> None:
    got, _, err = synaptile(*words, **changes)
    assert message in err
    assert got == code
    assert err.count("\n") == 1
    assert err.startswith("synaptile: error: ")


def test_without_optuna_it_says_what_to_install(synaptile: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    code, _, err = synaptile()
    assert (code, err) == (2, "synaptile: error: exploration needs optuna: pip install 'synaptile[explore]'\n")


def test_ctrl_c_leaves_what_there_is(synaptile: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from synaptile.bridge.explore.running import workers

    usual, count = workers.evaluate, []

    def evaluate(job: Any) -> Any:
        count.append(job)
        if len(count) == 2:
            raise KeyboardInterrupt
        return usual(job)

    monkeypatch.setattr(workers, "evaluate", evaluate)
    code, out, err = synaptile()
    assert (code, err) == (130, "synaptile: interrupted: 1 trial is left; the same command continues\n")
    assert "mine: 1 trial, 1 on the front, 1 still to be run" in out
    code, out, err = synaptile()
    assert (code, err) == (0, "")
    assert len(count) == 3
    assert out.startswith("mine: 2 trials, ")


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="groups of processes are Unix's")
def test_ctrl_c_ends_workers_without_a_word_of_theirs(synaptile: Run) -> None:
    assert synaptile("--out", "first")[0] == 0  # leaves the study's file
    code = "import sys; from synaptile.bridge.cli import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "explore", "mine.yaml", "--workers", "2", "--out", "second"],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not Path("second/study.db-wal").exists() and process.poll() is None:
        time.sleep(0.02)
    time.sleep(0.5)  # the workers import what they need
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "synaptile: interrupted: 2 trials are left; the same command continues\n"
