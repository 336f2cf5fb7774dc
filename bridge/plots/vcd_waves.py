"""Waveforms as a picture, drawn from a VCD that a `VcdRecorder` wrote: cycles across, one variable below the other.

For documents and slides: ``docs/images/hop.py`` is an example.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from matplotlib.axes import Axes

from synaptile.rtl import Port

from ..waves.decoder import FlitKind
from ..waves.timebase import Timebase
from ..waves.vcd_reader import VCDVCD
from .axes import axes_for
from .style import GRID, INK, MUTED

__all__ = ["cycle_values", "waveform"]

_NAMES = {
    "kind": lambda value: FlitKind(value).name,
    "chosen": lambda value: Port(value).name,
    "owner": lambda value: Port(value).name,
}
_FLAGS = ("valid", "ready", "held")
_HEIGHT, _SLOPE = 0.32, 0.06
_FILL = {"HEAD": "#9cc3de", "BODY": "#d5dae0", "TAIL": "#d5dae0", "SINGLE": "#9cc3de"}


def cycle_values(path: str | Path, variable: str, cycles: range, *, clock_hz: float) -> list[str]:
    """Text of a variable in each of some cycles: a number, a name (``HEAD``, ``WEST``), or nothing where it is ``z``.

    Parameters
    ----------
    path
        The VCD.
    variable
        Its full name, such as ``chip.tile_0_1.west_in.kind``.
    clock_hz
        Clock frequency in Hz with which the VCD was recorded.

    Raises
    ------
    ValueError
        If the VCD has no such variable.
    """
    vcd = VCDVCD(str(path))
    if variable not in vcd.references_to_ids:
        raise ValueError(f"variable must be one of those in {path}, not {variable!r}")
    timebase = Timebase(clock_hz)
    named = _NAMES.get(variable.rpartition(".")[2], str)
    found = []
    for cycle in cycles:
        value = vcd[variable][timebase.rise(cycle)]
        text = "" if value is None or not set(value) <= {"0", "1"} else named(int(value, 2))
        found.append("" if text == "NONE" else text)
    return found


def waveform(
    path: str | Path,
    rows: Sequence[tuple[str, str]],
    cycles: range,
    ax: Axes | None = None,
    *,
    clock_hz: float,
    title: str = "",
) -> Axes:
    """Draw variables of a VCD, each a row of (label, full name), over some cycles.

    An empty name makes a gap with a heading. The Axes should be about 1 + `len(cycles)` inches wide.

    Parameters
    ----------
    path, clock_hz
        As for `cycle_values`.
    rows, cycles
        What to draw.
    ax
        Where to draw; by default in a new figure.
    title
        The title.

    Returns
    -------
    Axes
        Those drawn into.

    Raises
    ------
    TypeError
        If ``ax`` is no Axes.
    ValueError
        If the VCD has no such variable.
    """
    axes = axes_for(ax)
    axes.set_title(title)
    for at, (label, variable) in enumerate(rows):
        y = -at
        if not variable:
            axes.text(-0.08, y, label, ha="right", va="center", weight="bold")
            continue
        axes.text(-0.08, y, label, ha="right", va="center", color=INK)
        values = cycle_values(path, variable, cycles, clock_hz=clock_hz)
        if variable.rpartition(".")[2] in _FLAGS:
            _flag(axes, y, values)
        else:
            _bus(axes, y, values)
    for i, cycle in enumerate(cycles):
        axes.axvline(i, color=GRID, linewidth=0.8, zorder=0)
        axes.text(i + 0.5, 0.75, f"cycle {cycle}", ha="center", va="center", color=MUTED, fontsize=8)
    axes.axvline(len(cycles), color=GRID, linewidth=0.8, zorder=0)
    axes.set_xlim(-2.0, len(cycles) + 0.05)
    axes.set_ylim(-len(rows) + 0.4, 1.1)
    axes.set_axis_off()
    return axes


def _flag(axes: Axes, y: float, values: Sequence[str]) -> None:
    """A line that is high or low."""
    levels = [y + (_HEIGHT if value == "1" else -_HEIGHT) for value in values]
    x = [edge for i in range(len(levels)) for edge in (i + _SLOPE / 2, i + 1 - _SLOPE / 2)]
    axes.plot(x, [level for level in levels for _ in range(2)], color="#009E73", linewidth=1.4)


def _bus(axes: Axes, y: float, values: Sequence[str]) -> None:
    """A box for as long as a value lasts, a line at half height where there is none."""
    start = 0
    for value, group in groupby(values):
        end = start + len(list(group))
        if value:
            corners = [(start, 0), (start + _SLOPE, 1), (end - _SLOPE, 1), (end, 0), (end - _SLOPE, -1)]
            corners.append((start + _SLOPE, -1))
            x, heights = zip(*corners, strict=True)
            face = _FILL.get(value, "white")
            axes.fill(x, [y + h * _HEIGHT for h in heights], facecolor=face, edgecolor="#0072B2", linewidth=1.1)
            axes.text((start + end) / 2, y, value, ha="center", va="center", fontsize=8)
        else:
            axes.plot([start, end], [y, y], color=MUTED, linewidth=1.0)
        start = end
