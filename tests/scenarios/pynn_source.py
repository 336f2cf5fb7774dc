"""PyNN's own system scenarios: fetched with its source distribution when the tests run, kept in a cache, not copied."""

import importlib.util
import os
import subprocess
import sys
import tarfile
import tempfile
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyNN

PACKAGE = "pynn_scenarios"
WITHIN = Path("test", "system", "scenarios")

Scenario = Callable[..., object]


class UnreachableError(Exception):
    """The source distribution could not be had."""


def cache() -> Path:
    """Where downloads are kept: ``$SYNAPTILE_TEST_CACHE``, or a folder in the user's cache."""
    chosen = os.environ.get("SYNAPTILE_TEST_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "synaptile-tests"


def folder() -> Path:
    """The folder of the scenarios of the PyNN that is installed, downloaded if need be; `UnreachableError` if not."""
    kept = cache() / f"pynn-{pyNN.__version__}"
    if not kept.is_dir():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as temporary:
            _download(Path(temporary))
            # In one move, so that nobody finds half of it; another process may have been quicker.
            try:
                (Path(temporary) / "source" / f"pynn-{pyNN.__version__}").rename(kept)
            except OSError:
                if not kept.is_dir():
                    raise
    return kept / WITHIN


def _download(temporary: Path) -> None:
    wanted = f"PyNN=={pyNN.__version__}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", wanted]
    run = subprocess.run([*command, "--dest", str(temporary)], capture_output=True, text=True, check=False)
    archives = list(temporary.glob("*.tar.gz"))
    if run.returncode or not archives:
        raise UnreachableError(f"pip could not download the source distribution of {wanted}: {run.stderr.strip()}")
    with tarfile.open(archives[0]) as archive:
        archive.extractall(temporary / "source", filter="data")


def scenarios(source: Path) -> dict[str, Scenario]:
    """All scenarios by ``module.function``, whichever simulators they were written for."""
    found: dict[str, Scenario] = {}
    with _package(source):
        for path in sorted(source.glob("test_*.py")):
            module = _load(f"{PACKAGE}.{path.stem}", path)
            for name, value in vars(module).items():
                if name.startswith("test_") and getattr(value, "is_scenario", False):
                    found[f"{path.stem}.{name}"] = value
    return found


@contextmanager
def _package(source: Path) -> Iterator[None]:
    """The scenarios' package, with a ``fixtures`` of ours: its decorator only marks what is a scenario."""
    package = types.ModuleType(PACKAGE)
    package.__path__ = [str(source)]
    fixtures = types.ModuleType(f"{PACKAGE}.fixtures")
    fixtures.run_with_simulators = lambda *names: _mark  # type: ignore[attr-defined]
    sys.modules[PACKAGE] = package
    sys.modules[f"{PACKAGE}.fixtures"] = fixtures
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
            del sys.modules[name]


def _mark(function: Scenario) -> Scenario:
    function.is_scenario = True  # type: ignore[attr-defined]
    return function


def _load(name: str, path: Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
