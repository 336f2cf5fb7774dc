"""The chip in motion: what the page's script needs to show links, routers and packets over time."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from synaptile.rtl.topology import LINKS, Port, Topology

from ..engines.base import Ints
from ..metrics.congestion.load import Load
from ..metrics.congestion.ways import PORTS, Ways
from ..metrics.steps import steps_of
from ..tile_grid import TileGrid
from .reported_run import ReportedRun

__all__ = ["Motion", "motion"]

_PACKETS = 24
"""Packets shown of a window at most: half of them those with the highest latency, half taken evenly from all."""
_MOST_PACKETS = 6_000
"""Packets shown in all windows together, which bounds the page."""


@dataclass(frozen=True)
class Motion:
    """A section of the page.

    Attributes
    ----------
    data
        What the script reads: JSON that may stand in a page, for it has no letters that could end its element.
    script
        The script.
    digest
        Its digest, by which the page permits it and no other.
    windows, busiest
        Number of windows of time, and the one that is shown first.
    most
        Packets shown of a window, at most.
    scale
        What the highest colour stands for, in words.
    unknown
        Why links are not shown over time; "" if they are.
    """

    data: str
    script: str
    digest: str
    windows: int
    busiest: int
    most: int
    scale: str
    unknown: str


def motion(run: ReportedRun) -> Motion | None:
    """Put the data of a run together; None if no packet was delivered."""
    if not len(run.deliveries):
        return None
    found = run.metrics.congestion
    load, grid = found.load, TileGrid.of(run.config)
    chip = grid.interconnect
    links = _links(grid)
    flits = load.total[None, links] if load.flits is None else load.flits[:, links]
    lengths = np.array([max(1, load.cycles)]) if load.flits is None else load.lengths
    link_levels, link_top = _levels(flits / lengths[:, None])
    routers = load.routers
    if routers is None:
        routers = _by_node(load.entered + load.left, grid)
    router_levels, router_top = _levels(routers / load.lengths[:, None])
    packets, ways = _packets(run, load, found.ways)
    busiest = int(load.left.sum(axis=1).argmax())
    data: dict[str, Any] = {
        "rows": chip.node_rows,
        "cols": chip.node_cols,
        "hubs": chip.has_hubs,
        "window": load.window,
        "windows": load.windows,
        "cycles": load.cycles,
        "msPerCycle": run.trace.dt / run.config.cycles_per_step if _even_steps(run) else 0,
        "busiest": busiest,
        "entered": load.entered.sum(axis=1).tolist(),
        "links": links.tolist(),
        "linksOverTime": load.flits is not None,
        "linkLevels": link_levels,
        "linkTop": link_top,
        "routerLevels": router_levels,
        "packets": packets,
        "ways": ways,
    }
    script = files(__package__).joinpath("motion.js").read_text(encoding="utf-8")
    what = "in any window" if load.flits is not None else "over the run"
    return Motion(
        data=json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"),
        script=script,
        digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii"),
        windows=load.windows,
        busiest=busiest,
        most=_most(load.windows),
        scale=f"The strongest colour of a link is {link_top:.3g} flits per cycle, the most of any link {what}; that of "
        f"a router is {router_top:.3g}, the most of any router in any window.",
        unknown=load.unknown,
    )


def _even_steps(run: ReportedRun) -> bool:
    return run.log is None or run.config.tick == "fixed"


def _links(grid: TileGrid) -> Ints:
    """Outputs that are drawn: those to other routers, between hubs and routers included."""
    chip = grid.interconnect
    found = []
    for node in range(chip.nodes):
        row, col = divmod(node, chip.node_cols)
        found += [node * PORTS + port for port in LINKS if chip.neighbour(row, col, port) is not None]
        if chip.has_hubs:
            found += [node * PORTS + Port.LOCAL, (chip.nodes + node) * PORTS + Port.LOCAL]
    return np.array(sorted(found), np.int64)


def _by_node(flits: Ints, grid: TileGrid) -> Ints:
    """Flits by tile as flits by router, shape (windows, routers); a tree's hubs have those of their tiles, too."""
    chip = grid.interconnect
    node = np.array([chip.locate(tile)[0] for tile in range(grid.tiles)])
    found = np.zeros((len(flits), chip.nodes), np.int64)
    np.add.at(found.T, node, flits.T)
    return np.concatenate([found, found], axis=1) if chip.has_hubs else found


def _levels(rate: npt.NDArray[np.float64]) -> tuple[str, float]:
    """Return numbers as bytes in base64, 255 for the highest and 0 for nothing alone, and the highest."""
    top = float(rate.max(initial=0))
    levels = np.ceil(rate * (255 / top)).clip(0, 255) if top else np.zeros_like(rate)
    return base64.b64encode(levels.astype(np.uint8).tobytes()).decode("ascii"), top


def _packets(run: ReportedRun, load: Load, ways: Ways | str) -> tuple[list[list[list[int]]], list[list[list[int]]]]:
    """Return for every window some packets delivered in it, and of their ways routers and cycles to each output."""
    log, chip = run.deliveries, TileGrid.of(run.config).interconnect
    edges = np.searchsorted(log.delivered, np.arange(load.windows + 1) * load.window).tolist()
    most = _most(load.windows)
    latency = log.latency
    some = [begin + _some(latency[begin:end], most) for begin, end in itertools.pairwise(edges)]
    at = np.concatenate(some)
    starts = run.log.starts if run.log is not None and not _even_steps(run) else None
    created, completed = (
        steps_of(cycle[at], run.config.cycles_per_step, starts) for cycle in (log.created, log.completed)
    )
    way, described = _described(log.source[at], log.destination[at], at, log.hops[at], ways, chip)
    columns = (log.neuron[at], way, log.created[at], log.injected[at], log.delivered[at], completed > created)
    rows = np.stack([np.asarray(column, np.int64) for column in columns], axis=1).tolist()
    ends = np.cumsum([len(one) for one in some]).tolist()
    return [rows[begin:end] for begin, end in itertools.pairwise([0, *ends])], described


def _described(
    source: Ints, destination: Ints, at: Ints, hops: Ints, ways: Ways | str, chip: Topology
) -> tuple[Ints, list[list[list[int]]]]:
    """Return the way of each packet, numbered, and of each way its routers and the cycles to each output."""
    if isinstance(ways, str):
        ends = np.stack([np.array([chip.locate(int(tile))[0] for tile in tiles]) for tiles in (source, destination)])
        pairs, number = np.unique(np.concatenate([ends, hops[None]]), axis=1, return_inverse=True)
        return number.reshape(-1), [[[first, last], [1, apart + 1]] for first, last, apart in pairs.T.tolist()]
    distinct, number = np.unique(ways.of_packet[at], return_inverse=True)
    steps = [slice(ways.start[way], ways.start[way + 1]) for way in distinct.tolist()]
    return number, [[(ways.output[own] // PORTS).tolist(), ways.offset[own].tolist()] for own in steps]


def _most(windows: int) -> int:
    return max(2, min(_PACKETS, _MOST_PACKETS // max(1, windows)))


def _some(latency: Ints, most: int) -> Ints:
    """Return the indices of at most so many packets, ascending: half those with the highest latency, half evenly."""
    if len(latency) <= most:
        return np.arange(len(latency))
    worst = np.argpartition(-latency, most // 2)[: most // 2]
    even = np.linspace(0, len(latency) - 1, most - most // 2).astype(np.int64)
    return np.union1d(worst, even)
