"""Everything about a chip in one validated, frozen object, from YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self, get_type_hints

from pydantic import BeforeValidator, Field, create_model, model_validator

from synaptile.rtl import NetworkParams
from synaptile.rtl import params as rtl_params
from synaptile.rtl import routing as rtl_routing
from synaptile.rtl import topology as rtl_topology
from synaptile.rtl.parameter import Problem, documented, summaries
from synaptile.rtl.params import NetworkSettings

from ..errors import ConfigError, show
from .compute import Compute
from .cores import Core, core_problems
from .energy_table import EnergyTable
from .limits import Limits, parse_relax
from .parameters import CLOCK_HZ, CROSSBAR, MAX_MESH, NETWORK, PARAMETERS, network_values, units
from .presets import preset_path
from .schema import Evidence, Validated, asks, block_of
from .technology import Technology, parse_technology, technology_problems
from .yaml_file import read_yaml

__all__ = ["ARBITRATIONS", "ROUTINGS", "SELECTIONS", "TOPOLOGIES", "ChipConfig", "Crossbar", "parse_mesh"]

TOPOLOGIES = summaries(rtl_topology.TOPOLOGIES)
"""Topologies by name."""

ROUTINGS = summaries(rtl_routing.ROUTINGS)
"""Routing relations by name."""

SELECTIONS = summaries(rtl_params.SELECTIONS)
"""Selection strategies by name."""

ARBITRATIONS = summaries(rtl_params.ARBITRATIONS)
"""Arbitrations by name."""

_MULTICAST_ROUTINGS = ("xy", "yx")
"""The routings along whose ways packets may fork."""

_PAIR = re.compile(r"\s*(-?[0-9]{1,20})\s*[xX×]\s*(-?[0-9]{1,20})\s*")


def _pair(value: object) -> object:
    """(4, 4) of "4x4", [4, 4] or (4, 4); anything else unchanged."""
    if isinstance(value, str) and (match := _PAIR.fullmatch(value)):
        return int(match[1]), int(match[2])
    return tuple(value) if isinstance(value, list) else value


def parse_mesh(value: object) -> tuple[int, int]:
    """(rows, columns) of ``"4x4"``, ``[4, 4]`` or ``(4, 4)``; raises ``ValueError`` with the rule and the value."""
    pair = _pair(value)
    if not (isinstance(pair, tuple) and len(pair) == 2 and all(type(side) is int for side in pair)):
        raise ValueError(f"must be rows and columns such as 4x4 or [4, 4], not {show(value)}")
    rows, cols = pair
    if rows < 1 or cols < 1:
        raise ValueError(f"must be at least 1 by 1, not {rows}x{cols}")
    if rows > MAX_MESH or cols > MAX_MESH:
        raise ValueError(f"must be at most {MAX_MESH} by {MAX_MESH}, not {rows}x{cols}")
    return rows, cols


class Crossbar(Validated, frozen=True):
    """A tile's crossbar."""

    axons: Annotated[int, asks(CROSSBAR["axons"])]
    neurons: Annotated[int, asks(CROSSBAR["neurons"])]


Crossbar.__doc__ = documented(Crossbar.__doc__, CROSSBAR, "Attributes")


def _crossbar(value: object) -> object:
    if isinstance(value, Crossbar):
        return value
    pair = _pair(value) if isinstance(value, str) else None
    if isinstance(pair, tuple):
        return Crossbar(axons=pair[0], neurons=pair[1])
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return Crossbar(**value)
    raise ValueError(f"must be axons and neurons such as {{axons: 128, neurons: 64}} or 128x64, not {show(value)}")


def _energy(value: object) -> object:
    if isinstance(value, EnergyTable):
        return value
    if isinstance(value, str):
        try:
            return EnergyTable.named(value)
        except ConfigError as error:
            raise ValueError("; ".join(str(error).splitlines())) from None
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return EnergyTable(**value)
    raise ValueError(f"must be the name of an energy table, a YAML file or a table, not {show(value)}")


