"""Waveforms of compiled nodes: which signals to show, and what a recorder makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amaranth.hdl import Fragment, Value

from synaptile.rtl import NetworkParams, PacketLayouts

from .library import NativeChip
from .ports import Node, probe_words

if TYPE_CHECKING:
    from ..wave_sink import WaveSink

__all__ = ["Watch"]


@dataclass(frozen=True)
class _OneNode:
    """A mesh in which the same node stands everywhere: enough to find signals in (see
    `synaptile.bridge.engines.probes`)."""

    params: NetworkParams
    layouts: PacketLayouts
    nodes: Sequence[Node]


class Watch:
    """Carries what is to be seen from a chip to a recorder.

    Attributes
    ----------
    signals
        Every signal that is to be shown of some node.
    """

    def __init__(self, sink: WaveSink, node: Node, params: NetworkParams) -> None:
        self._sink = sink
        try:
            sink.begin(_OneNode(params, node.layouts, [node] * params.nodes))
        except ValueError:
            Fragment.get(node, None)  # or Amaranth complains of a circuit that was made and never used
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
        self._nodes = sorted({probe.node for value in sink.probes for probe in value})
        place = {node: i for i, node in enumerate(self._nodes)}
        # For each value: where each of its probes is found, and where it goes.
        self._parts: list[list[tuple[int, int, int]]] = []
        for value in sink.probes:
            parts, low = [], 0
            for probe in value:
                which = number[probe.path]
                for word in range(counts[which]):
                    parts.append((place[probe.node], first[which] + word, low + 64 * word))
                low += widths[which]
            self._parts.append(parts)

    def begin(self, chip: NativeChip) -> None:
        """Tell the chip what to look at."""
        chip.watch(self._nodes, self._sink.start, self._sink.stop, self._words)

    def show(self, chip: NativeChip) -> None:
        """Hand on what the chip has seen since the last call."""
        cycles, words = chip.take_seen()
        for cycle, seen in zip(cycles.tolist(), words.tolist(), strict=True):
            values = []
            for parts in self._parts:
                value = 0
                for node, word, low in parts:
                    value |= seen[node][word] << low
                values.append(value)
            self._sink.sample(cycle, values)
