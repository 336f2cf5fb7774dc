"""Everything about a chip in one validated, frozen object, from YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from synaptile.rtl import params as rtl_params
from synaptile.rtl import routing as rtl_routing
from synaptile.rtl import topology as rtl_topology

from ..errors import ConfigError, show
from .energy_table import EnergyTable
from .presets import preset_path
from .schema import Evidence, Validated
from .yaml_file import read_yaml

__all__ = ["ARBITRATIONS", "ROUTINGS", "SELECTIONS", "TOPOLOGIES", "ChipConfig", "Crossbar", "parse_mesh"]

TOPOLOGIES: dict[str, str] = {name: topology.summary for name, topology in rtl_topology.TOPOLOGIES.items()}
"""Topologies by name."""

ROUTINGS: dict[str, str] = {name: routing.summary for name, routing in rtl_routing.ROUTINGS.items()}
"""Routing relations by name."""

SELECTIONS: dict[str, str] = dict(rtl_params.SELECTIONS)
"""Selection strategies by name."""

ARBITRATIONS: dict[str, str] = dict(rtl_params.ARBITRATIONS)
"""Arbitrations by name."""

MAX_MESH = 64
"""Largest number of rows and of columns: TrueNorth's 64 × 64 is the largest mesh described."""

_PAIR = re.compile(r"\s*(-?\d+)\s*[xX×]\s*(-?\d+)\s*")


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


class Crossbar(Validated):
    """A tile's crossbar.

    Attributes
    ----------
    axons
        Inputs (rows): distinct presynaptic neurons, of any tile, that the neurons of one tile can listen to; 1..65536.
    neurons
        Outputs (columns): neurons of one tile; 1..65536.
    """

    axons: Annotated[int, Field(ge=1, le=65536)]
    neurons: Annotated[int, Field(ge=1, le=65536)]


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


