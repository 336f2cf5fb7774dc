"""Every metric of a run: one entry each, read by the results, the report and the documentation.

`docs/metrics.md` explains the symbols of the definitions.
"""

from __future__ import annotations

import numpy as np

from ..config.energy_price import TABLE, OperatingPoint
from ..si_text import si_text
from . import counts, spike_disorder
from .area import tile_area
from .congestion.congestion import congestion, late_rows
from .distribution import Distribution
from .energy import Circuit, EnergyReport, RunTime, energy_report
from .energy_rows import energy_rows, speed_row
from .isi import isi_distortion
from .lateness import late_arrivals
from .metric import Metric, MetricTable, Quantity, distribution
from .order_changes import order_changes
from .run_data import RunData
from .technology.of_run import crossbar_of

__all__ = ["Metrics", "compute_metrics"]


def _disorder(run: RunData) -> Distribution:
    disorder = spike_disorder.spike_disorder(
        run.mapped.network.connectivity,
        run.mapped.mapping.tile,
        run.packets,
        run.deliveries,
        run.config.cycles_per_step,
        run.starts,
    )
    return Distribution.of(disorder[~np.isnan(disorder)])


def _time(run: RunData) -> RunTime:
    return RunTime(run.seconds, run.trace.steps * run.trace.dt / 1000, run.trace.steps, run.inferences)


def _energy(run: RunData) -> EnergyReport:
    config = run.config
    point = OperatingPoint(config.buffer_depth, TABLE if config.multicast else config.routing, run.flit_bits)
    circuit = Circuit(point, config.tiles, config.virtual_channels, config.flits_per_packet)
    return energy_report(
        config.energy, run.activity, run.work, circuit, _time(run), unseen=run.unseen, crossbar=crossbar_of(run)
    )


_AVERAGE_ISI = "mean over flows (of two packets or more) of the average ISI of that train"


