"""PyNN finds the back end by its name in any process, without ``synaptile run``."""

import subprocess
import sys
from pathlib import Path

import pytest


def output(*arguments: str, folder: Path) -> str:
    run = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_a_script_takes_its_simulator_from_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(
        "from pyNN.utility import get_simulator\n"
        "sim, options = get_simulator()\n"
        "sim.setup()\n"
        "cells = sim.Population(2, sim.IF_cond_exp())\n"
        "sim.run(1.0)\n"
        "print(sim.__name__, sim.get_trace().neurons)\n"
    )
    assert output("script.py", "synaptile", folder=tmp_path) == "synaptile.swsim 2\n"


@pytest.mark.parametrize(
    "imports",
    [
        "import pyNN.synaptile as found",
        "from pyNN import synaptile as found",
        "import importlib; found = importlib.import_module('pyNN.synaptile')",
        "import synaptile.swsim; import pyNN.synaptile as found",
        "import pyNN; import synaptile.swsim; found = pyNN.synaptile",
    ],
)
def test_both_names_are_one_module(imports: str, tmp_path: Path) -> None:
    text = f"{imports}; import synaptile.swsim as sim, pyNN.synaptile as again; print(found is sim is again)"
    assert output("-c", text, folder=tmp_path) == "True\n"


def test_pynn_s_other_back_ends_are_still_there(tmp_path: Path) -> None:
    text = "import pyNN.synaptile, pyNN.mock, pyNN.utility; print(pyNN.mock.__name__)"
    assert output("-c", text, folder=tmp_path) == "pyNN.mock\n"
