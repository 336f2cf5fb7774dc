"""The house rules: who may import whom, what is packaged, and nothing of anyone's machine in the repository."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FOLDERS = ("rtl", "swsim", "bridge")

# What each package may import besides the standard library and itself.
ALLOWED = {
    "rtl": {"amaranth"},
    "swsim": {"numpy", "numba", "llvmlite", "scipy", "pyNN", "neo", "quantities", "lazyarray"},
}


def declared() -> set[str]:
    """The import names of the distributions that the project depends on."""
    required = {_normal(re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0]) for line in PROJECT["project"]["dependencies"]}
    installed = metadata.packages_distributions()
    found = {name for name, owners in installed.items() if required & {_normal(owner) for owner in owners}}
    # A distribution that is a single extension module is not listed there, but is called like its module.
    return found | {name.replace("-", "_") for name in required}


def _normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def sources(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(("synaptile", *parts)).removesuffix(".__init__")


def imports(text: str, module: str, *, package: bool) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that a module imports, relative imports resolved, strings included."""
    parents = module.split(".") if package else module.split(".")[:-1]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = parents[: len(parents) - node.level + 1] if node.level else []
            for alias in node.names:
                yield node.lineno, ".".join([*base, *([node.module] if node.module else []), alias.name])
        elif isinstance(node, ast.Call):
            function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            named = node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
            if function in ("import_module", "__import__") and named:
                yield node.lineno, node.args[0].value  # type: ignore[attr-defined]


def owner(name: str) -> str:
    """The part of an imported name that the rules speak of: ``numpy``, ``synaptile.rtl``."""
    parts = name.split(".")
    return ".".join(parts[:2]) if parts[0] == "synaptile" else parts[0]


def strangers(folder: str, found: Iterator[tuple[int, str]]) -> list[str]:
    """What a folder imports against the rules, as ``line: name``."""
    allowed = ALLOWED.get(folder, declared() | {f"synaptile.{other}" for other in FOLDERS})
    allowed = allowed | sys.stdlib_module_names | {f"synaptile.{folder}"}
    return [f"{line}: {name}" for line, name in found if owner(name) not in allowed]


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_import_arrows(folder: str) -> None:
    assert sources(folder)
    wrong = []
    for path in sources(folder):
        found = imports(path.read_text(), module_of(path), package=path.name == "__init__.py")
        wrong += [f"{path.relative_to(ROOT)}:{stranger}" for stranger in strangers(folder, found)]
    assert not wrong


@pytest.mark.parametrize(
    ("folder", "line", "caught"),
    [
        ("rtl", "import numpy as np", True),
        ("rtl", "from synaptile.swsim import Trace", True),
        ("rtl", "from synaptile import bridge", True),
        ("rtl", "from .. import swsim", True),
        ("rtl", "from ..bridge import Chip", True),
        ("rtl", "def f():\n    import importlib\n    importlib.import_module('numpy')", True),
        ("rtl", "from .params import NetworkParams\nimport amaranth.sim\nfrom . import mesh\nimport re", False),
        ("swsim", "from amaranth.hdl import Module", True),
        ("swsim", "import synaptile.rtl", True),
        ("swsim", "import numpy.typing\nfrom pyNN import common\nfrom ..swsim import trace", False),
        ("bridge", "import harness", True),
        ("bridge", "import pytest", True),
        ("bridge", "import yaml, vcd\nfrom synaptile.rtl import Mesh\nfrom ..swsim import trace", False),
    ],
)
def test_the_arrows_are_seen(folder: str, line: str, caught: bool) -> None:
    assert bool(strangers(folder, imports(line, f"synaptile.{folder}.module", package=False))) == caught


def test_every_folder_of_modules_is_packaged() -> None:
    folders = {path.parent.relative_to(ROOT) for folder in FOLDERS for path in sources(folder)}
    expected = {".".join(("synaptile", *folder.parts)): folder.as_posix() for folder in folders}
    assert PROJECT["tool"]["setuptools"]["package-dir"] == expected
    assert sorted(PROJECT["tool"]["setuptools"]["packages"]) == sorted(expected)
    for folder in folders:
        assert (ROOT / folder / "__init__.py").is_file(), f"{folder} has modules but no __init__.py"


def test_every_other_file_of_a_package_is_packaged_as_its_data() -> None:
    folders: dict[str, str] = PROJECT["tool"]["setuptools"]["package-dir"]
    patterns: dict[str, list[str]] = PROJECT["tool"]["setuptools"]["package-data"]
    packaged = {
        file for package, globs in patterns.items() for glob in globs for file in (ROOT / folders[package]).glob(glob)
    }
    found = {
        path
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
        and path.suffix not in (".py", ".pyc")
        and not path.name.startswith(".")
        # Numba keeps what it has compiled there.
        and "__pycache__" not in path.parts
    }
    assert sorted(str(path.relative_to(ROOT)) for path in found - packaged) == []
    for package, globs in patterns.items():
        for glob in globs:
            assert any((ROOT / folders[package]).glob(glob)), f"nothing in {package} matches {glob}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_package_is_typed(folder: str) -> None:
    assert (ROOT / folder / "py.typed").is_file()


def test_the_type_checker_s_links_lead_to_the_packages() -> None:
    links = {path.name: path for path in (ROOT / ".typing" / "synaptile").iterdir()}
    assert set(links) == set(FOLDERS)
    for folder, link in links.items():
        assert link.is_symlink()
        assert not link.readlink().is_absolute()
        assert link.resolve() == (ROOT / folder).resolve()


def committed() -> list[Path]:
    """The files of the repository, those still to be committed included."""
    run = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        pytest.skip(f"not a git repository: {run.stderr.strip()}")
    return [path for name in run.stdout.split("\0") if name and (path := ROOT / name).is_file()]


# Put together here, so that this file does not contain what it looks for.
_HOMES = ("home/" + r"\w", "Users/" + r"\w", "root/")
HOMES = re.compile("|".join([*(rf"(?<![\w.])/{place}" for place in _HOMES), r"C:\\+Users\\"]).encode())


def test_no_file_names_a_place_on_someone_s_machine() -> None:
    found = []
    for path in committed():
        text = path.read_bytes()
        match = HOMES.search(text)
        if match or (len(ROOT.parts) > 2 and str(ROOT).encode() in text):
            found.append(str(path.relative_to(ROOT)))
    assert not found


@pytest.mark.parametrize("text", ["open('/{}/ann/x')", "cd /{}/ann", "C:\\{}\\ann"])
@pytest.mark.parametrize("place", ["home", "root", "Users"])
def test_such_places_are_seen(text: str, place: str) -> None:
    expected = place == "Users" or "C:" not in text
    assert bool(HOMES.search(text.format(place).encode())) == expected


@pytest.mark.parametrize("text", ["https://example.org/home/page", "the root/leaf", "examples/home/x", "~/x"])
def test_others_are_not(text: str) -> None:
    assert not HOMES.search(text.encode())


@pytest.mark.parametrize("module", [module_of(path) for folder in FOLDERS for path in sources(folder)])
def test_every_public_name_exists(module: str) -> None:
    imported = importlib.import_module(module)
    names = getattr(imported, "__all__", ())
    assert len(set(names)) == len(names)
    assert [name for name in names if not hasattr(imported, name)] == []
