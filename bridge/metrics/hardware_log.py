"""The hardware's side of a run as one file: PyCARL's ``snn.hw.out``."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from synaptile.rtl.topology import TOPOLOGIES, Port
from synaptile.swsim.base.archive import Member, read_archive, write_archive
from synaptile.swsim.base.archive_fields import ArchiveError, Fields

from ..engines.base import Activity, Deliveries

__all__ = ["HardwareLogError", "load_hardware_log", "save_hardware_log"]

_FORMAT = "synaptile-hardware-log"
_VERSION = 2

_TEXT_BYTES = 64
_MAX_COUNT = 2**63 - 1
_MAX_SIDE = 2**31 - 1
_COUNTED = ("flits", "packets", "hub_flits", "hub_packets")  # by node and port


def _member(name: str) -> Member:
    """Return what the member of an attribute of `Activity` must be."""
    if name == "topology":
        return Member("U", ndim=0, bytes=_TEXT_BYTES)
    return Member("iu", ndim=2 if name in _COUNTED else 1 if name == "injected_flits" else 0)


_MEMBERS = {f"deliveries.{field.name}": Member("iu") for field in fields(Deliveries)} | {
    f"activity.{field.name}": _member(field.name) for field in fields(Activity)
}


class HardwareLogError(ArchiveError):
    """A file is not a (whole) hardware log, or has values that none can have; see `ArchiveError`."""

    KIND: ClassVar = "hardware log"


_FIELDS = Fields(HardwareLogError)


def save_hardware_log(path: str | Path, deliveries: Deliveries, activity: Activity, header: Mapping[str, Any]) -> Path:
    """Write the delivery log, the activity and a header of JSON types as one NumPy archive; same values, same bytes.

    The file appears whole or not at all. Raises ``OSError`` if it cannot be written.
    """
    arrays = {f"deliveries.{field.name}": getattr(deliveries, field.name) for field in fields(Deliveries)}
    arrays |= {f"activity.{field.name}": np.asarray(getattr(activity, field.name)) for field in fields(Activity)}
    return write_archive(path, header, arrays, kind=_FORMAT, version=_VERSION)


def load_hardware_log(path: str | Path) -> tuple[Deliveries, Activity, dict[str, Any]]:
    """Read what `save_hardware_log` wrote.

    Raises ``FileNotFoundError`` if there is none and `HardwareLogError` if the file is truncated or something else, or
    has values that no chip can have logged. What a file says of itself is checked before memory is taken for it.
    """
    archive = read_archive(path, kind=_FORMAT, version=_VERSION, members=_MEMBERS, error=HardwareLogError)
    try:
        activity = _activity(_those_of("activity", archive.arrays))
        deliveries = _deliveries(_those_of("deliveries", archive.arrays), activity)
        return deliveries, activity, _FIELDS.mapping("header", archive.header)
    except HardwareLogError as error:
        raise error.located(path) from None


def _those_of(part: str, arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    return {name.removeprefix(f"{part}."): array for name, array in arrays.items() if name.startswith(f"{part}.")}


def _activity(arrays: Mapping[str, npt.NDArray[Any]]) -> Activity:
    """Return the checked activity: its counts have the shapes that its chip gives them."""
    topology = str(arrays["topology"])
    if topology not in TOPOLOGIES:
        raise _FIELDS.refuse("topology", f"be one of {', '.join(TOPOLOGIES)}", topology)
    cycles = _FIELDS.whole("cycles", arrays["cycles"][()], 0, _MAX_COUNT)
    rows, cols = (_FIELDS.whole(name, arrays[name][()], 1, _MAX_SIDE) for name in ("rows", "cols"))
    side = TOPOLOGIES[topology].side
    if rows % side or cols % side:
        raise _FIELDS.refuse("rows and cols", f"be multiples of {side} in a {topology}", (rows, cols))
    nodes = rows * cols // side**2
    hubs = nodes if side > 1 else 0
    shapes: dict[str, tuple[int, ...]] = {
        "flits": (nodes, len(Port)),
        "packets": (nodes, len(Port)),
        "injected_flits": (rows * cols,),
        "hub_flits": (hubs, len(Port)),
        "hub_packets": (hubs, len(Port)),
    }
    counts = {}
    for name, shape in shapes.items():
        counts[name] = _FIELDS.whole_array(name, arrays[name], 0, _MAX_COUNT, np.int64, len(shape))
        if counts[name].shape != shape:
            raise _FIELDS.refuse(name, f"have shape {shape} on a {topology} of {rows}x{cols} tiles", counts[name].shape)
    return Activity(cycles=cycles, rows=rows, cols=cols, topology=topology, **counts)


def _deliveries(arrays: Mapping[str, npt.NDArray[Any]], activity: Activity) -> Deliveries:
    """Return the checked deliveries: on tiles of the chip, in cycles that it ran, in order."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise _FIELDS.refuse("deliveries", "be arrays of equal length", lengths)
    highest = dict.fromkeys(("source", "destination"), activity.rows * activity.cols - 1)
    highest |= dict.fromkeys(_TIMES, activity.cycles - 1)
    checked = {
        name: _FIELDS.whole_array(name, array, 0, highest.get(name, _MAX_COUNT), np.int64)
        for name, array in arrays.items()
    }
    for earlier, later in itertools.pairwise(_TIMES):
        wrong = checked[later] < checked[earlier]
        if wrong.any():
            raise _FIELDS.refuse(
                later, f"not be before {earlier}", (int(checked[later][wrong][0]), int(checked[earlier][wrong][0]))
            )
    if len(checked["tag"]) > 1:
        delivered, destination = np.diff(checked["delivered"]), np.diff(checked["destination"])
        wrong = (delivered < 0) | ((delivered == 0) & (destination < 0))
        if wrong.any():
            raise _FIELDS.refuse(
                "deliveries",
                "be sorted by delivered, then destination",
                f"so at {int(np.argmax(wrong)) + 1}",
                plain=True,
            )
    return Deliveries(**checked)


_TIMES = ("created", "injected", "delivered", "completed")
