"""YAML in and out: decimal numbers, no key twice, and one line about every mistake.

A file may be hostile: its size, depth and number of values are bounded before anything is made of it, and whatever it
holds gives either a mapping or a `ConfigError` that says where.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NoReturn

import yaml

from ..errors import ConfigError, show, show_key

__all__ = ["read_yaml", "to_yaml"]

_MAX_BYTES = 1 << 20
_MAX_DEPTH = 20
_MAX_VALUES = 10_000

# What PyYAML's scanner and constructors raise for text that is not of the form that they expect, besides YAMLError.
_PARSING = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key is text and may be given once only, and numbers are decimal.

    YAML 1.1 would read the mesh ``0x4`` as a hexadecimal number, 010 as eight, 1:30 as ninety and 1e6 as text.
    """

    yaml_implicit_resolvers = {
        first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith((":int", ":float"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except _PARSING:
            kind = node.tag.rpartition(":")[2]
            shown = show(node.value) if isinstance(node, yaml.ScalarNode) else _described(node)
            _refuse(f"{shown} cannot be read as {kind}", node.start_mark)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        if isinstance(node, yaml.MappingNode):  # others are refused below
            seen: set[str] = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in seen:
                        _refuse(f"key {show(key.value)} is given twice", key.start_mark)
                    seen.add(key.value)
            self.flatten_mapping(node)
            for key, _ in node.value:
                if key.tag != "tag:yaml.org,2002:str":
                    _refuse(f"keys must be text, not {_described(key)}", key.start_mark)
        return super().construct_mapping(node, deep)


def _refuse(problem: str, mark: Any) -> NoReturn:
    raise yaml.constructor.ConstructorError(None, None, problem, mark)


def _described(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return show_key(node.value)
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"


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
    """Return a YAML file's mapping.

    Raises `ConfigError` naming the file, and line and column where there are such, if it cannot be read, has more than
    1 MiB, more than 20 levels or more than 10,000 values (aliases counted as what they stand for), or has no mapping
    with keys of text.
    """
    text = _text_of(path)
    try:
        _check_size(_Loader(text))
        values = _Loader(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = "" if mark is None else f", line {mark.line + 1}, column {mark.column + 1}"
        raise ConfigError(f"{path}{where}: not valid YAML: {_in_one_line(error.problem or error.context)}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not valid YAML: {_in_one_line(error)}") from None
    if values is None:
        raise ConfigError(f"{path}: is empty; a mapping of keys to values is needed")
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: must be a mapping of keys to values, not {show(values)}")
    return values


def _text_of(path: Path) -> str:
    """Return a file's text; raises `ConfigError`."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
        if len(data) <= _MAX_BYTES:
            return data.decode()
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not a text file in UTF-8") from None
    except (OSError, ValueError) as error:  # a path with a null character is a ValueError
        raise ConfigError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    raise ConfigError(f"{path}: must have at most {_MAX_BYTES} bytes")


def _check_size(loader: _Loader) -> None:
    """Check depth and number of values, each alias counted as what it stands for; nothing is made of them.

    Raises ``yaml.YAMLError``.
    """
    known: dict[str | None, tuple[int, int]] = {}  # values and levels of what has an anchor
    total = 0
    open_: list[tuple[str | None, int, int]] = []  # anchor, values before it, deepest level below it
    try:
        while loader.check_event():
            event = loader.get_event()
            if isinstance(event, yaml.CollectionEndEvent):
                anchor, before, deepest = open_.pop()
                if anchor is not None:
                    known[anchor] = (total - before, deepest - len(open_))
                _raise_deepest(open_, deepest)
                continue
            if not isinstance(event, yaml.NodeEvent):
                continue
            values, levels = 1, 1
            if isinstance(event, yaml.AliasEvent):
                if any(anchor == event.anchor for anchor, _, _ in open_):
                    _refuse(f"*{event.anchor} stands in what it stands for", event.start_mark)
                values, levels = known.get(event.anchor, (1, 1))
            if len(open_) + levels > _MAX_DEPTH:
                _refuse(f"must have at most {_MAX_DEPTH} levels", event.start_mark)
            if total + values > _MAX_VALUES:
                _refuse(
                    f"must have at most {_MAX_VALUES} values, aliases counted as what they stand for", event.start_mark
                )
            if isinstance(event, yaml.CollectionStartEvent):
                open_.append((event.anchor, total, len(open_) + 1))
            else:
                if isinstance(event, yaml.ScalarEvent) and event.anchor is not None:
                    known[event.anchor] = (1, 1)
                _raise_deepest(open_, len(open_) + levels)
            total += values
    except _PARSING as error:
        _refuse(f"cannot be read: {_in_one_line(error)}", loader.get_mark())


def _raise_deepest(open_: list[tuple[str | None, int, int]], level: int) -> None:
    """Note a level reached for the innermost open collection."""
    if open_:
        anchor, before, deepest = open_[-1]
        open_[-1] = (anchor, before, max(deepest, level))


def _in_one_line(problem: object) -> str:
    return " ".join(str(problem).split())


_LINE_ENDS = "\x85\u2028\u2029"


def to_yaml(values: dict[str, Any]) -> str:
    """Return YAML text of plain values that `read_yaml` turns back into equal ones."""
    text = yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    if any(mark in text for mark in _LINE_ENDS):
        # Written as they are, they would be read as line ends; escaped, with all that is not ASCII, they are not.
        text = yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=False)
    return text
