"""The set-up of Table IV of the PyCARL paper: 18 sources, each to 18 neurons, on 6 x 6 tiles, with five routings.

Numbers of the paper: Balaji et al., PyCARL: A PyNN interface for hardware-software co-simulation of spiking neural
networks, IJCNN 2020, Table IV.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

import synaptile.swsim as sim
from synaptile.swsim.trace import Trace

from ..chip import Chip
from ..config import ChipConfig
from ..engines.base import Deliveries

__all__ = ["PAPER", "PaperRow", "RoutingRow", "Setting", "compare_routings", "source_spikes"]


@dataclass(frozen=True)
class PaperRow:
    """A line of the table as it is printed: cycles, packets, cycles, spikes per cycle."""

    isi: float
    disorder: int
    latency: float
    throughput: float


PAPER = {
    "xy": PaperRow(48, 203, 26.75, 0.191),
    "west-first": PaperRow(44, 198, 26.76, 0.191),
    "north-last": PaperRow(43, 185, 26.77, 0.191),
    "odd-even": PaperRow(44, 176, 26.77, 0.191),
    "dyad": PaperRow(44, 186, 26.78, 0.191),
}
"""Table IV by the names that routings have here."""

_NEURONS = 18
_STEP_MS = 1.0


@dataclass(frozen=True)
class Setting:
    """What the paper does not say, and had to be chosen.

    Attributes
    ----------
    rate
        Hz of each of the 18 Poisson sources. With ``cycles_per_step`` it decides the throughput.
    cycles_per_step
        Cycles of a step of 1 ms. Spikes of a step are sent together, so that with the same throughput longer steps have
        larger bursts, and these wait for each other.
    steps
        Steps that are run.
    seed
        Seed of the sources.
    """

    rate: float = 117.0
    cycles_per_step: int = 200
    steps: int = 2000
    seed: int = 1


@dataclass(frozen=True)
class RoutingRow:
    """What one routing comes to.

    Attributes
    ----------
    routing, selection
        By their names.
    latency, throughput
        The mean in cycles, and packets delivered per cycle.
    isi_sent, isi_heard
        Mean interval in cycles between the spikes of a source as they are sent, and between the packets that arrive at
        a tile, of whatever source.
    disorder_count, order_changes
        Noxim's count of arrivals whose time stamp is not newer than the last from the same tile, and pairs of packets
        to a tile whose order changed on the way.
    late, packets
        Packets that arrived in a later step, and all that were sent.
    """

    routing: str
    selection: str
    latency: float
    throughput: float
    isi_sent: float
    isi_heard: float
    disorder_count: int
    order_changes: int
    late: int
    packets: int

    def to_dict(self) -> dict[str, Any]:
        """JSON types, the paper's numbers among them."""
        return asdict(self) | {"paper": asdict(PAPER[self.routing])}


def source_spikes(setting: Setting) -> Trace:
    """Return the trace of the network in software."""
    sim.setup(timestep=_STEP_MS, seed=setting.seed)
    sources = sim.Population(_NEURONS, sim.SpikeSourcePoisson(rate=setting.rate), label="in")
    neurons = sim.Population(_NEURONS, sim.IF_curr_exp(), label="out")
    synapse = sim.StaticSynapse(weight=0.1, delay=_STEP_MS)
    sim.Projection(sources, neurons, sim.AllToAllConnector(), synapse)
    sim.run(setting.steps * _STEP_MS)
    trace = sim.get_trace()
    sim.end()
    return trace


def compare_routings(
    setting: Setting,
    routings: Iterable[str] = PAPER,
    *,
    engine: str = "auto",
    progress: Callable[[str], None] = lambda what: None,
) -> list[RoutingRow]:
    """Send the same spikes with each of the paper's routings, or some of them.

    There is one neuron on each of 36 tiles, in their order.
    Routings that leave a choice take the output with most room. Raises ``ValueError`` for numbers that the network or
    the chip cannot have.
    """
    trace = source_spikes(setting)
    rows = []
    for routing in routings:
        progress(routing)
        config = ChipConfig.preset(
            "pycarl",
            crossbar={"neurons": 1},
            cycles_per_step=setting.cycles_per_step,
            routing=routing,
            selection="first" if routing == "xy" else "buffer-level",
        )
        run = Chip(config, engine=engine, partition="in-order", placement="in-order").replay(trace)
        figures = run.metrics
        rows.append(
            RoutingRow(
                routing,
                config.selection,
                latency=float(figures.latency.mean or 0.0),
                throughput=figures.throughput or 0.0,
                isi_sent=float(figures.isi.emitted.mean or 0.0),
                isi_heard=_gap_at_tiles(run.deliveries),
                disorder_count=figures.noxim_disorder_count,
                order_changes=figures.order_changes.pairs,
                late=figures.late.count,
                packets=figures.packets_sent,
            )
        )
    return rows


def _gap_at_tiles(deliveries: Deliveries) -> float:
    """Mean cycles between one packet and the next at the same tile; 0 if there are none."""
    order = np.lexsort((deliveries.delivered, deliveries.destination))
    same = np.diff(deliveries.destination[order]) == 0
    gaps = np.diff(deliveries.delivered[order])[same]
    return float(gaps.mean()) if len(gaps) else 0.0
