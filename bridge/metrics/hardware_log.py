"""The hardware's side of a run as one file: PyCARL's ``snn.hw.out``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from synaptile.swsim.base.archive import Member, read_archive, write_archive

from ..engines.base import Activity, Deliveries, Packets
from ..engines.cores import COUNTERS
from ..mapping import Mapping as TileMapping
from .hardware_log_checks import (
    FIELDS,
    HardwareLogError,
    checked_activity,
    checked_deliveries,
    checked_mapping,
    checked_on_chip,
    checked_packets,
)
from .on_chip import OnChipLog

__all__ = ["HardwareLog", "HardwareLogError", "load_hardware_log", "save_hardware_log"]

_FORMAT = "synaptile-hardware-log"
_VERSION = 3

_TEXT_BYTES = 64
_COUNTED = ("flits", "packets", "hub_flits", "hub_packets")  # by node and port
_COUNTER = "counters."


def _of_activity(name: str) -> Member:
    """Return what the member of an attribute of `Activity` must be."""
    if name == "topology":
        return Member("U", ndim=0, bytes=_TEXT_BYTES)
    return Member("iu", ndim=2 if name in _COUNTED else 1 if name == "injected_flits" else 0)


_PARTS: dict[str, dict[str, Member]] = {
    "deliveries": {one.name: Member("iu") for one in fields(Deliveries)},
    "packets": {one.name: Member("iu") for one in fields(Packets)},
    "activity": {one.name: _of_activity(one.name) for one in fields(Activity)},
}
_OPTIONAL_PARTS: dict[str, dict[str, Member]] = {
    "mapping": {name: Member("iu") for name in ("tile", "slot", "outside", "crossbar")},
    "on_chip": {
        **{name: Member("iu") for name in ("starts", "lengths", "overruns", "host_sent", "host_received")},
        **{
            name: Member("iu", ndim=0)
            for name in ("host_late", "merged", "reports", "observed", "timed", "payload_bits")
        },
        "seconds": Member("iuf", ndim=0),
        "work": Member("iu"),
    },
}
_COUNTERS = {f"{_COUNTER}{name}": Member("iu") for name in COUNTERS}


@dataclass(frozen=True)
class HardwareLog:
    """The hardware's side of a run.

    Attributes
    ----------
    deliveries, packets, activity
        What arrived, what was sent, and what the circuit counted.
    header
        JSON types: what it takes to repeat the run, and its results.
    mapping
        Where the neurons were; None if there were none, as in synthetic traffic.
    on_chip
        What was seen of a chip of cores; None if it was none.
    """

    deliveries: Deliveries
    packets: Packets
    activity: Activity
    header: Mapping[str, Any] = field(default_factory=dict)
    mapping: TileMapping | None = None
    on_chip: OnChipLog | None = None


def save_hardware_log(path: str | Path, log: HardwareLog) -> Path:
    """Write a log as one NumPy archive; same values, same bytes.

    The file appears whole or not at all. Raises ``OSError`` if it cannot be written.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    for part in _PARTS:
        values = getattr(log, part)
        arrays |= {f"{part}.{one.name}": np.asarray(getattr(values, one.name)) for one in fields(values)}
    if log.mapping is not None:
        arrays |= {f"mapping.{name}": values for name, values in _mapping_arrays(log.mapping).items()}
    if log.on_chip is not None:
        arrays |= {f"on_chip.{name}": values for name, values in _on_chip_arrays(log.on_chip).items()}
    return write_archive(path, log.header, arrays, kind=_FORMAT, version=_VERSION)


def _mapping_arrays(mapping: TileMapping) -> dict[str, npt.NDArray[Any]]:
    return {
        "tile": mapping.tile,
        "slot": mapping.slot,
        "outside": (~mapping.inside).astype(np.uint8),
        "crossbar": np.array([mapping.crossbar.axons, mapping.crossbar.neurons]),
    }


def _on_chip_arrays(log: OnChipLog) -> dict[str, npt.NDArray[Any]]:
    arrays = {
        name: np.asarray(getattr(log, name)) for name in _OPTIONAL_PARTS["on_chip"] if name not in ("seconds", "work")
    }
    # -1 is what is not known.
    arrays["work"] = np.array([-1 if count is None else count for count in astuple(log.work)], np.int64)
    arrays["seconds"] = np.asarray(np.nan if log.seconds is None else log.seconds, np.float64)
    for name in ("observed", "timed"):
        arrays[name] = arrays[name].astype(np.uint8)
    return arrays | {f"{_COUNTER}{name}": np.asarray(values) for name, values in log.counters.items()}


def load_hardware_log(path: str | Path) -> HardwareLog:
    """Read what `save_hardware_log` wrote.

    Raises ``FileNotFoundError`` if there is none and `HardwareLogError` if the file is truncated, something else or of
    another version, or has values that no chip can have logged. What a file says of itself is checked before memory is
    taken for it.
    """
    archive = read_archive(
        path,
        kind=_FORMAT,
        version=_VERSION,
        members=_named(_PARTS),
        optional=_named({**_OPTIONAL_PARTS, "on_chip": _OPTIONAL_PARTS["on_chip"] | _COUNTERS}),
        error=HardwareLogError,
    )
    arrays = archive.arrays
    try:
        header = FIELDS.mapping("header", archive.header)
        activity = checked_activity(_those_of("activity", arrays))
        packets = checked_packets(_those_of("packets", arrays), activity)
        deliveries = checked_deliveries(_those_of("deliveries", arrays), activity, packets)
        mapping, on_chip = (_whole(part, _those_of(part, arrays)) for part in _OPTIONAL_PARTS)
        return HardwareLog(
            deliveries,
            packets,
            activity,
            header,
            checked_mapping(mapping, activity) if mapping else None,
            _on_chip(on_chip, activity) if on_chip else None,
        )
    except HardwareLogError as error:
        raise error.located(path) from None


def _named(parts: Mapping[str, Mapping[str, Member]]) -> dict[str, Member]:
    return {f"{part}.{name}": member for part, members in parts.items() for name, member in members.items()}


def _those_of(part: str, arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    return {name.removeprefix(f"{part}."): array for name, array in arrays.items() if name.startswith(f"{part}.")}


def _whole(part: str, arrays: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of a part that a file may lack, of which it must have all or none."""
    missing = [name for name in _OPTIONAL_PARTS[part] if name not in arrays]
    if arrays and missing:
        raise FIELDS.refuse(f"{part}.{missing[0]}", "be there, as others of its kind are", "there", plain=True)
    return arrays


def _on_chip(arrays: Mapping[str, npt.NDArray[Any]], activity: Activity) -> OnChipLog:
    counters = {name.removeprefix(_COUNTER): values for name, values in arrays.items() if name.startswith(_COUNTER)}
    return checked_on_chip(arrays, counters, activity)
