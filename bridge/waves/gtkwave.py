"""GTKWave saves: named groups for every router and port, colours, and names instead of numbers."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from vcd.gtkw import GTKWColor, GTKWSave, make_translation_filter

from synaptile.rtl import Port
from synaptile.swsim.base.whole_file import write_bytes, write_text

from .decoder import FlitKind, Role, Variable
from .timebase import Timebase

__all__ = ["FILTERS", "filter_text", "save_text", "surfer_text", "write_save"]

_PORT_BITS = len(Port).bit_length()
_KIND_BITS = max(FlitKind).bit_length()

_KIND_COLOURS = {
    FlitKind.NONE: "gray15",
    FlitKind.HEAD: "dark green",
    FlitKind.BODY: "steel blue",
    FlitKind.TAIL: "navy",
    FlitKind.SINGLE: "dark green",
    FlitKind.UNKNOWN: "firebrick",
}

FILTERS: dict[Role, tuple[str, int, list[tuple[int, str] | tuple[int, str, str]]]] = {
    Role.PORT: ("ports.filter", _PORT_BITS, [(int(port), port.name) for port in Port]),
    Role.KIND: ("flits.filter", _KIND_BITS, [(int(kind), kind.name, _KIND_COLOURS[kind]) for kind in FlitKind]),
}
"""For each role with names for its values: the filter's file name, the width in bits, and the names."""

_SURFER_NAMES = {Role.PORT: "port", Role.KIND: "flit"}

_COLOURS = {
    Role.VALID: GTKWColor.green,
    Role.READY: GTKWColor.blue,
    Role.KIND: GTKWColor.orange,
    Role.PAYLOAD: GTKWColor.yellow,
    Role.LEVEL: GTKWColor.violet,
    Role.PORT: GTKWColor.green,
    Role.FLAG: GTKWColor.red,
}

_ENDS = {"spikes": "sends", "arrivals": "receives"}

# Cycles to be seen at first in the window, and how many of them before the first activity.
_CYCLES_SHOWN = 12
_CYCLES_BEFORE = 1
_WINDOW_WIDTH, _WAVES_WIDTH = 1600, 1200


def filter_text(role: Role) -> str:
    """A translation filter that replaces the numbers of a role by names."""
    _, width, names = FILTERS[role]
    return f"{make_translation_filter(names, datafmt='hex', size=width)}\n"


def surfer_text(role: Role) -> str:
    """The same names as a mapping for Surfer."""
    _, width, names = FILTERS[role]
    lines = [f"Name = synaptile {_SURFER_NAMES[role]}", f"Bits = {width}"]
    return "\n".join([*lines, *(f"{name[0]} {name[1]}" for name in names)]) + "\n"


def save_text(
    dump: str,
    variables: Sequence[Variable],
    timebase: Timebase,
    *,
    first_activity: int | None = None,
    first_delivery: int | None = None,
) -> str:
    """A save for a dump in the same folder.

    An open group on top shows spikes hop: those that every tile sends, puts on its links and receives. Below it is a
    closed group for every tile, with one for each of its ports. The view begins just before cycle ``first_activity``,
    and the marker is at ``first_delivery``.
    """
    file = io.StringIO()
    save = GTKWSave(file)
    save.dumpfile(dump, abspath=False)
    save.timestart(timebase.rise(max(0, (first_activity or 0) - _CYCLES_BEFORE)))
    save.size(_WINDOW_WIDTH, 1060)
    save.pos(0, 0)
    save.signals_width(330)
    save.sst_expanded(False)
    save.zoom_markers(_zoom(timebase), -1 if first_delivery is None else timebase.rise(first_delivery))
    save.trace("chip.clk", color=GTKWColor.normal)
    save.trace("chip.cycle", color=GTKWColor.normal, datafmt="dec")
    with save.group("spikes on their way"):
        for tile, scopes in _by_tile(variables):
            for scope, members in scopes:
                _overview(save, tile, scope, members)
    for tile, scopes in _by_tile(variables):
        with save.group(_words(tile), closed=True):
            for scope, members in scopes:
                if scope:
                    with save.group(f"{_words(tile)} {_words(scope)}", closed=True):
                        for variable in members:
                            _trace(save, variable, variable.name)
                else:
                    for variable in members:
                        _trace(save, variable, variable.name)
    return file.getvalue()


def write_save(
    path: Path,
    dump: str,
    variables: Sequence[Variable],
    timebase: Timebase,
    *,
    first_activity: int | None = None,
    first_delivery: int | None = None,
) -> list[Path]:
    """Write a save (see `save_text`) and, beside it, the filters that it names; return all paths."""
    text = save_text(dump, variables, timebase, first_activity=first_activity, first_delivery=first_delivery)
    filters = [write_text(path.with_name(name), filter_text(role)) for role, (name, _, _) in FILTERS.items()]
    return [write_bytes(path, os.fsencode(text)), *filters]


def _overview(save: GTKWSave, tile: str, scope: str, members: Sequence[Variable]) -> None:
    """Add the lines that show a spike go from tile to tile: sent, on each link, received."""
    shown: tuple[str, ...]
    if scope in _ENDS:
        shown = ("neuron",)
    elif scope.endswith("_out") and scope != "local_out":
        shown = ("kind", "chosen", "neuron")
    else:
        return
    named = {variable.name: variable for variable in members}
    for name in shown:
        if name in named:
            label = "from" if name == "chosen" else name
            _trace(save, named[name], f"{_words(tile)} {_ENDS.get(scope, _words(scope))} {label}")


def _trace(save: GTKWSave, variable: Variable, alias: str) -> None:
    filter_file = FILTERS[variable.role][0] if variable.role in FILTERS else None
    number = variable.role in (Role.PAYLOAD, Role.LEVEL)
    save.trace(
        # GTKWave finds a vector only by its name and range.
        variable.path if variable.width == 1 else f"{variable.path}[{variable.width - 1}:0]",
        alias=alias,
        color=_COLOURS[variable.role],
        datafmt="dec" if number else "hex",
        translate_filter_file=filter_file,
    )


def _by_tile(variables: Iterable[Variable]) -> list[tuple[str, list[tuple[str, list[Variable]]]]]:
    """Variables by tile, then by scope within the tile, in their own order."""
    return [
        (
            tile,
            [
                (scope, list(of_scope))
                for scope, of_scope in groupby(of_tile, lambda variable: variable.scope.partition(".")[2])
            ],
        )
        for tile, of_tile in groupby(variables, lambda variable: variable.scope.partition(".")[0])
    ]


def _words(scope: str) -> str:
    return scope.replace("_", " ")


def _zoom(timebase: Timebase) -> float:
    """GTKWave draws 2**-zoom units of time on every 200 pixels."""
    return -math.log2(float(_CYCLES_SHOWN * timebase.period) * 200 / _WAVES_WIDTH)
