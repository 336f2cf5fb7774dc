"""The metrics that a chip of cores has besides those of every run: ticks, cores, and the host's door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from synaptile.rtl import NetworkParams

from ..config.parameters import core_values
from ..engines.base import Ints
from .core_work import CoreWork
from .distribution import Distribution
from .metric import Metric, Quantity, distribution
from .run_data import RunData
from .summary import Metrics

__all__ = ["DOOR_LIMIT", "OnChipLog", "OnChipMetrics", "OnChipRunData"]

DOOR_LIMIT = 0.5
"""Load of the host's door above which it, and not the cores, is taken to set the length of a tick."""

_MICRO = 1e6


@dataclass(frozen=True)
class OnChipLog:
    """What was seen of a chip of cores in a run, besides its packets. Step k is tick k.

    Attributes
    ----------
    starts, lengths
        Shape (steps,): the cycle in which each step began, and its cycles.
    overruns
        Shape (steps,): cores that were not done when the step's tick began.
    host_sent, host_received
        Shape (steps,): events that the host had to send in each step, and reports that it got.
    host_late
        Events that the host could not send in their own step.
    merged
        Events that came to an axon which had one for the same tick already.
    reports
        Packets delivered with a spike for the host.
    counters
        By name, shape (tiles,): what each core counted (`synaptile.bridge.engines.cores.COUNTERS`).
    observed
        Whether packets and deliveries were seen; of a board they are not, and what is measured in them is undefined.
    seconds
        Time that the ticks took, on a board.
    timed
        Whether the engine has cycles and packets; the model has none, and what is measured in them is undefined.
    payload_bits
        Bits that a packet has for what it carries.
    work
        What the cores did.
    """

    starts: Ints
    lengths: Ints
    overruns: Ints
    host_sent: Ints
    host_received: Ints
    host_late: int
    merged: int
    reports: int
    counters: Mapping[str, Ints]
    observed: bool = True
    seconds: float | None = None
    timed: bool = True
    payload_bits: int = 1
    work: CoreWork = field(default_factory=CoreWork)


@dataclass(frozen=True, kw_only=True)
class OnChipRunData(RunData):
    """A run on a chip of cores.

    Packets and deliveries are those with an event for an axon; their ``neuron`` is the one that fired. There are as
    many for a spike as axons that it goes to, those on its own tile included.

    Attributes
    ----------
    log
        What else was seen.
    """

    log: OnChipLog

    @property
    def network(self) -> NetworkParams:
        """The on-chip network, whose packets carry events."""
        return super().network.replace(neurons=1 << self.log.payload_bits)

    @property
    def weight_bits(self) -> int | None:
        """Bits of a weight of a core."""
        return int(core_values(self.config)["weight_bits"])

    @property
    def work(self) -> CoreWork:
        """What the cores did."""
        return self.log.work

    @property
    def seconds(self) -> float | None:
        """Time that the chip took, by its clock; None if the engine has no cycles."""
        return super().seconds if self.log.timed else None

    @property
    def unseen(self) -> str:
        """Why packets and the events of routers are not known; "" if they are."""
        if not self.log.timed:
            return "the engine has no network"
        return "" if self.log.observed else "a board's routers are not seen"


def _log(run: RunData) -> OnChipLog:
    assert isinstance(run, OnChipRunData)
    return run.log


def _ticks(run: RunData) -> Ints:
    log = _log(run)
    return log.lengths if log.timed else log.lengths[:0]


