"""Workers that are processes: one that dies costs its trial only, and none is left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from synaptile.bridge.explore import Study, explore
from synaptile.bridge.explore.running.workers import dask_executor
from synaptile.bridge.explore.trial import State

_SCRIPT = """
import os, signal, sys
import synaptile.swsim as sim
word = sys.argv[1]
if word == "die":
    os.kill(os.getpid(), signal.SIGKILL)
if word == "fail":
    print("before")
    raise ValueError("a bad\\nword")
sim.setup(timestep=1.0)
one = sim.Population(4, sim.SpikeSourceArray(spike_times=[1.0, 2.0]))
two = sim.Population(4, sim.IF_curr_exp())
sim.Projection(one, two, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=1.0))
sim.run(5.0)
open(sys.argv[2], "a").write("x")
score = len(word)
"""


@pytest.fixture
def scripted(tmp_path: Path) -> Study:
    (tmp_path / "net.py").write_text(_SCRIPT)
    return Study(
        script=str(tmp_path / "net.py"),
        arguments=["{word}", str(tmp_path / "runs")],
        chip={"mesh": "1x2", "crossbar": "8x4"},
        fixed={"engine": "amaranth", "partition": "in-order"},
        space={
            "script.word": {"choice": ["good", "die", "fail", "better"]},
            "cycles_per_step": {"choice": [8, 16]},
        },
        objectives=["latency_mean", {"score": "max"}],
        sampler="grid",
    )


def test_a_worker_that_dies_costs_its_trial_only(scripted: Study, tmp_path: Path) -> None:
    found = explore(scripted, folder=tmp_path / "out", workers=2)
    by_word = {(trial.point["script.word"], trial.point["cycles_per_step"]): trial for trial in found.trials}
    for (word, _), trial in by_word.items():
        assert trial.outcome is not None
        assert trial.state is (State.DONE if word in ("good", "better") else State.FAILED), trial.outcome.error
        if word == "die":
            assert trial.outcome.error == "the worker died"
        if word == "fail":
            assert trial.outcome.error == "net.py, line 9: ValueError: a bad; word"
    assert by_word["better", 8].values["score"] == 6
    # The network was run in software once for each word, and both chips were under its spikes.
    assert (tmp_path / "runs").read_text() == "xx"
    assert found.front


_PARENT = """
import sys
from pathlib import Path
from synaptile.bridge.explore.running.workers import Processes

if __name__ == "__main__":
    pool = Processes(1)
    print(pool._pools[0].submit(__import__("os").getpid).result(), flush=True)
    sys.stdin.read()
"""


def _alive(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().split(")")[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(_PARENT)
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "parent.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    worker = int(process.stdout.readline())
    assert _alive(worker)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdin.close()
    process.stdout.close()
    until = time.monotonic() + 20
    while _alive(worker) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _alive(worker)


@pytest.mark.parametrize("where", ["local:0", "local:x", "host", "local:9999"])
def test_what_is_no_cluster_is_said(where: str) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(ValueError, match=r"dask must be local:N.*, not "):
        dask_executor(where)


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same(scripted: Study, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    keys = {key: getattr(scripted, key) for key in scripted.model_fields_set}
    keys["space"] = {"script.word": {"choice": ["good", "fail"]}, "cycles_per_step": {"choice": [8, 16]}}
    study = Study(**keys)
    there = explore(study, folder=tmp_path / "there", dask="local:1")
    here = explore(study, folder=tmp_path / "here")
    assert [(t.state, t.values) for t in there.trials] == [(t.state, t.values) for t in here.trials]
    assert len(there.front) == 1