class ChipConfig(Validated):
    """A chip: mesh, routers, crossbars, time and energy.

    Every key may be left out; the defaults (in brackets) are our own choice and say nothing about any real chip.

    Attributes
    ----------
    name
        What the chip is called in reports ["chip"].
    description
        One line about it [""].
    mesh
        (rows, columns) of tiles, each 1..64; also given as "4x4" [4x4].
    topology
        "mesh"; "torus": rows and columns are closed to rings, which needs 2 virtual channels; or "tree": each 2 x 2
        tiles are a cluster round a hub, and a mesh of routers joins the hubs, which needs even rows and columns
        ["mesh"].
    routing
        Routing relation, a key of `ROUTINGS` ["xy"].
    selection
        Which of the permitted outputs is taken, a key of `SELECTIONS`; other than "first" only with a routing that
        leaves a choice ["first"].
    selection_seed
        Where the coins of the selection "random" begin, 1..65535 [1].
    dyad_threshold
        For the routing "dyad" only, 0..buffer_depth: a router is congested while any of its input queues holds more
        flits than this [half of buffer_depth].
    arbitration
        Who goes first when several packets wait for an output, a key of `ARBITRATIONS`; other than "round-robin" only
        with one virtual channel, a routing that leaves no choice, and no multicast ["round-robin"].
    buffer_depth
        Flits that an input queue of a router holds, 1..64 [4].
    flits_per_packet
        Flits of a packet, head included, 1..16 [2]. Packets of one flit carry no stamp on the wire.
    virtual_channels
        Virtual channels of each link, 1..4, each with a queue of ``buffer_depth`` flits [1].
    link_stages
        Registers along each link, 0..8, each a cycle more [0].
    multicast
        A spike is one packet that forks on its way to all of its tiles, along the ways of the routing ("xy" or
        "yx"), which the routers then have in tables; else a packet for each tile. A queue must hold a packet [false].
    table_entries
        With multicast: keys that each router's table holds, 1..65536 [1024].
    crossbar
        `Crossbar` of every tile, also given as "128x64" (axons x neurons) [128 axons, 128 neurons].
    weight_bits
        Bits of a synaptic weight, 1..32 [8].
    clock_hz
        Clock frequency in Hz; turns cycles into seconds and static power into energy [100 MHz].
    cycles_per_step
        Clock cycles C of one step of the network: step k is cycles [k·C, (k+1)·C) [1000].
    stamp_bits
        Low bits of a spike's step that body flits carry, 0..32 [8].
    energy
        `EnergyTable`; given as the name of a built-in one, the path of a YAML file (relative to the configuration's
        own file) or the table itself ["noxim"].
    """

    name: Annotated[str, Field(min_length=1)] = "chip"
    description: str = ""
    mesh: Annotated[tuple[int, int], BeforeValidator(parse_mesh)] = (4, 4)
    topology: str = "mesh"
    routing: str = "xy"
    selection: str = "first"
    selection_seed: Annotated[int, Field(ge=1, le=65535)] = 1
    dyad_threshold: Annotated[int, Field(ge=0, le=64)] | None = None
    arbitration: str = "round-robin"
    buffer_depth: Annotated[int, Field(ge=1, le=64)] = 4
    flits_per_packet: Annotated[int, Field(ge=1, le=16)] = 2
    virtual_channels: Annotated[int, Field(ge=1, le=4)] = 1
    link_stages: Annotated[int, Field(ge=0, le=8)] = 0
    multicast: bool = False
    table_entries: Annotated[int, Field(ge=1, le=65536)] = 1024
    crossbar: Annotated[Crossbar, BeforeValidator(_crossbar)] = Crossbar(axons=128, neurons=128)
    weight_bits: Annotated[int, Field(ge=1, le=32)] = 8
    clock_hz: Annotated[float, Field(gt=0)] = 100e6
    cycles_per_step: Annotated[int, Field(ge=1, le=2**31 - 1)] = 1000
    stamp_bits: Annotated[int, Field(ge=0, le=32)] = 8
    energy: Annotated[EnergyTable, BeforeValidator(_energy)] = Field(default_factory=lambda: EnergyTable.named("noxim"))

    @field_validator("topology")
    @classmethod
    def _known_topology(cls, value: str) -> str:
        return _registered(value, TOPOLOGIES)

    @field_validator("routing")
    @classmethod
    def _known_routing(cls, value: str) -> str:
        return _registered(value, ROUTINGS)

    @field_validator("selection")
    @classmethod
    def _known_selection(cls, value: str) -> str:
        return _registered(value, SELECTIONS)

    @field_validator("arbitration")
    @classmethod
    def _known_arbitration(cls, value: str) -> str:
        return _registered(value, ARBITRATIONS)

    @model_validator(mode="after")
    def _combinations(self) -> Self:
        if self.flits_per_packet > 1 and self.stamp_bits == 0:
            raise ValueError(
                f"flits_per_packet: must be 1 when stamp_bits is 0 (body flits carry the stamp), "
                f"not {self.flits_per_packet}"
            )
        if self.topology == "torus":
            known = rtl_routing.TORUS_ROUTINGS
            if self.routing not in known:
                raise ValueError(f"routing: must be {' or '.join(known)} on a torus, not {self.routing!r}")
            if self.virtual_channels < 2:
                raise ValueError(
                    f"virtual_channels: must be at least 2 on a torus, or packets can deadlock round a ring, "
                    f"not {self.virtual_channels}"
                )
        if self.topology == "tree":
            side = rtl_topology.CLUSTER_SIDE
            if self.rows % side or self.cols % side:
                raise ValueError(
                    f"mesh: must have multiples of {side} rows and columns with a tree, whose clusters are "
                    f"{side}x{side} tiles, not {self.rows}x{self.cols}"
                )
        if self.selection != "first" and not rtl_routing.is_adaptive(
            rtl_routing.routing_of(self.routing, self.topology)
        ):
            raise ValueError(
                f"selection: must be first with routing {self.routing!r}, which never leaves a choice, "
                f"not {self.selection!r}"
            )
        if self.arbitration != "round-robin":
            reason = (
                "with multicast"
                if self.multicast
                else f"with {self.virtual_channels} virtual_channels"
                if self.virtual_channels > 1
                else f"with routing {self.routing!r}"
                if rtl_routing.is_adaptive(rtl_routing.routing_of(self.routing, self.topology))
                else None
            )
            if reason:
                raise ValueError(f"arbitration: must be round-robin {reason}, not {self.arbitration!r}")
        if self.multicast:
            if self.routing not in ("xy", "yx"):
                raise ValueError(f"routing: must be xy or yx with multicast, not {self.routing!r}")
            if self.buffer_depth < self.flits_per_packet:
                raise ValueError(
                    f"buffer_depth: must be at least {self.flits_per_packet}, the flits of a packet, with multicast, "
                    f"not {self.buffer_depth}"
                )
        if self.dyad_threshold is not None and self.routing != "dyad":
            raise ValueError(
                f"dyad_threshold: must be left out with routing {self.routing!r}, which ignores it, "
                f"not {self.dyad_threshold}"
            )
        if self.dyad_threshold is not None and self.dyad_threshold > self.buffer_depth:
            raise ValueError(
                f"dyad_threshold: must lie in 0..{self.buffer_depth}, the buffer_depth, not {self.dyad_threshold}"
            )
        return self

    @classmethod
    def from_yaml(cls, path: str | Path) -> Self:
        """Read a chip from a YAML file.

        Raises `ConfigError`, naming the file, if it cannot be read or anything in it is wrong.
        """
        path = Path(path)
        values = read_yaml(path)
        energy = values.get("energy")
        if isinstance(energy, str) and EnergyTable.is_path(energy):
            values["energy"] = str(path.parent / energy)
        try:
            return cls(**values)
        except ConfigError as error:
            raise error.located(path.name) from None

    @classmethod
    def preset(cls, name: str, /, **overrides: Any) -> Self:
        """A built-in chip (see `synaptile.bridge.config.presets.list_presets`), with some of its keys given other
        values.

        A ``crossbar`` given as a mapping replaces only the keys that it has. What is overridden loses the preset's
        source and evidence. Raises `ConfigError` for an unknown preset or a wrong override.
        """
        values = _override(read_yaml(preset_path(name)), overrides)
        try:
            return cls(**values)
        except ConfigError as error:
            raise error.located(f"preset {name}") from None

    def with_(self, **overrides: Any) -> Self:
        """This chip with some of its keys given other values, as in `preset`; raises `ConfigError`."""
        return type(self)(**_override(self.to_dict(annotated=True), overrides))

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


def _registered(value: str, registry: Mapping[str, str]) -> str:
    if value not in registry:
        names = ", ".join(registry)
        raise ValueError(f"must be {names if len(registry) == 1 else 'one of ' + names}, not {value!r}")
    return value


def _override(values: dict[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Values with the overrides in their place, marked as such; a crossbar given as a mapping keeps its other keys."""
    values = dict(values)
    for key, value in overrides.items():
        if key == "crossbar" and isinstance(value, Mapping):
            values[key] = {**values.get(key, {}), **{part: _overridden(number) for part, number in value.items()}}
        else:
            values[key] = value if key in ("crossbar", "energy") else _overridden(value)
    return values


def _overridden(value: object) -> object:
    if isinstance(value, Mapping):
        return value
    return {"value": value, "source": "override", "evidence": Evidence.CHOSEN.value}
