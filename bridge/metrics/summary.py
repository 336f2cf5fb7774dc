"""What a run on the chip was like, in numbers; `docs/metrics.md` has all the definitions in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from synaptile.swsim.trace import Trace

from ..config import ChipConfig
from ..engines.base import Activity, Deliveries, Packets
from ..mapping import Mapping
from ..mapping.connectivity import Connectivity
from ..mapping.spike_packets import Destinations
from .distribution import Distribution
from .energy import EnergyReport, energy_report
from .isi import IsiDistortion, isi_distortion
from .lateness import LateArrivals, late_arrivals
from .spike_disorder import disorder_count, spike_disorder

__all__ = [
    "Area",
    "Metrics",
    "accepted_flits",
    "area",
    "compute_metrics",
    "neuron_updates",
    "synaptic_events",
    "throughput",
]

Row = tuple[str, str, str]


def throughput(delivered: int, cycles: int) -> float | None:
    """Network throughput: delivered packets / simulated cycles; None if no cycle was simulated."""
    return delivered / cycles if cycles else None


def accepted_flits(activity: Activity) -> float | None:
    """Flits that left the network into tiles / cycles / tiles; None if no cycle was simulated."""
    if not activity.cycles:
        return None
    return activity.delivered_flits / (activity.cycles * activity.rows * activity.cols)


def synaptic_events(trace: Trace) -> int:
    """Spikes at synapses: Σ over spikes of the firing neuron's synapses, local ones and multapses included."""
    return int(np.bincount(trace.pre, minlength=trace.neurons) @ trace.spike_counts())


def neuron_updates(trace: Trace) -> int:
    """Steps × neurons, spike sources (cell types called SpikeSource…) left out: they compute nothing."""
    sources = sum(p.size for p in trace.populations if p.celltype.startswith("SpikeSource"))
    return (trace.neurons - sources) * trace.steps


@dataclass(frozen=True)
class Area:
    """Tiles with at least one neuron, routers that passed at least one flit or have a used tile, and all of both.

    The hubs of a tree are routers, too; those above them are used if they passed a flit.
    """

    tiles_used: int
    routers_used: int
    tiles: int
    routers: int


def area(mapping: Mapping, activity: Activity) -> Area:
    """What a run used of the mesh: an area in tiles and routers, which a technology turns into mm²."""
    tile_used = mapping.neurons_used() > 0
    nodes = (activity.mesh_rows, activity.side, activity.mesh_cols, activity.side)
    served = (tile_used | (activity.injected_flits > 0)).reshape(nodes).any(axis=(1, 3)).reshape(-1)
    router_used = activity.buffer_reads > 0
    router_used[-len(served) :] |= served  # those that tiles are linked to: the hubs, if there are any
    return Area(int(tile_used.sum()), int(router_used.sum()), mapping.tiles, activity.routers)


