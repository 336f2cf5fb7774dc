"""``synaptile profile``: the run, and where its time went."""

import json
import sys
from pathlib import Path

import pytest

from synaptile.bridge.cli import main

CHIP = ["--engine", "amaranth", "--mesh", "1x2", "--crossbar", "8x4"]
NETWORK = """
import sys, time
import synaptile.swsim as sim
time.sleep(float(sys.argv[1]))
sim.setup(timestep=1.0)
a = sim.Population(4, sim.SpikeSourcePoisson(rate=100.0))
b = sim.Population(4, sim.IF_curr_exp())
sim.Projection(a, b, sim.AllToAllConnector(), sim.StaticSynapse(weight=2.0, delay=1.0))
sim.run(2.0)
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(NETWORK)


def test_a_run_and_where_its_time_went(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "net.py", "0", *CHIP]) == 0
    usual = capsys.readouterr().out
    assert main(["profile", "net.py", "0.5", *CHIP, "--out", "o"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(usual)
    assert "\nWhere the time went\n" in out
    assert err.endswith("synaptile: wrote o/profile.json, o/flame.svg, o/profile.speedscope.json\n")
    values = json.loads(Path("o/profile.json").read_text())
    phases = values["phases_s"]
    assert phases["script"] > 0.45
    assert phases["hardware simulation"] > 0
    assert sum(phases.values()) == pytest.approx(values["seconds"])
    assert Path("o/flame.svg").read_text().startswith("<?xml")
    assert json.loads(Path("o/profile.speedscope.json").read_text())["profiles"]
    assert Path("o/report.html").exists()


def test_without_a_folder_it_has_one_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", "--mode", "software", "net.py", "--json", "--", "0"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["neurons"] == 8
    assert err == ""
    assert {path.name for path in Path("profile").iterdir()} == {"profile.json", "flame.svg", "profile.speedscope.json"}


def test_what_cannot_be_profiled(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["profile", "none.py"]) == 2
    assert capsys.readouterr().err == "synaptile: error: SCRIPT: there is no file 'none.py'\n"
    Path("bad.py").write_text("import synaptile.swsim as sim\nsim.setup(timestep=-1)\n")
    assert main(["profile", "bad.py"]) == 1
    assert "bad.py, line 2: ValueError: timestep must be positive" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "pyinstrument", None)
    assert main(["profile", "net.py", "0"]) == 2
    assert capsys.readouterr().err == (
        'synaptile: error: a profile needs pyinstrument, which comes with: pip install "synaptile[profile]"\n'
    )
