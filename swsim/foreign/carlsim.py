"""CARLsim's spike files, one for each group of neurons.

A file is a head of 20 bytes, little-endian: the signature as an int32, the version (0.2) as a float32, and the group's
grid as three int32; then for each spike its time in ms and its neuron's number in the group, both int32.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from ..trace.errors import TraceError
from .spikes import ForeignSpikes

__all__ = ["SIGNATURE", "is_carlsim", "read_carlsim"]

SIGNATURE = 206661989

_HEAD = struct.Struct("<ifiii")
_VERSION = 0.2
_SPIKE = np.dtype([("time", "<i4"), ("neuron", "<i4")])


def is_carlsim(path: Path) -> bool:
    """Tell whether a file begins as CARLsim's do."""
    with path.open("rb") as file:
        return file.read(4) == struct.pack("<i", SIGNATURE)


def read_carlsim(path: Path) -> ForeignSpikes:
    """Read the spikes of a group, which is a population of the file's name without ``spk_``.

    Raises `TraceError` if the file is truncated or of another kind, or a spike is of no neuron of the group.
    """
    data = path.read_bytes()
    if len(data) < _HEAD.size or not is_carlsim(path):
        raise TraceError("a spike file", f"begin with CARLsim's signature {SIGNATURE}", data[:4], path)
    _, version, *grid = _HEAD.unpack_from(data)
    if abs(version - _VERSION) > 1e-6:
        raise TraceError("version", f"be {_VERSION}", round(version, 6), path)
    if min(grid) < 1:
        raise TraceError("grid", "have a neuron or more on each side", tuple(grid), path)
    if (len(data) - _HEAD.size) % _SPIKE.itemsize:
        raise TraceError("a spike file", "end with a whole spike (it is truncated)", len(data), path)
    spikes = np.frombuffer(data, _SPIKE, offset=_HEAD.size)
    neurons = int(np.prod(grid, dtype=object))
    outside = (spikes["neuron"] < 0) | (spikes["neuron"] >= neurons)
    if outside.any():
        raise TraceError(
            "neuron", f"lie in 0..{neurons - 1}, the group's grid", int(spikes["neuron"][outside][0]), path
        )
    label = path.stem.removeprefix("spk_")
    return ForeignSpikes(spikes["neuron"].astype(np.int64), spikes["time"].astype(np.float64), ((label, neurons),))