def _loads(run: RunData) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the part of each step's cycles in which a flit crosses the host's door: in, and out."""
    log = _log(run)
    if not log.timed:
        return np.zeros(0), np.zeros(0)
    cycles = np.maximum(log.lengths, 1)
    flits = run.config.flits_per_packet
    return log.host_sent * flits / cycles, log.host_received * flits / cycles


def _door_limited(run: RunData) -> int | None:
    into, out = _loads(run)
    return int(np.count_nonzero(np.maximum(into, out) > DOOR_LIMIT)) if _log(run).timed else None


def _busy(run: RunData) -> Distribution:
    cycles = run.activity.cycles
    used = run.mapped.mapping.neurons_used() > 0
    counts = _log(run).counters
    known = cycles and _log(run).timed and "busy_cycles" in counts
    return Distribution.of(counts["busy_cycles"][used] / cycles if known else np.zeros(0))


def _sum(run: RunData, name: str) -> int | None:
    """Return what all cores have counted; None if it is not known."""
    counts = _log(run).counters
    return int(counts[name].sum()) if name in counts else None


def _observed(run: RunData) -> bool:
    return _log(run).timed and _log(run).observed


def _rate(run: RunData) -> float | None:
    log = _log(run)
    return len(log.lengths) / log.seconds if log.seconds else None


def _total(name: str, unit: str, definition: str, label: str | None = None) -> Metric[int | None]:
    return Metric(lambda run: _sum(run, name), unit=unit, definition=definition, label=label)


class OnChipMetrics(Metrics):
    """All metrics of a run on a chip of cores."""

    ticks = Metric(lambda run: len(_log(run).lengths), unit="ticks", definition="ticks that were run", label="Ticks")
    tick_cycles = Metric(
        lambda run: Distribution.of(_ticks(run)),
        unit="cycles",
        definition="length of a tick",
        quantities=distribution(
            "tick_cycles",
            mean="Tick, mean",
            min="Tick, shortest",
            p50=None,
            p95=None,
            p99=None,
            max="Tick, longest",
            headlines=("mean",),
        ),
        glossary=(
            "Tick",
            "A step of the network on the chip. With the barrier it ends when all cores are done and the network is "
            "empty, so that nothing is late and its length is what the step takes; with a fixed length, what is not "
            "done in time acts later.",
        ),
    )
    tick_us = Metric(
        lambda run: Distribution.of(_ticks(run) / run.config.clock_hz * _MICRO),
        unit="µs",
        definition="the same at the chip's clock",
        quantities=distribution(
            "tick_us", mean="Tick at the chip's clock, mean", max="Tick at the chip's clock, longest"
        ),
    )
    ticks_per_second = Metric(
        _rate,
        unit="ticks/s",
        definition="ticks on a board / the time from sending the first of them to hearing that the last is over",
        label="Ticks per second, measured",
    )
    overruns = Metric(
        lambda run: int(_log(run).overruns.sum()),
        unit="cores",
        definition="sum over ticks of the cores that were not done with the tick before",
        label="Overruns",
        glossary=("Overrun", "A core that is not done when the next tick begins. It begins that one late."),
    )
    axon_events = _total("axon_events", "events", "events for their axons that came to cores", "Axon events")
    merged_events = Metric(
        lambda run: _log(run).merged if _observed(run) else None,
        unit="events",
        definition="events that came to an axon which had one for the same tick already",
        label="Axon events merged",
        glossary=("Merged", "Two events of one axon for one tick are one, as a core has a bit for each."),
    )
    refused = _total("refused", "events", "events and words that cores did not take", "Refused")
    core_updates = _total("neuron_updates", "updates", "updates of neurons in cores, unused ones included")
    core_spikes = _total("spikes", "spikes", "spikes of neurons in cores", "Spikes of cores")
    core_busy = Metric(
        _busy,
        unit="",
        definition="part of all cycles in which a core with neurons is at work, over such cores",
        quantities=distribution("core_busy", mean="Cores at work, mean", max="Busiest core at work"),
    )
    host_events = Metric(
        lambda run: int(_log(run).host_sent.sum()),
        unit="events",
        definition="events that the host had to send through its door, for the spikes of sources",
        label="Events from the host",
    )
    host_reports = Metric(
        lambda run: int(_log(run).host_received.sum()),
        unit="spikes",
        definition="spikes that were reported to the host through its door",
        label="Spikes reported to the host",
    )
    host_late = Metric(
        lambda run: _log(run).host_late if _observed(run) else None,
        unit="events",
        definition="events that the host could not send in their own step, for its door was busy",
        label="Events that left the host late",
    )
    door_in = Metric(
        lambda run: Distribution.of(_loads(run)[0]),
        unit="flits/cycle",
        definition="flits that the host sends in a tick / its cycles",
        quantities=distribution("door_in", mean="Host's door in, mean load", max="Host's door in, highest load"),
        glossary=(
            "Host's door",
            "The tile through which spikes come into the chip and leave it. It passes a flit per cycle in each "
            "direction, which can be what a tick takes longest for.",
        ),
    )
    door_out = Metric(
        lambda run: Distribution.of(_loads(run)[1]),
        unit="flits/cycle",
        definition="flits of reports that reach the host in a tick / its cycles",
        quantities=distribution("door_out", mean="Host's door out, mean load", max="Host's door out, highest load"),
    )
    door_limited = Metric(
        _door_limited,
        unit="ticks",
        definition=f"ticks in which more than {DOOR_LIMIT} flits/cycle cross the host's door in one direction",
        quantities=[
            Quantity(
                "door_limited_ticks",
                lambda value: value,
                "Ticks that the host's door limits",
            )
        ],
    )
