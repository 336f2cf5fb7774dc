"""The GTKWave save of a chip's neurons: potentials as analog curves, spikes and axon events below them."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Self

from vcd.gtkw import GTKWColor, GTKWFlag, GTKWSave

from .timebase import Timebase

__all__ = ["NeuronName", "NeuronVariables", "neuron_save_text"]

_ROWS_OF_A_CURVE = 3
_CURVES_SHOWN = 4  # neurons of each population whose potentials are drawn at once
_WINDOW_WIDTH, _WAVES_WIDTH = 1600, 1200


@dataclass(frozen=True)
class NeuronName:
    """A neuron as the script knows it: its population's label, and its index in it."""

    population: str
    index: int


@dataclass(frozen=True)
class NeuronVariables:
    """Hierarchical names of what is recorded.

    Attributes
    ----------
    names
        The neurons.
    neurons, tiles
        The scope of each neuron, and of each tile.
    axon_bits
        Width of an axon's number.
    """

    names: tuple[NeuronName, ...]
    neurons: tuple[str, ...]
    tiles: tuple[str, ...]
    axon_bits: int

    @classmethod
    def of(cls, names: Sequence[NeuronName], rows: int, cols: int, axon_bits: int) -> Self:
        """Name everything on a chip of ``rows`` × ``cols`` tiles.

        A population's scope is its label with ``_`` in place of what waveform viewers do not take; of labels that are
        then alike, all but the first get a number.
        """
        scopes: dict[str, str] = {}
        for name in names:
            if name.population not in scopes:
                plain = re.sub(r"\W+", "_", name.population, flags=re.ASCII).strip("_") or "population"
                number, scope = 2, plain
                while scope in scopes.values() or re.fullmatch(r"tile_\d+_\d+|tick", scope):
                    number, scope = number + 1, f"{plain}_{number}"
                scopes[name.population] = scope
        tiles = tuple(f"chip.tile_{tile // cols}_{tile % cols}" for tile in range(rows * cols))
        return cls(
            tuple(names), tuple(f"chip.{scopes[name.population]}.n{name.index}" for name in names), tiles, axon_bits
        )


def neuron_save_text(
    dump: str,
    variables: NeuronVariables,
    timebase: Timebase,
    window: tuple[int, int],
    *,
    first_spike: int | None = None,
) -> str:
    """A save for a dump in the same folder, which shows the cycles of ``window``; the marker is at ``first_spike``.

    For each population there is an open group with the potentials of its first neurons, each an analog curve with its
    spikes below it, and a closed one with those of the others; then the axon events of every tile.
    """
    file = io.StringIO()
    save = GTKWSave(file)
    save.dumpfile(dump, abspath=False)
    save.timestart(timebase.rise(window[0]))
    save.size(_WINDOW_WIDTH, 1060)
    save.pos(0, 0)
    save.signals_width(330)
    save.sst_expanded(False)
    shown = max(1, window[1] - window[0])
    zoom = -math.log2(float(shown * timebase.period) * 200 / _WAVES_WIDTH)
    save.zoom_markers(zoom, -1 if first_spike is None else timebase.rise(first_spike))
    save.trace("chip.tick", color=GTKWColor.normal, datafmt="dec")
    pairs = list(zip(variables.names, variables.neurons, strict=True))
    for population, members in groupby(pairs, lambda pair: pair[0].population):
        neurons = list(members)
        with save.group(population):
            _curves(save, neurons[:_CURVES_SHOWN])
        if rest := neurons[_CURVES_SHOWN:]:
            with save.group(f"{population}: more neurons", closed=True):
                _curves(save, rest)
    with save.group("axon events"):
        for scope in variables.tiles:
            label = scope.removeprefix("chip.").replace("_", " ")
            top = "" if variables.axon_bits == 1 else f"[{variables.axon_bits - 1}:0]"
            save.trace(f"{scope}.axon{top}", alias=f"{label} axon", color=GTKWColor.yellow, datafmt="dec")
    return file.getvalue()


def _curves(save: GTKWSave, neurons: Sequence[tuple[NeuronName, str]]) -> None:
    for name, scope in neurons:
        label = f"{name.population}[{name.index}]"
        save.trace(
            f"{scope}.v",
            alias=f"{label} v",
            color=GTKWColor.green,
            datafmt="real",
            extraflags=GTKWFlag.analog_step | GTKWFlag.analog_fullscale,
        )
        for _ in range(_ROWS_OF_A_CURVE - 1):
            save.blank(analog_extend=True)
        save.trace(f"{scope}.spike", alias=f"{label} spike", color=GTKWColor.orange)