@dataclass(frozen=True)
class Metrics:
    """All metrics of one run.

    Attributes
    ----------
    cycles, steps
        Simulated clock cycles (idle ones included) and steps of the network.
    neurons, synapses, spikes, synaptic_events
        Of the network; `synaptic_events`.
    packets_sent, packets_delivered, packets_undelivered
        Packets created, completely delivered, and neither (a run that was interrupted, or not drained).
    latency
        Cycles from a packet's creation to the delivery of its head, the wait in the source queue included.
    source_wait
        Cycles of it that the packet waited in its source queue.
    hops
        Links that delivered packets crossed.
    throughput
        `throughput`, in packets per cycle.
    accepted_flits
        `accepted_flits`, in flits per cycle and node.
    isi
        `isi_distortion`, in cycles.
    disorder
        `spike_disorder`, over all neurons that packets were sent to.
    disorder_count
        `disorder_count`.
    late
        `late_arrivals`.
    fanout_synapses, fanout_tiles
        Synapses of each neuron, and tiles other than its own that it sends packets to.
    area
        `area`.
    energy
        `energy_report`.
    """

    cycles: int
    steps: int
    neurons: int
    synapses: int
    spikes: int
    synaptic_events: int
    packets_sent: int
    packets_delivered: int
    packets_undelivered: int
    latency: Distribution
    source_wait: Distribution
    hops: Distribution
    throughput: float | None
    accepted_flits: float | None
    isi: IsiDistortion
    disorder: Distribution
    disorder_count: int
    late: LateArrivals
    fanout_synapses: Distribution
    fanout_tiles: Distribution
    area: Area
    energy: EnergyReport

    def to_dict(self) -> dict[str, Any]:
        """JSON types; what is undefined is None, never NaN."""
        return {
            "cycles": self.cycles,
            "steps": self.steps,
            "neurons": self.neurons,
            "synapses": self.synapses,
            "spikes": self.spikes,
            "synaptic_events": self.synaptic_events,
            "packets_sent": self.packets_sent,
            "packets_delivered": self.packets_delivered,
            "packets_undelivered": self.packets_undelivered,
            **self.latency.to_dict("latency"),
            "source_wait_mean": self.source_wait.mean,
            "source_wait_max": self.source_wait.max,
            "hops_mean": self.hops.mean,
            "hops_max": self.hops.max,
            "throughput_packets_per_cycle": self.throughput,
            "accepted_flits_per_cycle_per_node": self.accepted_flits,
            "isi_emitted_mean": self.isi.emitted.mean,
            "isi_delivered_mean": self.isi.delivered.mean,
            "isi_distortion_mean": self.isi.change.mean,
            "isi_distortion_max": self.isi.change.max,
            **self.isi.by_flow.to_dict("isi_distortion_flow"),
            "isi_flows": self.isi.by_flow.count,
            "disorder_mean": self.disorder.mean,
            "disorder_max": self.disorder.max,
            "disorder_count": self.disorder_count,
            "late_packets": self.late.count,
            "late_fraction": self.late.fraction,
            "late_steps_max": self.late.max_steps,
            "fanout_synapses_mean": self.fanout_synapses.mean,
            "fanout_synapses_max": self.fanout_synapses.max,
            "fanout_tiles_mean": self.fanout_tiles.mean,
            "fanout_tiles_max": self.fanout_tiles.max,
            "tiles": self.area.tiles,
            "tiles_used": self.area.tiles_used,
            "routers": self.area.routers,
            "routers_used": self.area.routers_used,
            "energy": self.energy.to_dict(),
        }

    def rows(self) -> list[Row]:
        """The table that people read: label, value, unit."""
        energy = self.energy
        rows: list[Row] = [
            ("Spikes", _text(self.spikes), "spikes"),
            ("Synaptic events", _text(self.synaptic_events), "events"),
            ("Packets sent", _text(self.packets_sent), "packets"),
            ("Packets delivered", _text(self.packets_delivered), "packets"),
            ("Packets not delivered", _text(self.packets_undelivered), "packets"),
            ("Simulated", _text(self.cycles), "cycles"),
            ("Latency, mean", _text(self.latency.mean), "cycles"),
            ("Latency, 99 % within", _text(self.latency.p99), "cycles"),
            ("Latency, worst", _text(self.latency.max), "cycles"),
            ("Hops, mean", _text(self.hops.mean), "hops"),
            ("Throughput", _text(self.throughput), "packets/cycle"),
            ("Accepted traffic", _text(self.accepted_flits), "flits/cycle/node"),
            ("ISI emitted, mean", _text(self.isi.emitted.mean), "cycles"),
            ("ISI delivered, mean", _text(self.isi.delivered.mean), "cycles"),
            ("ISI distortion, mean", _text(self.isi.change.mean), "cycles"),
            ("ISI distortion, worst", _text(self.isi.change.max), "cycles"),
            ("Spike disorder, mean", _text(self.disorder.mean), "(arrivals/step)²"),
            ("Disorder count (stamp not newer)", _text(self.disorder_count), "packets"),
            ("Late by a step or more", _text(self.late.count), "packets"),
            ("Latest", _text(self.late.max_steps), "steps"),
            ("Fanout, synapses", _text(self.fanout_synapses.mean), "per neuron"),
            ("Fanout, other tiles", _text(self.fanout_tiles.mean), "per neuron"),
            ("Tiles used", f"{self.area.tiles_used} of {self.area.tiles}", "tiles"),
            ("Routers used", f"{self.area.routers_used} of {self.area.routers}", "routers"),
        ]
        if energy.total_pj is None:
            rows.append((f"Energy ({energy.table})", "no numbers", ""))
            return rows
        grades = ", ".join(sorted(set(energy.evidence.values())))
        rows.append((f"Energy ({energy.table}: {grades})", _text(energy.total_pj / 1e3), "nJ"))
        for label, value in (("dynamic", energy.total_dynamic_pj), ("static", energy.static_pj)):
            if value is not None:
                rows.append((f"Energy, {label}", _text(value / 1e3), "nJ"))
        if energy.missing:
            rows.append(("Energy terms left out", str(len(energy.missing)), ", ".join(energy.missing)))
        return rows


def _text(value: float | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.4g}"


def compute_metrics(
    deliveries: Deliveries,
    packets: Packets,
    activity: Activity,
    mapping: Mapping,
    trace: Trace,
    config: ChipConfig,
) -> Metrics:
    """All metrics of a run, finished or not.

    Parameters
    ----------
    deliveries
        What arrived.
    packets
        What was sent.
    activity
        What the circuit counted.
    mapping
        Where the neurons were.
    trace
        The network and its spikes.
    config
        The chip: cycles per step, clock and energy table are used.

    Raises
    ------
    ValueError
        If more packets were delivered than sent, or the mapping is of another network.
    """
    if len(deliveries) > len(packets):
        raise ValueError(f"deliveries must be at most the {len(packets)} packets sent, not {len(deliveries)}")
    if mapping.neurons != trace.neurons:
        raise ValueError(f"mapping must have the trace's {trace.neurons} neurons, not {mapping.neurons}")
    cycles_per_step = config.cycles_per_step
    connectivity = Connectivity.of(trace.neurons, trace.pre, trace.post)
    disorder = spike_disorder(connectivity, mapping.tile, packets, deliveries, cycles_per_step)
    events = synaptic_events(trace)
    return Metrics(
        cycles=activity.cycles,
        steps=trace.steps,
        neurons=trace.neurons,
        synapses=trace.synapses,
        spikes=trace.spikes,
        synaptic_events=events,
        packets_sent=len(packets),
        packets_delivered=len(deliveries),
        packets_undelivered=len(packets) - len(deliveries),
        latency=Distribution.of(deliveries.latency),
        source_wait=Distribution.of(deliveries.injected - deliveries.created),
        hops=Distribution.of(deliveries.hops),
        throughput=throughput(len(deliveries), activity.cycles),
        accepted_flits=accepted_flits(activity),
        isi=isi_distortion(deliveries),
        disorder=Distribution.of(disorder[~np.isnan(disorder)]),
        disorder_count=disorder_count(deliveries),
        late=late_arrivals(deliveries, cycles_per_step),
        fanout_synapses=Distribution.of(np.bincount(trace.pre, minlength=trace.neurons)),
        fanout_tiles=Distribution.of(Destinations.of(mapping, trace.pre, trace.post).fanout),
        area=area(mapping, activity),
        energy=energy_report(
            config.energy, activity, events, trace.spikes, config.clock_hz, neuron_updates=neuron_updates(trace)
        ),
    )
