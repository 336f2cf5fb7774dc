"""This folder is called like a package that it uses, and must never be taken for it."""

import os
import subprocess
import sys
from pathlib import Path

import cocotb

HERE = Path(__file__).parent


def test_cocotb_is_the_installed_package() -> None:
    assert cocotb.__file__ is not None
    assert HERE not in Path(cocotb.__file__).parents
    assert hasattr(cocotb, "test")


def test_it_is_even_with_the_tests_first_on_the_path() -> None:
    script = "import cocotb; print(cocotb.__file__)"
    for folder in (HERE.parent, HERE.parent.parent):
        run = subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONPATH": str(folder)},
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        assert Path(run.stdout.strip()) == Path(str(cocotb.__file__))


def test_this_folder_is_no_package() -> None:
    # A folder without it gives way to any package of the same name further down the path.
    assert not (HERE / "__init__.py").exists()
