"""The hardware's side of a run as one file: PyCARL's ``snn.hw.out``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from synaptile.swsim.base.archive import NotAnArchive, read_archive, write_archive

from ..engines.base import Activity, Deliveries

__all__ = ["HardwareLogError", "load_hardware_log", "save_hardware_log"]

_FORMAT = "synaptile-hardware-log"
_VERSION = 2


class HardwareLogError(ValueError):
    """A file is not a (whole) hardware log."""


def save_hardware_log(path: str | Path, deliveries: Deliveries, activity: Activity, header: Mapping[str, Any]) -> Path:
    """Write the delivery log, the activity and a header of JSON types as one NumPy archive; same values, same bytes.

    The file appears whole or not at all. Raises ``OSError`` if it cannot be written.
    """
    arrays = {f"deliveries.{field.name}": getattr(deliveries, field.name) for field in fields(Deliveries)}
    arrays |= {f"activity.{field.name}": np.asarray(getattr(activity, field.name)) for field in fields(Activity)}
    return write_archive(path, header, arrays, kind=_FORMAT, version=_VERSION)


def load_hardware_log(path: str | Path) -> tuple[Deliveries, Activity, dict[str, Any]]:
    """Read what `save_hardware_log` wrote.

    Raises ``FileNotFoundError`` if there is none and `HardwareLogError` if the file is truncated or something else.
    """
    try:
        header, arrays = read_archive(path, kind=_FORMAT, version=_VERSION)
        deliveries = Deliveries(**{field.name: arrays[f"deliveries.{field.name}"] for field in fields(Deliveries)})
        counts: dict[str, Any] = {field.name: arrays[f"activity.{field.name}"] for field in fields(Activity)}
        scalars: dict[str, int | str] = {name: int(counts[name]) for name in ("cycles", "rows", "cols")}
        scalars["topology"] = str(counts["topology"])
        return deliveries, Activity(**(counts | scalars)), header
    except (NotAnArchive, KeyError, TypeError) as error:
        raise HardwareLogError(f"{path} is not a hardware log, or is truncated ({error})") from None
