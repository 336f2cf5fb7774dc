"""The delivery log read back from a VCD, to be compared with the engine's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from synaptile.bridge.waves.decoder import FlitKind
from synaptile.bridge.waves.vcd_reader import VCDVCD

__all__ = ["SeenDeliveries", "read_latencies"]

Ints = npt.NDArray[np.int64]

_STREAM = re.compile(r"chip\.tile_(\d+)_(\d+)\.(spikes|arrivals)\.(\w+)$")
_NOT_SEEN = -1


@dataclass(frozen=True)
class SeenDeliveries:
    """Packets whose head is seen to arrive, each array of shape (deliveries,), sorted by (delivered, tile).

    ``row``, ``col``: the tile that it arrives at; ``neuron``: the one that fired; ``injected``, ``delivered``,
    ``completed``: the cycles in which its head enters the network, its head leaves it, and its last flit leaves it.
    ``injected`` and ``completed`` are -1 where that is not in the file.
    """

    tag: Ints
    row: Ints
    col: Ints
    neuron: Ints
    injected: Ints
    delivered: Ints
    completed: Ints

    def __len__(self) -> int:
        return len(self.tag)


class _Waves:
    """Values of variables at the beginning of each recorded cycle."""

    def __init__(self, path: Path) -> None:
        # One pass over the file, which keeps nothing but these.
        self._vcd = VCDVCD(str(path), signal_res=[_STREAM, re.compile(r"chip\.cycle$")], store_scopes=False)
        if "chip.cycle" not in self._vcd.references_to_ids:
            raise ValueError(f"{path} must have the variable chip.cycle, as a VcdRecorder writes it, but has not")
        # A window without a single cycle has an unknown one.
        changes = [(time, value) for time, value in self._vcd["chip.cycle"].tv if "x" not in value]
        self._times = np.array([time for time, _ in changes], dtype=np.int64)
        self.cycles = np.array([int(value, 2) for _, value in changes], dtype=np.int64)

    def streams(self) -> dict[tuple[int, int, str], set[str]]:
        """Names of the variables of every stream of spikes or arrivals, by (row, col, stream)."""
        found: dict[tuple[int, int, str], set[str]] = {}
        for name in self._vcd.references_to_ids:
            if match := _STREAM.match(name):
                found.setdefault((int(match[1]), int(match[2]), match[3]), set()).add(match[4])
        return found

    def values(self, name: str) -> Ints:
        """A variable in each of ``cycles``; -1 where it means nothing."""
        changes = self._vcd[name].tv
        times = np.array([time for time, _ in changes], dtype=np.int64)
        numbers = np.array([_NOT_SEEN if set(v) & set("xz") else int(v, 2) for _, v in changes], dtype=np.int64)
        # Of several values at one time the last counts.
        return numbers[np.searchsorted(times, self._times, side="right") - 1]


def read_latencies(path: str | Path) -> SeenDeliveries:
    """Every packet that is seen to arrive in a VCD written by a `VcdRecorder`.

    A packet enters the network in a cycle in which its tag is in the stream of spikes with valid and ready, and
    leaves it in those in which it is in the stream of arrivals with both.

    Raises ``FileNotFoundError`` if there is no file and ``ValueError`` if it is another VCD, or has no tags.
    """
    path = Path(path)
    waves = _Waves(path)
    injected: dict[int, int] = {}
    completed: dict[int, int] = {}
    heads: list[tuple[int, int, int, int, int]] = []
    for (row, col, stream), names in waves.streams().items():
        if "tag" not in names:
            raise ValueError(f"{path} must have a variable tag in every stream, but tile ({row}, {col}) has none")
        prefix = f"chip.tile_{row}_{col}.{stream}"
        passed = (waves.values(f"{prefix}.valid") == 1) & (waves.values(f"{prefix}.ready") == 1)
        cycles, tags = waves.cycles[passed], waves.values(f"{prefix}.tag")[passed]
        if stream == "spikes":
            injected.update(zip(tags.tolist(), cycles.tolist(), strict=True))
            continue
        kinds = waves.values(f"{prefix}.kind")[passed]
        neurons = waves.values(f"{prefix}.neuron")[passed] if "neuron" in names else np.zeros_like(tags)
        first = np.isin(kinds, (FlitKind.HEAD, FlitKind.SINGLE))
        last = np.isin(kinds, (FlitKind.TAIL, FlitKind.SINGLE))
        completed.update(zip(tags[last].tolist(), cycles[last].tolist(), strict=True))
        heads += [
            (cycle, row, col, tag, neuron)
            for cycle, tag, neuron in zip(
                cycles[first].tolist(), tags[first].tolist(), neurons[first].tolist(), strict=True
            )
        ]
    delivered, row_, col_, tag_, neuron_ = np.array(sorted(heads), dtype=np.int64).reshape(-1, 5).T
    return SeenDeliveries(
        tag=tag_,
        row=row_,
        col=col_,
        neuron=neuron_,
        injected=_look_up(injected, tag_),
        delivered=delivered,
        completed=_look_up(completed, tag_),
    )


def _look_up(cycles: dict[int, int], tags: Ints) -> Ints:
    return np.array([cycles.get(tag, _NOT_SEEN) for tag in tags.tolist()], dtype=np.int64)
