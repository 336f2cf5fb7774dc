"""The tables of a run: deliveries, packets, spikes, synapses, neurons, populations, links and tiles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from synaptile.rtl.topology import Port
from synaptile.swsim.trace import Trace

from ..config import ChipConfig
from ..engines.base import Activity, Deliveries, Packets
from ..mapping import MappedNetwork, Network
from ..mapping import Mapping as TileMapping
from ..metrics.on_chip import OnChipLog
from ..metrics.steps import steps_of

__all__ = ["Table", "run_tables"]

Column = npt.NDArray[Any]


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes
    ----------
    name, row
        Its name, and what a row is, in the singular.
    columns
        By name, each of shape (rows,).
    units
        The unit of each column that has one.
    """

    name: str
    row: str
    columns: Mapping[str, Column]
    units: Mapping[str, str]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


class _Run(Protocol):
    """What is taken of a `ChipRun`."""

    @property
    def config(self) -> ChipConfig: ...
    @property
    def trace(self) -> Trace: ...
    @property
    def mapping(self) -> TileMapping: ...
    @property
    def packets(self) -> Packets: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def activity(self) -> Activity: ...
    @property
    def log(self) -> OnChipLog | None: ...


def run_tables(run: _Run) -> dict[str, Table]:
    """Return the tables of a run by name; `docs/files.md` has their columns."""
    return {table.name: table for table in _tables(run)}


def _tables(run: _Run) -> Iterator[Table]:
    yield _deliveries(run)
    packets = {one.name: getattr(run.packets, one.name) for one in fields(Packets)}
    yield Table("packets", "packet", packets, {"cycle": "cycles", "stamp": "steps"})
    trace = run.trace
    yield Table(
        "spikes",
        "spike",
        {"neuron": trace.spike_neuron, "step": trace.spike_step, "time_ms": trace.spike_step * trace.dt},
        {"step": "steps", "time_ms": "ms"},
    )
    synapses = {name: getattr(trace, name) for name in ("pre", "post", "weight", "delay")}
    yield Table(
        "synapses", "synapse", {**synapses, "delay_ms": trace.delay * trace.dt}, {"delay": "steps", "delay_ms": "ms"}
    )
    yield _neurons(run)
    yield _populations(trace)
    yield _links(run.activity)
    yield _tiles(run)


def _deliveries(run: _Run) -> Table:
    log, deliveries = run.log, run.deliveries
    columns = {one.name: getattr(deliveries, one.name) for one in fields(Deliveries)}
    starts = None if log is None or run.config.tick == "fixed" else log.starts
    length = run.config.cycles_per_step
    acted = steps_of(deliveries.completed, length, starts)
    # In cores stamps are cut; where neurons are software, packets may be created in a later step.
    sent = deliveries.stamp if log is None else steps_of(deliveries.created, length, starts)
    columns |= {"latency": deliveries.latency, "late_steps": acted - sent}
    cycles = ("created", "injected", "delivered", "completed", "latency")
    return Table(
        "deliveries",
        "delivery",
        columns,
        {**dict.fromkeys(cycles, "cycles"), "stamp": "steps", "late_steps": "steps", "hops": "hops"},
    )


def _neurons(run: _Run) -> Table:
    trace, mapping = run.trace, run.mapping
    network = Network.of(trace.neurons, trace.pre, trace.post)
    population, index = np.full(trace.neurons, "", object), np.arange(trace.neurons)
    for one in trace.populations:
        population[one.start : one.stop] = one.label
        index[one.start : one.stop] -= one.start
    counts = trace.spike_counts()
    columns = {
        "neuron": np.arange(trace.neurons),
        "population": population,
        "index": index,
        "tile": mapping.tile,
        "slot": mapping.slot,
        "on_tile": mapping.inside,
        "spikes": counts,
        "rate_hz": _rate(counts, trace, 1),
        "synapses": np.bincount(trace.pre, minlength=trace.neurons),
        "fan_in": network.connectivity.fan_in_sizes,
        "fanout_tiles": MappedNetwork(network, mapping).destinations.fan_out,
    }
    return Table("neurons", "neuron", columns, {"rate_hz": "Hz"})


def _populations(trace: Trace) -> Table:
    counts = trace.spike_counts()
    parts = trace.populations
    spikes = np.array([counts[one.start : one.stop].sum() for one in parts], np.int64)
    sizes = np.array([one.size for one in parts], np.int64)
    columns = {
        "population": np.array([one.label for one in parts], object),
        "celltype": np.array([one.celltype for one in parts], object),
        "is_source": np.array([bool(one.is_source) for one in parts], bool),
        "first": np.array([one.start for one in parts], np.int64),
        "neurons": sizes,
        "spikes": spikes,
        "rate_hz": _rate(spikes, trace, sizes),
    }
    return Table("populations", "population", columns, {"rate_hz": "Hz"})


def _rate(spikes: npt.NDArray[np.int64], trace: Trace, neurons: Any) -> npt.NDArray[np.float64]:
    """Return spikes per second and neuron; NaN over no time, or of no neurons."""
    seconds = np.broadcast_to(np.asarray(neurons) * (trace.steps * trace.dt / 1e3), spikes.shape)
    return np.divide(spikes, seconds, out=np.full(spikes.shape, np.nan), where=seconds > 0)


def _links(activity: Activity) -> Table:
    """What left each router, and in a tree each hub, through each of its ports."""
    nodes = len(activity.flits)
    hubs = len(activity.hub_flits)
    ports = [port.name for port in Port]
    node = np.concatenate([np.arange(nodes), np.arange(hubs)])
    flits = np.concatenate([activity.flits, activity.hub_flits])
    packets = np.concatenate([activity.packets, activity.hub_packets])
    rows = len(node)
    columns = {
        "router": np.repeat(np.array(["node"] * nodes + ["hub"] * hubs, object), len(ports)),
        "node": np.repeat(node, len(ports)),
        "row": np.repeat(node // activity.mesh_cols, len(ports)),
        "col": np.repeat(node % activity.mesh_cols, len(ports)),
        "port": np.array(ports * rows, object),
        "flits": flits.reshape(-1),
        "packets": packets.reshape(-1),
        "load": flits.reshape(-1) / activity.cycles if activity.cycles else np.full(flits.size, np.nan),
    }
    return Table("links", "link", columns, {"flits": "flits", "packets": "packets", "load": "flits/cycle"})


def _tiles(run: _Run) -> Table:
    activity = run.activity
    tile = np.arange(activity.rows * activity.cols)
    columns = {
        "tile": tile,
        "row": tile // activity.cols,
        "col": tile % activity.cols,
        "neurons": run.mapping.neurons_used(),
        "injected_flits": activity.injected_flits,
    }
    if run.log is not None:
        columns |= {f"core_{name}": counts for name, counts in run.log.counters.items()}
    return Table("tiles", "tile", columns, {"injected_flits": "flits"})