class Metrics(MetricTable):
    """All metrics of one run; each is an attribute, such as ``metrics.latency.mean``."""

    cycles = Metric(
        lambda run: run.activity.cycles,
        unit="cycles",
        definition="simulated clock cycles, idle ones included",
        label="Simulated",
        rows_after="packets_undelivered",
    )
    steps = Metric(lambda run: run.trace.steps, unit="steps", definition="simulated steps of the network")
    neurons = Metric(
        lambda run: run.trace.neurons, unit="neurons", definition="neurons of the network, spike sources included"
    )
    synapses = Metric(
        lambda run: run.trace.synapses, unit="synapses", definition="synapses of the network, multapses included"
    )
    spikes = Metric(lambda run: run.trace.spikes, unit="spikes", definition="spikes that were fired", label="Spikes")
    synaptic_events = Metric(
        lambda run: counts.synaptic_events(run.trace),
        unit="events",
        definition="Σ over spikes of the firing neuron's synapses, local ones and multapses included",
        label="Synaptic events",
        glossary=(
            "Synaptic events",
            "Spikes at synapses: the sum over all spikes of the firing neuron's synapses.",
        ),
    )
    packets_sent = Metric(
        lambda run: len(run.packets),
        unit="packets",
        definition="one per spike and tile, other than its own, on which the neuron has synapses",
        label="Packets sent",
    )
    packets_delivered = Metric(
        lambda run: len(run.deliveries),
        unit="packets",
        definition="packets whose last flit was delivered",
        label="Packets delivered",
    )
    packets_undelivered = Metric(
        lambda run: len(run.packets) - len(run.deliveries),
        unit="packets",
        definition="the rest of those sent: of a run that was interrupted, or not drained",
        label="Packets not delivered",
    )
    latency = Metric(
        lambda run: Distribution.of(run.deliveries.latency),
        unit="cycles",
        definition="d − c: the wait in the source queue counts",
        quantities=distribution(
            "latency",
            mean="Latency, mean",
            min=None,
            p50=None,
            p95=None,
            p99="Latency, 99 % within",
            max="Latency, worst",
            headlines=("mean", "max"),
        ),
        glossary=(
            "Latency",
            "Cycles from a packet's creation, at the start of the step in which its neuron fired (later if the tile's "
            "work takes time), to the delivery of its head. The wait in the source's queue counts. In an empty network "
            "it is hops + 1.",
        ),
    )
    source_wait = Metric(
        lambda run: Distribution.of(run.deliveries.injected - run.deliveries.created),
        unit="cycles",
        definition="injected − c, the part of the latency spent in the source queue",
        quantities=distribution("source_wait", mean=None, max=None),
    )
    hops = Metric(
        lambda run: Distribution.of(run.deliveries.hops),
        unit="hops",
        definition="links crossed; at zero load latency = hops + 1",
        quantities=distribution("hops", mean="Hops, mean", max=None),
        glossary=("Hops", "Links between neighbouring tiles that a packet crossed."),
    )
    throughput = Metric(
        lambda run: counts.throughput(len(run.deliveries), run.activity.cycles),
        unit="packets/cycle",
        definition="delivered packets / simulated cycles",
        quantities=[Quantity("throughput_packets_per_cycle", lambda value: value, "Throughput", headline=True)],
        glossary=("Throughput", "Packets delivered per simulated cycle, idle cycles included."),
    )
    accepted_flits = Metric(
        lambda run: counts.accepted_flits(run.activity),
        unit="flits/cycle/node",
        definition="flits that left the network into tiles / cycles / tiles",
        quantities=[Quantity("accepted_flits_per_cycle_per_node", lambda value: value, "Accepted traffic")],
        glossary=("Accepted traffic", "Flits delivered into tiles, per cycle and tile of the mesh."),
    )
    isi = Metric(
        lambda run: isi_distortion(run.deliveries),
        unit="cycles",
        definition="\\|ΔISIᵢ\\| over all intervals of all flows",
        quantities=[
            Quantity("isi_emitted_mean", lambda isi: isi.emitted.mean, "ISI emitted, mean", definition=_AVERAGE_ISI),
            Quantity(
                "isi_delivered_mean", lambda isi: isi.delivered.mean, "ISI delivered, mean", definition=_AVERAGE_ISI
            ),
            *distribution(
                "isi_distortion",
                part=lambda isi: isi.change,
                mean="ISI distortion, mean",
                max="ISI distortion, worst",
                headlines=("mean",),
            ),
            *distribution(
                "isi_distortion_flow",
                part=lambda isi: isi.by_flow,
                definition="over flows, each flow's mean \\|ΔISIᵢ\\|",
                mean=None,
                min=None,
                p50=None,
                p95=None,
                p99=None,
                max=None,
            ),
            Quantity(
                "isi_flows", lambda isi: isi.by_flow.count, unit="flows", definition="flows of two packets or more"
            ),
        ],
        glossary=(
            "ISI distortion",
            "A flow is the packets of one neuron to one tile. |ΔISI| is how much longer or shorter an interval between "
            "two of its packets was on arrival than on creation. A constant delay distorts nothing.",
        ),
    )
    disorder = Metric(
        _disorder,
        unit="(arrivals/step)²",
        definition="Dᵢ over the neurons to which packets were sent",
        quantities=distribution("disorder", mean="Spike disorder, mean", max=None),
        glossary=(
            "Spike disorder",
            "Of a neuron: the squared difference between the spikes it expected and those it received in a step, "
            "averaged over the steps in which there were any. 0 when every spike arrives in its own step.",
        ),
    )
    order_changes = Metric(
        lambda run: order_changes(run.deliveries),
        unit="pairs",
        definition="pairs of packets to one tile of which A was created before B, and B completed before A",
        quantities=[
            Quantity("order_changes", lambda found: found.pairs, "Order changed"),
            Quantity(
                "overtaken_packets",
                lambda found: found.overtaken,
                unit="packets",
                definition="packets that are the A of such a pair",
            ),
        ],
        glossary=(
            "Order changed",
            "Pairs of packets to one tile whose order was changed on the way: A was sent before B, and B was heard "
            "before A. Packets of one step are sent at once and have no order.",
        ),
    )
    noxim_disorder_count = Metric(
        lambda run: spike_disorder.noxim_disorder_count(run.deliveries),
        unit="packets",
        definition="arrivals at a tile whose time stamp (step) is not newer than that of the last arrival from the "
        "same source tile",
    )
    late = Metric(
        lambda run: late_arrivals(run.deliveries, run.config.cycles_per_step, run.starts, run.fired),
        unit="packets",
        definition="delivered packets with ⌊l / C⌋ > s, the step of their spike",
        quantities=[
            Quantity("late_packets", lambda late: late.count, "Late by a step or more"),
            Quantity(
                "late_fraction", lambda late: late.fraction, unit="", definition="late packets / delivered packets"
            ),
            Quantity(
                "late_steps_max",
                lambda late: late.max_steps,
                "Latest",
                unit="steps",
                definition="largest ⌊l / C⌋ − s: that many steps later than in software its synapses act",
            ),
        ],
        glossary=(
            "Late by a step or more",
            "Packets that arrived after the step in which their neuron fired had ended.",
        ),
    )
    congestion = Metric(
        congestion,
        unit="",
        definition="where and when packets waited; see below",
        quantities=[
            Quantity("late_causes", lambda found: found.late.to_dict(), definition="why packets were late; see below"),
            Quantity(
                "worst_connections",
                lambda found: found.worst_connections,
                definition="the 10 flows with the most late packets, then the highest mean latency",
            ),
            Quantity(
                "worst_population_pairs",
                lambda found: found.worst_pairs,
                definition="the same of pairs of populations; a packet counts for all that listen to it on its tile",
            ),
            Quantity(
                "hot_spots",
                lambda found: [spot.to_dict() for spot in found.hot_spots],
                definition="the 10 outputs of routers with the highest load in any window of time; see below",
            ),
        ],
        rows=late_rows,
        glossary=(
            "Late, and why",
            "The cycles of a late packet go to waiting in the queue of its tile, to waiting for other packets on the "
            "way, to the way itself with one flit after another, and to the work of its tile before it was created.",
        ),
    )
    fanout_synapses = Metric(
        lambda run: Distribution.of(np.bincount(run.trace.pre, minlength=run.trace.neurons)),
        unit="per neuron",
        definition="synapses of each neuron, over all neurons",
        quantities=distribution("fanout_synapses", mean="Fanout, synapses", max=None),
        glossary=("Fanout", "Synapses of a neuron, and tiles other than its own that it sends packets to."),
    )
    fanout_tiles = Metric(
        lambda run: Distribution.of(run.mapped.destinations.fan_out),
        unit="per neuron",
        definition="tiles other than its own that a neuron sends packets to, that is packets per spike",
        quantities=distribution("fanout_tiles", mean="Fanout, other tiles", max=None),
    )
    area = Metric(
        lambda run: tile_area(run.mapped.mapping, run.activity),
        unit="tiles",
        definition="tiles of the chip",
        quantities=[
            Quantity("tiles", lambda area: area.tiles),
            Quantity(
                "tiles_used",
                lambda area: area.tiles_used,
                "Tiles used",
                definition="tiles with at least one neuron",
                text=lambda area: f"{area.tiles_used} of {area.tiles}",
            ),
            Quantity(
                "routers",
                lambda area: area.routers,
                unit="routers",
                definition="all routers, those of a tree's hubs included",
            ),
            Quantity(
                "routers_used",
                lambda area: area.routers_used,
                "Routers used",
                unit="routers",
                definition="routers that passed a flit or whose tile is used",
                text=lambda area: f"{area.routers_used} of {area.routers}",
            ),
        ],
    )
    work = Metric(
        lambda run: run.work,
        unit="updates",
        definition="neurons × steps, spike sources left out; on-chip what the cores updated, unused neurons included",
        quantities=[
            Quantity("neuron_updates", lambda work: work.neuron_updates),
            Quantity(
                "active_updates",
                lambda work: work.active_updates,
                definition="those of them in whose step the neuron got a spike or fired; null where that is not known, "
                "and without cores where the energy table does not tell them apart",
            ),
            Quantity(
                "memory_reads",
                lambda work: work.memory_reads,
                unit="words",
                definition="on-chip: words read from the cores' memories of weights, sums and neurons",
            ),
            Quantity(
                "memory_writes",
                lambda work: work.memory_writes,
                unit="words",
                definition="on-chip: words written into them",
            ),
            Quantity(
                "row_reads",
                lambda work: work.row_reads,
                unit="rows",
                definition="rows of crossbars read: a spike reads one on each tile that it comes to, its own included; "
                "on-chip each axon that acts in a tick reads one",
            ),
        ],
    )
    time = Metric(
        _time,
        unit="s",
        definition="cycles / clock frequency",
        quantities=[
            Quantity("chip_time_s", lambda time: time.chip_s),
            Quantity("network_time_s", lambda time: time.network_s, definition="steps × length of a step"),
            Quantity(
                "speedup",
                lambda time: time.speedup,
                unit="",
                definition="network time / chip time; above 1 the chip is faster than real time",
            ),
        ],
        rows=lambda time: [
            ("Chip time", *si_text(time.chip_s, "s")),
            ("Network time", *si_text(time.network_s, "s")),
            speed_row(time.speedup),
        ],
        glossary=(
            "Chip time, network time",
            "Chip time is the cycles by the chip's clock, network time the time that the network's equations have "
            "advanced by. Real time is when the two are equal.",
        ),
    )
    energy = Metric(
        _energy,
        unit="pJ",
        definition="what the run's events cost by the chip's energy table; see below",
        quantities=[Quantity("energy", lambda report: report.to_dict())],
        rows=energy_rows,
        glossary=(
            "Energy",
            "Events counted in the simulated circuit times the energy table's picojoules per event, and leakage times "
            "the chip time. What the table does not have is missing from the sum, not zero. What leaks if the chip "
            "takes as long as its network (at real time) is told apart and never added. A ± is a standard deviation.",
        ),
    )


def compute_metrics(run: RunData) -> Metrics:
    """Return the metrics of a run, finished or not, each of which is computed when it is first looked at."""
    return Metrics.of(run)
