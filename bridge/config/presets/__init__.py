"""The chips, energy tables and technologies that come with the package, one YAML file each."""

from __future__ import annotations

import difflib
from pathlib import Path

from ...errors import ConfigError
from ..yaml_file import read_yaml

__all__ = [
    "energy_names",
    "energy_path",
    "list_energy_tables",
    "list_presets",
    "list_technologies",
    "preset_names",
    "preset_path",
    "technology_names",
    "technology_path",
]

_FOLDER = Path(__file__).parent


def preset_names() -> list[str]:
    """Names of the built-in chips, sorted."""
    return _names(_FOLDER)


def energy_names() -> list[str]:
    """Names of the built-in energy tables, sorted."""
    return _names(_FOLDER / "energy")


def technology_names() -> list[str]:
    """Names of the built-in technologies of crossbars, sorted."""
    return _names(_FOLDER / "technology")


def list_presets() -> dict[str, str]:
    """Built-in chips: name to a description of one line."""
    return _descriptions(_FOLDER)


def list_energy_tables() -> dict[str, str]:
    """Built-in energy tables: name to a description of one line."""
    return _descriptions(_FOLDER / "energy")


def list_technologies() -> dict[str, str]:
    """Built-in technologies of crossbars: name to a description of one line."""
    return _descriptions(_FOLDER / "technology")


def preset_path(name: str) -> Path:
    """The file of a built-in chip; raises `ConfigError` naming the nearest one if there is none of that name."""
    return _path(_FOLDER, "preset", name)


def energy_path(name: str) -> Path:
    """The file of a built-in energy table; raises `ConfigError` if there is none of that name."""
    return _path(_FOLDER / "energy", "energy table", name)


def technology_path(name: str) -> Path:
    """The file of a built-in technology of crossbars; raises `ConfigError` if there is none of that name."""
    return _path(_FOLDER / "technology", "technology", name)


def _names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.yaml"))


def _descriptions(folder: Path) -> dict[str, str]:
    return {name: str(read_yaml(folder / f"{name}.yaml")["description"]) for name in _names(folder)}


def _path(folder: Path, kind: str, name: str) -> Path:
    names = _names(folder)
    if name in names:
        return folder / f"{name}.yaml"
    near = difflib.get_close_matches(name, names, n=1)
    tail = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
    raise ConfigError(f"no {kind} {name!r}; {tail}")
