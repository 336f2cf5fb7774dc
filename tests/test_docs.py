"""Everything that the documentation shows is run as it stands there."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from synaptile.bridge import ChipConfig

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "waves" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def blocks(language: str) -> list:
    """Fenced blocks of a language, named by page and line."""
    found = []
    for page in PAGES:
        text = page.read_text()
        for match in re.finditer(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
            line = text[: match.start()].count("\n") + 1
            found.append(pytest.param(match[1], id=f"{page.relative_to(ROOT)}:{line}"))
    return found


def python(*arguments: str, cwd: Path) -> str:
    result = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:__main__", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with what lies in the repository's."""
    for name in ("examples", "waves"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "out").mkdir()
    return tmp_path


def test_there_is_something_to_run() -> None:
    assert len(blocks("python")) >= 2
    assert len(blocks("sh")) >= 4
    assert EXAMPLES


@pytest.mark.parametrize("code", blocks("python"))
def test_python(code: str, folder: Path) -> None:
    python("-c", code, cwd=folder)


@pytest.mark.parametrize("code", blocks("sh"))
def test_commands(code: str, folder: Path) -> None:
    for line in code.splitlines():
        words = shlex.split(line, comments=True)
        if words and words[0] == "synaptile":
            python("-c", "import sys; from synaptile.bridge.cli import main; sys.exit(main())", *words[1:], cwd=folder)
        elif words and words[0] == "make":
            target = f"^{words[1]}:"
            assert re.search(target, (ROOT / "Makefile").read_text(), re.MULTILINE), line
        elif words and words[0] == "python":
            python(*words[1:], cwd=folder)


@pytest.mark.parametrize("code", blocks("yaml"))
def test_chips(code: str, tmp_path: Path) -> None:
    path = tmp_path / "chip.yaml"
    path.write_text(code)
    assert ChipConfig.from_yaml(path).name == "mine"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_examples(example: Path, folder: Path) -> None:
    wants_simulator = "get_simulator" in example.read_text()
    start = (
        "import sys, runpy, synaptile.swsim; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    python("-c", start, str(example), *(["synaptile"] if wants_simulator else []), cwd=folder)


def test_lock_step_example_says_what_the_readme_says(folder: Path) -> None:
    lines = python("examples/lock_step.py", cwd=folder).splitlines()
    assert "[  2.  32.  62." in lines[0]
    assert "[  2.  32.  62." in lines[1]
    assert "[  2.  40.  78." in lines[2]
