"""Whether a package is still what its files said when it was loaded."""

import importlib
import itertools
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from amaranth.back import rtlil  # type: ignore[attr-defined]

from synaptile import rtl
from synaptile.rtl import NetworkParams, node_of
from synaptile.rtl.sources import LoadedSources

NUMBERS = itertools.count()
MODULE = """
from dataclasses import dataclass
LIMIT = 3
TABLE = {"a": 1}
NAMES = ["a"]
def width(x):
    return x
class Base:
    def elaborate(self):
        return 1
class Node(Base):
    size = 4
@dataclass(frozen=True)
class Point:
    x: int = 1
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a package of two modules, of which one is loaded."""
    name = f"made_for_the_test_{next(NUMBERS)}"
    folder = tmp_path / name / "inner"
    folder.mkdir(parents=True)
    (tmp_path / name / "__init__.py").write_text("from .inner import first\n")
    (folder / "__init__.py").write_text("")
    (folder / "first.py").write_text(MODULE)
    (folder / "second.py").write_text("X = 1\n")
    (folder / "glue.h").write_text("int x;\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    importlib.import_module(name)
    yield name
    for module in [module for module in sys.modules if module.split(".")[0] == name]:
        del sys.modules[module]


def first(package: str) -> ModuleType:
    return sys.modules[f"{package}.inner.first"]


def folder_of(package: str) -> Path:
    return Path(first(package).__file__ or "").parent


def test_what_is_not_touched_is_unchanged(package: str) -> None:
    sources = LoadedSources(package)
    assert sources.unchanged()
    assert sources.digest == LoadedSources(package).digest
    importlib.import_module(f"{package}.inner.second")
    assert first(package).Node().elaborate() == 1
    assert first(package).Point(3).x == 3
    assert first(package).Node.__annotations__ == {}
    assert sources.unchanged()


@pytest.mark.parametrize("name", ["first.py", "second.py", "__init__.py"])
def test_a_byte_of_a_file_is_another_digest_and_the_loaded_package_is_not_that(package: str, name: str) -> None:
    before = LoadedSources(package)
    path = folder_of(package) / name
    path.write_text(path.read_text() + " ")
    assert not before.unchanged()
    assert LoadedSources(package).digest not in ("", before.digest)


def test_a_file_of_the_same_size_and_time_is_another_one(package: str) -> None:
    before = LoadedSources(package)
    path = folder_of(package) / "second.py"
    times = path.stat()
    path.write_text("X = 2\n")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert not before.unchanged()


def test_a_name_or_a_lost_file_counts(package: str) -> None:
    before = LoadedSources(package)
    path = folder_of(package) / "second.py"
    path.rename(path.with_name("third.py"))
    assert not before.unchanged()
    assert LoadedSources(package).digest != before.digest


def test_which_files_count(package: str) -> None:
    python, both = LoadedSources(package), LoadedSources(package, suffixes=(".py", ".h"))
    assert python.digest != both.digest
    (folder_of(package) / "glue.h").write_text("int y;\n")
    assert python.unchanged()
    assert not both.unchanged()
    assert LoadedSources(package, suffixes=(".nothing",)).digest == ""


CHANGES: dict[str, Callable[[ModuleType], object]] = {
    "constant": lambda module: setattr(module, "LIMIT", 4),
    "constant of another type": lambda module: setattr(module, "LIMIT", 3.0),
    "function": lambda module: setattr(module, "width", lambda x: x + 1),
    "class": lambda module: setattr(module, "Node", module.Base),
    "method": lambda module: setattr(module.Base, "elaborate", lambda self: 2),
    "overridden method": lambda module: setattr(module.Node, "elaborate", lambda self: 2),
    "attribute of a class": lambda module: setattr(module.Node, "size", 5),
    "entry": lambda module: module.TABLE.update(b=2),
    "value of an entry": lambda module: module.TABLE.update(a=2),
    "element": lambda module: module.NAMES.append("b"),
    "lost name": lambda module: delattr(module, "width"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_replaced_at_run_time_is_seen(package: str, change: str) -> None:
    sources, files = LoadedSources(package), LoadedSources(package, names=False)
    CHANGES[change](first(package))
    assert not sources.unchanged()
    assert files.unchanged()


def test_the_circuits_sources_are_all_their_files_and_stay_what_they_are() -> None:
    assert LoadedSources(rtl.__name__).digest == rtl.SOURCES.digest != ""
    assert rtl.SOURCES.unchanged()
    node = node_of(NetworkParams(rows=2, cols=2))
    assert rtlil.convert(node, name="node", ports=[node.busy])
    assert rtl.SOURCES.unchanged()


def test_a_circuit_that_is_replaced_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(rtl.Tile, "elaborate", lambda self, platform: None)
        assert not rtl.SOURCES.unchanged()
    assert rtl.SOURCES.unchanged()
