"""YAML in and out: decimal numbers, no key twice, and one line about every mistake."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from ..errors import ConfigError, show

__all__ = ["read_yaml", "to_yaml"]


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key may be given once only, and numbers are decimal.

    YAML 1.1 would read the mesh ``0x4`` as a hexadecimal number, 010 as eight, 1:30 as ninety and 1e6 as text.
    """

    yaml_implicit_resolvers = {
        first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith((":int", ":float"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} is given twice", key.start_mark)
            if isinstance(key.value, str):
                seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$|[-+]?\.inf$|\.nan$"),
    list("-+.0123456789"),
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789"))


class _Dumper(yaml.SafeDumper):
    """Quotes the text that `_Loader` would take for a number."""

    yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers


def read_yaml(path: Path) -> dict[str, Any]:
    """Return a YAML file's mapping; raises `ConfigError` naming the file if there is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not a text file in UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        values = yaml.load(text, _Loader)  # a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = "" if mark is None else f", line {mark.line + 1}, column {mark.column + 1}"
        raise ConfigError(f"{path}{where}: not valid YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if values is None:
        raise ConfigError(f"{path}: is empty; a mapping of keys to values is needed")
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: must be a mapping of keys to values, not {show(values)}")
    for key in values:
        if not isinstance(key, str):
            raise ConfigError(f"{path}: keys must be text, not {show(key)}")
    return values


_LINE_ENDS = "\x85\u2028\u2029"


def to_yaml(values: dict[str, Any]) -> str:
    """Return YAML text of plain values that `read_yaml` turns back into equal ones."""
    text = yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    if any(mark in text for mark in _LINE_ENDS):
        # Written as they are, they would be read as line ends; escaped, with all that is not ASCII, they are not.
        text = yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=False)
    return text
