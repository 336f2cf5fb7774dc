"""What the arrays of a hardware log must be: each part of it is checked before it is believed."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from synaptile.rtl.topology import TOPOLOGIES, Port
from synaptile.swsim.base.archive_fields import ArchiveError, Fields

from ..config import Crossbar
from ..engines.base import Activity, Deliveries, Packets
from ..mapping import Mapping as TileMapping
from .core_work import CoreWork
from .on_chip import OnChipLog

__all__ = [
    "FIELDS",
    "HardwareLogError",
    "checked_activity",
    "checked_deliveries",
    "checked_mapping",
    "checked_on_chip",
    "checked_packets",
]

Arrays = Mapping[str, npt.NDArray[Any]]

_MAX_COUNT = 2**63 - 1
_MAX_SIDE = 2**31 - 1
_MAX_BITS = 64
_TIMES = ("created", "injected", "delivered", "completed")
_PER_STEP = ("starts", "lengths", "overruns", "host_sent", "host_received")
_TOTALS = ("host_late", "merged", "reports")


class HardwareLogError(ArchiveError):
    """A file is not a (whole) hardware log, or has values that none can have; see `ArchiveError`."""

    KIND: ClassVar = "hardware log"


FIELDS = Fields(HardwareLogError)
"""The rules of the fields, as errors of a hardware log."""


def checked_activity(arrays: Arrays) -> Activity:
    """Return the activity: its counts have the shapes that its chip gives them."""
    topology = str(arrays["topology"])
    if topology not in TOPOLOGIES:
        raise FIELDS.refuse("topology", f"be one of {', '.join(TOPOLOGIES)}", topology)
    cycles = FIELDS.whole("cycles", arrays["cycles"][()], 0, _MAX_COUNT)
    rows, cols = (FIELDS.whole(name, arrays[name][()], 1, _MAX_SIDE) for name in ("rows", "cols"))
    side = TOPOLOGIES[topology].side
    if rows % side or cols % side:
        raise FIELDS.refuse("rows and cols", f"be multiples of {side} in a {topology}", (rows, cols))
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
        counts[name] = FIELDS.whole_array(name, arrays[name], 0, _MAX_COUNT, np.int64, len(shape))
        if counts[name].shape != shape:
            raise FIELDS.refuse(name, f"have shape {shape} on a {topology} of {rows}x{cols} tiles", counts[name].shape)
    return Activity(cycles=cycles, rows=rows, cols=cols, topology=topology, **counts)


def checked_packets(arrays: Arrays, activity: Activity) -> Packets:
    """Return the packets: between tiles of the chip."""
    highest = dict.fromkeys(("source", "destination"), activity.rows * activity.cols - 1) | {"more": 1}
    return Packets(**_columns("packets", arrays, highest))


def checked_deliveries(arrays: Arrays, activity: Activity, packets: Packets) -> Deliveries:
    """Return the deliveries: on tiles of the chip, in cycles that it ran, in order, and no more than were sent."""
    highest = dict.fromkeys(("source", "destination"), activity.rows * activity.cols - 1)
    highest |= dict.fromkeys(_TIMES, activity.cycles - 1)
    checked = _columns("deliveries", arrays, highest)
    for earlier, later in itertools.pairwise(_TIMES):
        wrong = checked[later] < checked[earlier]
        if wrong.any():
            raise FIELDS.refuse(
                later, f"not be before {earlier}", (int(checked[later][wrong][0]), int(checked[earlier][wrong][0]))
            )
    if len(checked["tag"]) > 1:
        delivered, destination = np.diff(checked["delivered"]), np.diff(checked["destination"])
        wrong = (delivered < 0) | ((delivered == 0) & (destination < 0))
        if wrong.any():
            raise FIELDS.refuse(
                "deliveries",
                "be sorted by delivered, then destination",
                f"so at {int(np.argmax(wrong)) + 1}",
                plain=True,
            )
    if len(checked["tag"]) > len(packets):
        raise FIELDS.refuse("deliveries", f"be at most the {len(packets)} packets sent", len(checked["tag"]))
    return Deliveries(**checked)


def checked_mapping(arrays: Arrays, activity: Activity) -> TileMapping:
    """Return the mapping: a tile of the chip and a slot of its crossbar for each neuron, that no other has."""
    crossbar = FIELDS.whole_array("crossbar", arrays["crossbar"], 1, _MAX_SIDE, np.int64)
    if crossbar.shape != (2,):
        raise FIELDS.refuse("crossbar", "be axons and neurons", crossbar.tolist())
    highest = {"tile": activity.rows * activity.cols - 1, "slot": int(crossbar[1]) - 1, "outside": 1}
    columns = _columns("mapping", {name: arrays[name] for name in highest}, highest)
    outside = columns["outside"].astype(bool)
    try:
        return TileMapping(
            activity.rows,
            activity.cols,
            Crossbar(axons=int(crossbar[0]), neurons=int(crossbar[1])),
            columns["tile"].astype(np.int32),
            columns["slot"].astype(np.int32),
            outside if outside.any() else None,
        )
    except ValueError as error:
        raise FIELDS.refuse("mapping", "be one that a chip can have", str(error), plain=True) from None


def checked_on_chip(arrays: Arrays, counters: Arrays, activity: Activity) -> OnChipLog:
    """Return what was seen of ticks, cores and the host: columns of equal length, and a count for each core."""
    steps = _columns("on_chip", {name: arrays[name] for name in _PER_STEP}, {})
    if np.any(np.diff(steps["starts"]) < 0):
        raise FIELDS.refuse("starts", "ascend", steps["starts"].tolist())
    tiles = activity.rows * activity.cols
    counts = {}
    for name, values in counters.items():
        counts[name] = FIELDS.whole_array(name, values, 0, _MAX_COUNT, np.int64)
        if len(counts[name]) != tiles:
            raise FIELDS.refuse(name, f"have a count for each of {tiles} cores", len(counts[name]))
    totals = {name: FIELDS.whole(name, arrays[name][()], 0, _MAX_COUNT) for name in _TOTALS}
    flags = {name: bool(FIELDS.whole(name, arrays[name][()], 0, 1)) for name in ("observed", "timed")}
    seconds = float(arrays["seconds"][()])
    if not (np.isnan(seconds) or 0 <= seconds < np.inf):
        raise FIELDS.refuse("seconds", "be a time, or nan for none", seconds)
    payload_bits = FIELDS.whole("payload_bits", arrays["payload_bits"][()], 1, _MAX_BITS)
    return OnChipLog(
        starts=steps["starts"],
        lengths=steps["lengths"],
        overruns=steps["overruns"],
        host_sent=steps["host_sent"],
        host_received=steps["host_received"],
        host_late=totals["host_late"],
        merged=totals["merged"],
        reports=totals["reports"],
        observed=flags["observed"],
        timed=flags["timed"],
        counters=counts,
        seconds=None if np.isnan(seconds) else seconds,
        payload_bits=payload_bits,
        work=_work(arrays["work"]),
    )


_WITHOUT_ROWS = 6


def _work(counts: npt.NDArray[Any]) -> CoreWork:
    """Return what the cores did, by the counts of `CoreWork`; -1 is what is not known.

    Files from before rows were counted end with the count before them.
    """
    names = [one.name for one in fields(CoreWork)]
    if len(counts) == _WITHOUT_ROWS:
        names = names[:_WITHOUT_ROWS]
    if len(counts) != len(names):
        raise FIELDS.refuse("work", f"have {len(names)} counts", len(counts))
    values: dict[str, Any] = {}
    for name, count in zip(names, counts, strict=True):
        known = FIELDS.whole(name, count, -1, _MAX_COUNT)
        values[name] = None if known < 0 else known
    try:
        return CoreWork(**values)
    except (TypeError, ValueError) as error:
        raise FIELDS.refuse("work", "be counts of cores", str(error)) from None


def _columns(part: str, arrays: Arrays, highest: Mapping[str, int]) -> dict[str, npt.NDArray[np.int64]]:
    """Return arrays of equal length, of whole numbers from 0 up to the highest of each."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise FIELDS.refuse(part, "be arrays of equal length", lengths)
    return {
        name: FIELDS.whole_array(name, array, 0, highest.get(name, _MAX_COUNT), np.int64)
        for name, array in arrays.items()
    }
