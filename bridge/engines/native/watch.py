"""Waveforms of compiled nodes: signals recorded by a chip, handed on to a recorder."""

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
    """A mesh that is one node many times: enough to find signals in (see `Nodes`)."""

    params: NetworkParams
    layouts: PacketLayouts
    nodes: Sequence[Node]


class Watch:
    """Hands the recorded signals of a chip to a recorder.

    Attributes
    ----------
    signals
        Every signal that is recorded of some node.
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
        index = {node: i for i, node in enumerate(self._nodes)}
        # For each value: node, word and lowest bit in the value of each piece of its probes.
        self._parts: list[list[tuple[int, int, int]]] = []
        for value in sink.probes:
            parts, low = [], 0
            for probe in value:
                which = number[probe.path]
                for word in range(counts[which]):
                    parts.append((index[probe.node], first[which] + word, low + 64 * word))
                low += widths[which]
            self._parts.append(parts)

    def begin(self, chip: NativeChip) -> None:
        """Have the chip record the signals."""
        chip.watch(self._nodes, self._sink.start, self._sink.stop, self._words)

    def show(self, chip: NativeChip) -> None:
        """Hand on what the chip has recorded since the last call."""
        cycles, words = chip.take_seen()
        for cycle, seen in zip(cycles.tolist(), words.tolist(), strict=True):
            values = []
            for parts in self._parts:
                value = 0
                for node, word, low in parts:
                    value |= seen[node][word] << low
                values.append(value)
            self._sink.sample(cycle, values)
