"""Standard streams of every kind, each in a process of its own, for they are a process's."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-c", "import sys; from synaptile.bridge.cli import main; sys.exit(main())"]
SMALL = ["traffic", "--mesh", "2x2", "--cycles", "50", "--engine", "amaranth"]
ASCII = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}
needs_full = pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs /dev/full")


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of shell in which $S is the command."""
    text = 'S() { "$PYTHON" -c \'import sys; from synaptile.bridge.cli import main; sys.exit(main())\' "$@"; }\n'
    return subprocess.run(
        ["sh", "-c", text + line],
        env={**os.environ, "PYTHON": sys.executable, **environment},
        capture_output=True,
        timeout=120,
        check=False,
    )


@needs_full
def test_the_exit_code_of_wrong_use_does_not_depend_on_standard_error() -> None:
    for redirection in ("2>/dev/full", "2>&-", ">/dev/full 2>/dev/full", ">&- 2>&- <&-"):
        run = shell(f"S traffic --mesh 0x0 {redirection}")
        assert (run.returncode, run.stdout) == (2, b""), redirection


@needs_full
@pytest.mark.parametrize("options", ["--version", "presets", "presets --json", " ".join(SMALL)])
def test_a_full_standard_output_is_a_failure_that_is_told(options: str) -> None:
    run = shell(f"S {options} >/dev/full")
    assert run.returncode == 1
    assert run.stderr == b"synaptile: error: standard output: No space left on device\n"
    assert shell(f"S {options} >/dev/full 2>/dev/full").returncode == 1


def test_a_closed_standard_output_takes_no_file_of_results(tmp_path: Path) -> None:
    run = shell(f"cd {tmp_path}; S {' '.join(SMALL)} --out o --json >&-")
    assert (run.returncode, run.stderr) == (0, b"")
    assert json.loads((tmp_path / "o" / "traffic.json").read_text())["partial"] is False


def test_a_reader_that_has_gone_is_no_traceback() -> None:
    run = shell("{ S presets --json; echo $? >&2; } | true")
    assert run.stderr.splitlines()[-1] in (b"0", b"1")
    assert b"Traceback" not in run.stderr
    assert b"Exception ignored" not in run.stderr


def test_a_terminal_in_ascii_shows_plain_forms() -> None:
    run = subprocess.run([*COMMAND, *SMALL], env={**os.environ, **ASCII}, capture_output=True, check=False)
    assert (run.returncode, run.stderr) == (0, b"")
    assert run.stdout.startswith(b"Uniform traffic on 2x2, xy, rate 0.05")
    name = os.fsencode("nowhere-é\udcff.yaml")
    run = subprocess.run([*COMMAND, "traffic", "--chip", name], env={**os.environ, **ASCII}, capture_output=True)
    assert run.returncode == 2
    assert run.stderr.isascii()
    assert run.stderr.count(b"\n") == 1


def test_names_that_are_no_text_are_printed(tmp_path: Path) -> None:
    script = tmp_path / os.fsdecode(b"net\xff[x].py")
    script.write_text(
        "import synaptile.swsim as sim\nsim.setup()\nsim.Population(2, sim.IF_cond_exp(), label='[/x]')\nsim.run(1.0)\n"
    )
    run = subprocess.run(
        [*COMMAND, "run", os.fsencode(script), "--engine", "amaranth", "--vcd", "--out", os.fsencode(tmp_path / "o")],
        capture_output=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, b"")
    assert os.fsencode(tmp_path / "o") + b"/net\xff[x].vcd" in run.stdout
    assert rb"net\udcff[x].py" in (tmp_path / "o" / "report.html").read_bytes()
    assert b"net\xff[x].vcd" in (tmp_path / "o" / os.fsdecode(b"net\xff[x].gtkw")).read_bytes()


@pytest.mark.parametrize("columns", ["1", "20"])
def test_narrow_terminals_lose_nothing(columns: str) -> None:
    environment = {**os.environ, "COLUMNS": columns}
    run = subprocess.run([*COMMAND, *SMALL], env=environment, capture_output=True, text=True, check=True)
    assert "Uniform traffic on 2×2, xy, rate 0.05" in run.stdout
    assert ["mean", "hops"] in [line.split()[:2] for line in run.stdout.splitlines()]
    assert "…" not in run.stdout
    for command in ("run", "traffic", "export", "presets"):
        subprocess.run([*COMMAND, command, "--help"], env=environment, capture_output=True, check=True)


def test_json_is_alone_whoever_writes(tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text(
        "import atexit, os, sys, ctypes\nimport synaptile.swsim as sim\nsim.setup()\n"
        "sim.Population(2, sim.IF_cond_exp())\n"
        "print('printed'); os.write(1, b'raw\\n'); os.system('echo child'); print('original', file=sys.__stdout__)\n"
        "ctypes.CDLL(None).puts(b'in C'); atexit.register(print, 'at exit')\nsim.run(1.0)\n"
    )
    run = subprocess.run(
        [*COMMAND, "run", "loud.py", "--mode", "software", "--json"], cwd=tmp_path, capture_output=True, check=False
    )
    assert run.returncode == 0
    assert json.loads(run.stdout)["neurons"] == 2
    for word in (b"printed", b"raw", b"child", b"original", b"in C", b"at exit"):
        assert word in run.stderr
