"""Everything that the documentation shows is run as it stands there."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from synaptile.bridge import ChipConfig
from synaptile.bridge.engines import fastest

pytestmark = pytest.mark.usefixtures("optimised")

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "waves" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
COMMAND = "import sys; from synaptile.bridge.cli import main; sys.exit(main())"


def blocks(language: str, *, output: bool = False) -> list:
    """Fenced blocks of a language, named by page and line; with ``output``, and the block of text that follows."""
    found = []
    following = r"(?:\n+```text\n(.*?)^```$)?" if output else ""
    for page in PAGES:
        text = page.read_text()
        for match in re.finditer(rf"^```{language}\n(.*?)^```${following}", text, re.DOTALL | re.MULTILINE):
            line = text[: match.start()].count("\n") + 1
            found.append(pytest.param(*match.groups(), id=f"{page.relative_to(ROOT)}:{line}"))
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


@pytest.mark.parametrize(("code", "output"), blocks("python", output=True))
def test_python(code: str, output: str | None, folder: Path) -> None:
    printed = python("-c", code, cwd=folder)
    assert output in (None, printed)


def test_the_readme_begins_with_a_network_and_its_output() -> None:
    text = (ROOT / "README.md").read_text()
    page, *_ = blocks("python", output=True)
    code, output = page.values
    assert "hardware=chip" in code
    assert output is not None
    assert text[: text.index(output) + len(output)].count("\n") < 30


@pytest.mark.skipif(fastest("auto") != "compiled", reason="the whole demonstration needs a C++ compiler")
def test_the_demonstration_prints_what_the_readme_shows(folder: Path) -> None:
    shown = re.findall(r"^```\n(demo, .*?)^```$", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    printed = python("-c", COMMAND, "demo", "--out", "out/demo", cwd=folder)
    lock_step, on_chip = (part.splitlines() for part in printed.split("\n\n") if part.startswith("demo, "))
    whole, beginning = (block.splitlines() for block in shown)
    assert lock_step == whole
    assert on_chip[: len(beginning)] == beginning


@pytest.mark.parametrize("code", blocks("sh"))
def test_commands(code: str, folder: Path) -> None:
    for line in code.splitlines():
        words = shlex.split(line, comments=True)
        if words and words[0] == "synaptile":
            python("-c", COMMAND, *words[1:], cwd=folder)
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://)([^)]+)\)", page.read_text()):
        name, _, heading = target.partition("#")
        leads_to = page.parent / name if name else page
        assert leads_to.exists(), target
        if heading:
            # As GitHub makes them of headings: lower case, hyphens for spaces, no punctuation.
            headings = re.findall(r"^#+ (.*)$", leads_to.read_text(), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", text).lower().replace(" ", "-") for text in headings}, target


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "adr"
    listed = re.findall(r"^\| \[(\d{4})\]\((\1-[a-z0-9-]+\.md)\) \|", (folder / "README.md").read_text(), re.MULTILINE)
    assert [name for _, name in listed] == sorted(path.name for path in folder.glob("[0-9]*.md"))
    for number, name in listed:
        text = (folder / name).read_text()
        assert text.startswith(f"# {number}: ")
        assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_it_names_are_there(page: Path) -> None:
    folders = r"rtl|swsim|bridge|tests|docs|examples|benchmarks|\.ci|\.typing"
    named = re.findall(rf"(?<![\w/.])((?:{folders})/[\w./-]*\w|(?:{folders})/)", page.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []
