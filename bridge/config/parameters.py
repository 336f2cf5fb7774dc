"""The parameters of a chip as its YAML file has them: the network's, and those that only the whole chip has.

The network's are declared in `synaptile.rtl.params`. This module does without the libraries that check a file, so that
the command line can list its options quickly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from synaptile.rtl.core.params import CoreParams
from synaptile.rtl.parameter import Parameter, declared, summaries
from synaptile.rtl.params import NetworkParams, NetworkSettings
from synaptile.rtl.routing import ROUTINGS

from .blocks import COMPUTE, LIMITS, RELAXABLE, WEIGHT_SCALES
from .technology_terms import TECHNOLOGY

__all__ = [
    "AUTO",
    "CLOCK_HZ",
    "CORE",
    "CROSSBAR",
    "MAX_MESH",
    "NETWORK",
    "PARAMETERS",
    "TICKS",
    "core_values",
    "network_values",
    "parameter_table",
    "units",
]

MAX_MESH = 256
"""Largest number of rows and of columns: 16 of TrueNorth's 64 × 64 chips as one mesh."""

CLOCK_HZ = (1e-3, 1e12)
"""Lowest and highest clock frequency: with these, times and energies are finite numbers."""

_GATES = declared(NetworkParams)

NETWORK: dict[str, Parameter] = declared(NetworkSettings) | {
    # A chip has a routing even if its routers have tables: their entries are made from it.
    "routing": _GATES["routing"].replace(choices=lambda: summaries(ROUTINGS))
}
"""The network's parameters that a chip has under the same name and with the same default."""

CROSSBAR = {
    item.name: item
    for item in (
        Parameter(
            name="axons",
            low=1,
            high=65536,
            unit="axons of a tile",
            help="inputs (rows): distinct presynaptic neurons, of any tile, that the neurons of one tile can listen to",
        ),
        Parameter(
            name="neurons", low=1, high=65536, unit="neurons of a tile", help="outputs (columns): neurons of a tile"
        ),
    )
}
"""The parameters of a tile's crossbar."""

AUTO = "auto"
"""The neuron model of a core that is to be the one which the network's cells need."""

TICKS = {
    "barrier": "a tick begins when all cores are done and the network is empty",
    "fixed": "a tick is cycles_per_step long, and what is late acts later",
}
"""When the next tick of a chip of cores begins."""

_CORE = declared(CoreParams)
_NEURON_MODELS = _CORE["neuron"].choices

_DEFAULT_WEIGHT_BITS = 8  # of a core, where the chip says nothing

_BY_NETWORK = {
    name: _CORE[name].replace(default=None, default_text="as the network needs")
    for name in ("state_bits", "weight_shift", "targets")
}

CORE: dict[str, Parameter] = {
    # The crossbar's size and the width of its weights are keys of the chip.
    **{name: item for name, item in _CORE.items() if name not in ("axons", "neurons", "weight_bits")},
    **_BY_NETWORK,
    "neuron": _CORE["neuron"].replace(
        default=AUTO,
        choices=lambda: {AUTO: "the model that the cells of the network need", **(_NEURON_MODELS or dict)()},
    ),
    "host_tile": Parameter(
        name="host_tile",
        default=0,
        low=0,
        high=MAX_MESH * MAX_MESH - 1,
        unit="tile",
        help="tile at whose door the host is, counted row by row",
    ),
}
"""The parameters of the cores, keys of ``core``."""

_FIRST = (
    Parameter(name="name", type=str, default="chip", values="text", option=False, help="what reports call the chip"),
    Parameter(name="description", type=str, default="", values="text", option=False, help="a line about the chip"),
    Parameter(
        name="not_modelled",
        type=str,
        default=(),
        default_text="nothing",
        values="a list of sentences",
        option=False,
        help="what of the chip is not modelled, in words",
        detail="Reports repeat it.",
    ),
    Parameter(
        name="mesh",
        type=str,
        default=(4, 4),
        default_text="4x4",
        values=f"1x1..{MAX_MESH}x{MAX_MESH}",
        unit="rows × columns of tiles",
        metavar="ROWSxCOLS",
        help="rows and columns of tiles",
        detail="Also given as [4, 4].",
    ),
)
_LAST = (
    _GATES["table_entries"].replace(low=1, default=1024, detail="Used with multicast only."),
    Parameter(
        name="crossbar",
        type=str,
        default={"axons": 128, "neurons": 128},
        default_text="128x128",
        values="1x1..65536x65536",
        metavar="AXONSxNEURONS",
        help="axons and neurons of every tile's crossbar",
        detail="Also given as {axons: 128, neurons: 128}. Axons are the distinct presynaptic neurons, of any tile, "
        "that the neurons of one tile can listen to.",
    ),
    Parameter(
        name="weight_bits",
        default=None,
        default_text="exact in lock-step, 8 on-chip",
        low=1,
        high=32,
        unit="bits",
        metavar="BITS",
        help="bits of a weight",
        detail="In lock-step the weights of static synapses are rounded to them, see [limits](limits.md).",
    ),
    Parameter(
        name="weight_scale",
        type=str,
        default="projection",
        choices=lambda: WEIGHT_SCALES,
        metavar="NAME",
        help="what has a scale of weights of its own, in lock-step",
    ),
    Parameter(
        name="limits",
        type=str,
        default=None,
        default_text="see below",
        values="a table",
        option=False,
        help="what else of a network the chip cannot do",
        detail="A network that breaks one is refused.",
    ),
    Parameter(
        name="relax",
        type=str,
        default=(),
        default_text="none",
        values=", ".join(RELAXABLE),
        metavar="LIMIT,...",
        help="limits that a network may break all the same",
        detail="The report says which it does. With weights, they are as exact as in software.",
    ),
    Parameter(
        name="clock_hz",
        type=float,
        default=100e6,
        default_text="100e6",
        values=f"{CLOCK_HZ[0]:g}..{CLOCK_HZ[1]:g}",
        unit="Hz",
        metavar="HZ",
        help="clock frequency",
        detail="Turns cycles into seconds and static power into energy.",
    ),
    Parameter(
        name="cycles_per_step",
        default=1000,
        low=1,
        high=2**31 - 1,
        unit="cycles",
        metavar="CYCLES",
        help="clock cycles of a step of the network",
        detail="With C of them, step k is cycles k·C up to (k + 1)·C.",
    ),
    _GATES["stamp_bits"].replace(default=8),
    Parameter(
        name="compute",
        type=str,
        default=None,
        default_text="no time",
        values="a table",
        option=False,
        help="how long the work of a tile takes, where neurons are simulated in software",
        detail="Spikes leave when their neuron is updated, and those of a step that is not done in time are late.",
    ),
    Parameter(
        name="tick",
        type=str,
        default=None,
        default_text="barrier",
        choices=lambda: TICKS,
        metavar="NAME",
        help="when the next tick of a chip of cores begins",
        detail="With barrier when all is still, so that nothing is ever late; with fixed every cycles_per_step. Used "
        "on-chip only.",
    ),
    Parameter(
        name="core",
        type=str,
        default=None,
        default_text="see below",
        values="a table",
        option=False,
        help="the cores of the tiles",
        detail="Used on-chip only.",
    ),
    Parameter(
        name="energy",
        type=str,
        default="noxim",
        values="a built-in table, a YAML file or a table",
        metavar="NAME|FILE.yaml",
        help="energy of each event",
        detail="The path of a file is relative to the configuration's own file.",
    ),
    Parameter(
        name="technology",
        type=str,
        default=None,
        default_text="none",
        values="none, a built-in technology, a YAML file or a table",
        metavar="NAME|FILE.yaml",
        help="memory that crossbars are made of",
        detail="Its reads take the place of the energy table's synaptic events, see [technology](technology.md). The "
        "path of a file is relative to the configuration's own file.",
    ),
)

PARAMETERS: dict[str, Parameter] = {item.name: item for item in (*_FIRST, *NETWORK.values(), *_LAST)}
"""Everything that a chip's YAML file may have, by key."""


def units() -> dict[str, str]:
    """Return the unit of every key path that has one."""
    paths = PARAMETERS | {
        f"{block}.{name}": item
        for block, items in (
            ("crossbar", CROSSBAR),
            ("core", CORE),
            ("limits", LIMITS),
            ("compute", COMPUTE),
            ("technology", TECHNOLOGY),
        )
        for name, item in items.items()
    }
    return {path: item.unit for path, item in paths.items() if item.unit}


def network_values(config: Any) -> dict[str, Any]:
    """Return the parameters of the network of a chip, by their names in `NetworkParams`.

    With multicast the routers have tables, in which the ways of the configured routing are written. A neuron number has
    the width that the chip's capacity needs.
    """
    values = {name: getattr(config, name) for name in _GATES if name in PARAMETERS}
    tables = {"routing": "table"} if config.multicast else {"table_entries": 0}
    return values | tables | {"rows": config.rows, "cols": config.cols, "neurons": config.capacity}


def core_values(config: Any) -> dict[str, Any]:
    """Return the parameters of the cores of a chip, by their names in `CoreParams`.

    Those that are left to the network are not among them, and the neuron may still be `AUTO`.
    """
    block = config.core
    given = {name: item.default if block is None else getattr(block, name) for name, item in CORE.items()}
    del given["host_tile"]
    return {name: value for name, value in given.items() if value is not None} | {
        "axons": config.crossbar.axons,
        "neurons": config.crossbar.neurons,
        "weight_bits": _DEFAULT_WEIGHT_BITS if config.weight_bits is None else config.weight_bits,
    }


def parameter_table(parameters: Mapping[str, Parameter] = PARAMETERS) -> str:
    """Return the table of parameters in the documentation, in Markdown."""

    def lines() -> Iterator[str]:
        yield "| key | values | default | what it is |"
        yield "|---|---|---|---|"
        for name, item in parameters.items():
            default = f"`{item.shown_default}`" if item.shown_default else "–"
            text = f"{item.help}. {item.detail}".rstrip()
            yield f"| `{name}` | {item.values_text} | {default} | {text[0].upper()}{text[1:]} |"

    return "\n".join(lines())
