"""What the command line may import before it knows what it has to do."""

import json
import subprocess
import sys

import pytest

# Everything else that is not of the standard library makes the command start slowly.
_BARE = {"synaptile"}
_OPTIONS = _BARE | {"amaranth", "jschon", "rfc3986", "numpy", "mtkahypar"}
_MODULES = {
    "synaptile.bridge",
    "synaptile.bridge.cli",
    "synaptile.bridge.cli.common",
    "synaptile.bridge.cli.main",
    "synaptile.bridge.json_text",
    "synaptile.bridge.process",
    "synaptile.bridge.process.signals",
    "synaptile.bridge.process.streams",
    "synaptile.bridge.lazy_names",
}

_SCRIPT = """
import json, sys
before = set(sys.modules)
from synaptile.bridge.cli import main
assert main(sys.argv[1:]) == 0
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def imported(*arguments: str) -> set[str]:
    """Everything that a command imports, in a process of its own."""
    run = subprocess.run([sys.executable, "-c", _SCRIPT, *arguments], capture_output=True, text=True, check=True)
    return set(json.loads(run.stdout.splitlines()[-1]))


def packages(modules: set[str]) -> set[str]:
    """The packages that are not of the standard library."""
    return {module.partition(".")[0] for module in modules} - sys.stdlib_module_names


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_need_the_standard_library_only(option: str) -> None:
    found = imported(option)
    assert packages(found) <= _BARE
    assert {module for module in found if module.startswith("synaptile.")} <= _MODULES


@pytest.mark.parametrize("command", [["traffic"], ["run"], ["replay"], ["demo"], ["export"], ["presets"], ["bench"]])
def test_the_help_of_a_command_needs_no_simulator_and_no_checker_of_files(command: list[str]) -> None:
    assert packages(imported(*command, "--help")) <= _OPTIONS


def test_an_import_is_seen() -> None:
    assert "pydantic" in packages(imported("presets", "demo"))