def _sentences(value: object) -> object:
    if isinstance(value, list | tuple) and all(isinstance(text, str) and text.strip() for text in value):
        return tuple(value)
    raise ValueError(f"must be a list of sentences, not {show(value)}")


class _Named(Validated, frozen=True):
    """The first keys of a chip."""

    name: Annotated[str, Field(min_length=1)] = PARAMETERS["name"].default
    description: str = PARAMETERS["description"].default
    not_modelled: Annotated[tuple[str, ...], BeforeValidator(_sentences)] = PARAMETERS["not_modelled"].default
    mesh: Annotated[tuple[int, int], BeforeValidator(parse_mesh)] = PARAMETERS["mesh"].default


if TYPE_CHECKING:

    class _Networked(_Named, NetworkSettings, frozen=True):
        """The same with the network's parameters."""

else:
    _TYPES = get_type_hints(NetworkSettings)
    _Networked = create_model(
        "_Networked",
        __base__=_Named,
        **{name: (Annotated[_TYPES[name], asks(item)], item.default) for name, item in NETWORK.items()},
    )


class ChipConfig(_Networked, frozen=True):
    """A chip: mesh, routers, crossbars, time and energy.

    Every key may be left out; the defaults (in brackets) are our own choice and say nothing about any real chip.
    """

    table_entries: Annotated[int, asks(PARAMETERS["table_entries"])] = PARAMETERS["table_entries"].default
    crossbar: Annotated[Crossbar, BeforeValidator(_crossbar)] = Crossbar(**PARAMETERS["crossbar"].default)
    weight_bits: Annotated[int | None, asks(PARAMETERS["weight_bits"])] = PARAMETERS["weight_bits"].default
    weight_scale: Annotated[str, asks(PARAMETERS["weight_scale"])] = PARAMETERS["weight_scale"].default
    limits: Annotated[Limits | None, block_of(Limits, "{fan_in: 128}")] = PARAMETERS["limits"].default
    relax: Annotated[tuple[str, ...], BeforeValidator(parse_relax)] = PARAMETERS["relax"].default
    clock_hz: Annotated[float, Field(ge=CLOCK_HZ[0], le=CLOCK_HZ[1])] = PARAMETERS["clock_hz"].default
    cycles_per_step: Annotated[int, asks(PARAMETERS["cycles_per_step"])] = PARAMETERS["cycles_per_step"].default
    stamp_bits: Annotated[int, asks(PARAMETERS["stamp_bits"])] = PARAMETERS["stamp_bits"].default
    compute: Annotated[Compute | None, block_of(Compute, "{synaptic_event: 3.5}")] = PARAMETERS["compute"].default
    tick: Annotated[str | None, asks(PARAMETERS["tick"])] = PARAMETERS["tick"].default
    core: Annotated[Core | None, block_of(Core, "{lanes: 4}")] = PARAMETERS["core"].default
    energy: Annotated[EnergyTable, BeforeValidator(_energy)] = Field(
        default_factory=lambda: EnergyTable.named(PARAMETERS["energy"].default)
    )
    technology: Annotated[Technology | None, BeforeValidator(parse_technology)] = PARAMETERS["technology"].default

    @model_validator(mode="after")
    def _legal(self) -> Self:
        problems = [_line(problem) for problem in self._problems()]
        if self.core is not None:
            problems += core_problems(self)
        if self.technology is not None:
            problems += technology_problems(self.technology, self.energy)
        if problems:
            raise ConfigError(problems)
        return self

    def _problems(self) -> Iterator[Problem]:
        """Yield what is wrong with parameters that are each right by themselves."""
        values = network_values(self)
        # First in the user's words, the routing by its name; then as the routers are made, by tables if so.
        named = values | {"routing": self.routing, "multicast": False, "table_entries": 0}
        found = list(NetworkParams.problems(named))
        if self.multicast and self.routing not in _MULTICAST_ROUTINGS:
            found.append(Problem("routing", f"must be {' or '.join(_MULTICAST_ROUTINGS)} with multicast", self.routing))
        yield from found or NetworkParams.problems(values)

    @classmethod
    def from_yaml(cls, path: str | Path) -> Self:
        """Read a chip from a YAML file.

        Raises `ConfigError`, naming the file, if it cannot be read or anything in it is wrong.
        """
        path = Path(path)
        values = read_yaml(path)
        for key in _TABLES:
            name = values.get(key)
            if isinstance(name, str) and EnergyTable.is_path(name):
                values[key] = str(path.parent / name)
        try:
            return cls(**values)
        except ConfigError as error:
            raise error.located(path.name) from None

    @classmethod
    def preset(cls, name: str, /, **overrides: Any) -> Self:
        """Return a built-in chip with some of its keys given other values.

        `synaptile.bridge.config.presets.list_presets` names the chips.

        A ``crossbar`` or ``core`` given as a mapping replaces only the keys that it has. What is overridden loses the
        preset's source and evidence. Raises `ConfigError` for an unknown preset or a wrong override.
        """
        values = _override(read_yaml(preset_path(name)), overrides)
        try:
            return cls(**values)
        except ConfigError as error:
            raise error.located(f"preset {name}") from None

    def replace(self, /, **overrides: Any) -> Self:
        """Return this chip with some of its keys given other values, as in `preset`; raises `ConfigError`."""
        return type(self)(**_override(self.to_dict(annotated=True), overrides))

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Yield what the chip's text has in brackets: the keys that differ from the defaults, energy by its name."""
        for key, field in type(self).model_fields.items():
            value = getattr(self, key)
            if value != field.get_default(call_default_factory=True):
                yield key, value.name if isinstance(value, EnergyTable | Technology) else value

    def _repr_html_(self) -> str:
        """Return all keys as notebooks show them, with their units."""
        from ..text_table import html_table

        unit = units()
        rows = []
        for key in type(self).model_fields:
            value = getattr(self, key)
            if value is None or value in ("", ()) or key == "not_modelled":
                continue
            if isinstance(value, EnergyTable | Technology):
                value = value.name
            elif isinstance(value, Crossbar):
                value = f"{value.axons}×{value.neurons}"
            elif key == "relax":
                value = ", ".join(value)
            elif isinstance(value, tuple):
                value = "×".join(map(str, value))
            rows.append((key, f"{value:g}" if isinstance(value, float) else str(value), unit.get(key, "")))
        return html_table(self.name, rows)

    @property
    def rows(self) -> int:
        """Rows of the mesh."""
        return self.mesh[0]

    @property
    def cols(self) -> int:
        """Columns of the mesh."""
        return self.mesh[1]

    @property
    def tiles(self) -> int:
        """Tiles of the mesh."""
        return self.mesh[0] * self.mesh[1]

    @property
    def capacity(self) -> int:
        """Neurons that the chip holds."""
        return self.tiles * self.crossbar.neurons


def _line(problem: Problem) -> str:
    """Return a line about a problem of the network, under the key of the chip's file."""
    key = f"mesh: {problem.name}" if problem.name in ("rows", "cols") else f"{problem.name}:"
    return f"{key} {problem.rule}, not {show(problem.value)}"


_BLOCKS = ("crossbar", "core", "limits", "compute")
_TABLES = ("energy", "technology")


def _override(values: dict[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with some overridden and marked so; a block given as a mapping keeps its other keys."""
    values = dict(values)
    for key, value in overrides.items():
        if value is None:  # as if the chip said nothing of it
            values.pop(key, None)
        elif key in _BLOCKS and isinstance(value, Mapping):
            values[key] = {**values.get(key, {}), **{part: _overridden(number) for part, number in value.items()}}
        else:
            values[key] = value if key in (*_BLOCKS, *_TABLES) else _overridden(value)
    return values


def _overridden(value: object) -> object:
    if isinstance(value, Mapping):
        return value
    return {"value": value, "source": "override", "evidence": Evidence.CHOSEN.value}


ChipConfig.__doc__ = documented(ChipConfig.__doc__, PARAMETERS, "Attributes")
