"""Waveforms of compiled tiles: which signals to show, and what a recorder makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amaranth.hdl import Fragment, Value

from synaptile.rtl import NetworkParams, PacketLayouts, Tile

from .library import NativeChip
from .ports import probe_words

if TYPE_CHECKING:
    from ..amaranth import WaveSink

__all__ = ["Watch"]


@dataclass(frozen=True)
class _OneTile:
    """A mesh in which the same tile stands everywhere: enough to find signals in (see `synaptile.bridge.probes`)."""

    params: NetworkParams
    layouts: PacketLayouts
    tiles: Sequence[Tile]


class Watch:
    """Carries what is to be seen from a chip to a recorder.

    Attributes
    ----------
    signals
        Every signal that is to be shown of some tile.
    """

    def __init__(self, sink: WaveSink, tile: Tile, params: NetworkParams) -> None:
        self._sink = sink
        try:
            sink.begin(_OneTile(params, tile.layouts, [tile] * params.tiles))
        except ValueError:
            Fragment.get(tile, None)  # or Amaranth complains of a circuit that was made and never used
            raise
        self.signals: list[Value] = []
        number: dict[tuple[str, ...], int] = {}
        for probe in (probe for value in sink.probes for probe in value):
            if probe.path not in number:
                number[probe.path] = len(self.signals)
                self.signals.append(probe.signal)
        widths = [len(signal) for signal in self.signals]
        counts = probe_words(widths)
        first = [sum(counts[:i]) for i in range(len(counts))]
        self._words = sum(counts)
        self._tiles = sorted({probe.tile for value in sink.probes for probe in value})
        place = {tile: i for i, tile in enumerate(self._tiles)}
        # For each value: where each of its probes is found, and where it goes.
        self._parts: list[list[tuple[int, int, int]]] = []
        for value in sink.probes:
            parts, low = [], 0
            for probe in value:
                which = number[probe.path]
                for word in range(counts[which]):
                    parts.append((place[probe.tile], first[which] + word, low + 64 * word))
                low += widths[which]
            self._parts.append(parts)

    def begin(self, chip: NativeChip) -> None:
        """Tell the chip what to look at."""
        chip.watch(self._tiles, self._sink.start, self._sink.stop, self._words)

    def show(self, chip: NativeChip) -> None:
        """Hand on what the chip has seen since the last call."""
        cycles, words = chip.take_seen()
        for cycle, seen in zip(cycles.tolist(), words.tolist(), strict=True):
            values = []
            for parts in self._parts:
                value = 0
                for tile, word, low in parts:
                    value |= seen[tile][word] << low
                values.append(value)
            self._sink.sample(cycle, values)
