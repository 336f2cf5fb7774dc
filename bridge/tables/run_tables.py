"""The tables of a run: what its files have, and what of these follows for each neuron, population, link and tile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt

from synaptile.rtl.topology import Port
from synaptile.swsim.trace import Trace

from ..engines.base import Activity, Deliveries, Packets
from ..metrics import RunData
from ..metrics.steps import steps_of
from .detail_tables import Details, detail_tables, units_of
from .table import Table, TabledRun, data_of, owners

__all__ = ["Table", "run_tables"]


def run_tables(run: TabledRun) -> dict[str, Table]:
    """Return the tables of a run by name; `docs/files.md` has their columns."""
    return {table.name: table for table in _tables(run)}


def _tables(run: TabledRun) -> Iterator[Table]:
    data = data_of(run)
    details = Details(data)
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
    yield _neurons(run, data, details)
    yield _populations(trace)
    yield _links(run.activity)
    yield _tiles(run)
    yield from detail_tables(details, run.metrics.congestion.load)


def _deliveries(run: TabledRun) -> Table:
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


def _neurons(run: TabledRun, data: RunData, details: Details) -> Table:
    trace, mapping = run.trace, run.mapping
    population, index = owners(trace)
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
        "fan_in": data.mapped.network.connectivity.fan_in_sizes,
        "fanout_tiles": data.mapped.destinations.fan_out,
        **details.of_neurons(),
    }
    return Table("neurons", "neuron", columns, {"rate_hz": "Hz", **units_of(columns)})


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


def _tiles(run: TabledRun) -> Table:
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
