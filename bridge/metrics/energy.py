"""Energy: what a run's events add up to by a table of picojoules per event."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from synaptile.rtl.topology import Port

from ..config.energy_price import OperatingPoint
from ..config.energy_table import EnergyTable
from ..config.energy_terms import EVENTS, LEAKAGE, WORDS
from ..config.technology_terms import LEAKAGES
from ..engines.base import Activity
from .core_work import CoreWork
from .technology.crossbar import Crossbar
from .technology.programming import Programming

__all__ = ["Circuit", "EnergyReport", "RunTime", "energy_report"]

_PJ_PER_MW_S = 1e9  # 1 mW for 1 s
_PJ_PER_NW_S = 1e3


@dataclass(frozen=True)
class Circuit:
    """What leaks in a chip, and what the numbers of a table depend on.

    Attributes
    ----------
    point
        Depth of queues, routing and width of flits.
    tiles
        Number of tiles.
    virtual_channels
        Queues of each of a router's ports.
    flits_per_packet
        Flits of a packet.
    """

    point: OperatingPoint
    tiles: int
    virtual_channels: int = 1
    flits_per_packet: int = 1

    def leaking(self, routers: int) -> dict[str, int]:
        """Return how many there are of what each term of leakage is for."""
        each = dict.fromkeys(("static_mw", "switch_mw", "route_mw", "select_mw"), routers)
        return {**each, "queue_mw": routers * len(Port) * self.virtual_channels, "tile_mw": self.tiles, "chip_mw": 1}


@dataclass(frozen=True)
class RunTime:
    """How long a run took, and what it was divided into.

    Attributes
    ----------
    chip_s
        Cycles / clock frequency, in seconds; None if the engine has no cycles.
    network_s
        Steps × length of a step, in seconds.
    steps
        Steps of the network.
    inferences
        Inferences, as the caller knows them; None if that is not known.
    """

    chip_s: float | None
    network_s: float
    steps: int = 0
    inferences: int | None = None

    @property
    def speedup(self) -> float | None:
        """How many times faster than its network the chip is; None if either took no time or that is not known."""
        return self.network_s / self.chip_s if self.chip_s and self.network_s else None


@dataclass(frozen=True)
class EnergyReport:
    """The energy of a run's events by one table.

    Attributes
    ----------
    table
        Name of the table.
    numbers
        The number of each term that was charged, in pJ or mW, at the chip's operating point.
    events
        Number of times that each event happened, for every term that was charged; of leakage, how many leak.
    dynamic_pj
        Energy by term in pJ, without leakage.
    leakage_pj, leakage_at_real_time_pj
        Energy of leakage by term in pJ: in the time that the chip took, and in that which the network took. They are
        never added up.
    deviation_pj
        Standard deviation by term in pJ, of those whose number has one.
    included
        Terms not added because another term's number contains them.
    not_in_total
        Term to the reason, for what happened and is in no sum.
    notes
        How numbers were made to fit the chip, in words.
    evidence
        Evidence grade by term.
    work, time
        What the cores did; how long it took.
    crossbar
        What programming the crossbars takes, which is in no sum; None if the chip names no technology of theirs.
    """

    table: str
    numbers: dict[str, float]
    events: dict[str, int]
    dynamic_pj: dict[str, float]
    leakage_pj: dict[str, float]
    leakage_at_real_time_pj: dict[str, float]
    deviation_pj: dict[str, float]
    included: tuple[str, ...]
    not_in_total: dict[str, str]
    notes: tuple[str, ...]
    evidence: dict[str, str]
    work: CoreWork
    time: RunTime
    crossbar: Programming | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Terms of events that happened and are in no sum."""
        return tuple(self.not_in_total)

    @property
    def total_dynamic_pj(self) -> float | None:
        """Sum over all events in pJ, None if none of them has a number."""
        return sum(self.dynamic_pj.values()) if self.dynamic_pj else None

    @property
    def static_pj(self) -> float | None:
        """Leakage in pJ in the time that the chip took; None if nothing of it is known."""
        return sum(self.leakage_pj.values()) if self.leakage_pj else None

    @property
    def static_at_real_time_pj(self) -> float | None:
        """Leakage in pJ of a chip that takes as long as its network; None if nothing of it is known."""
        return sum(self.leakage_at_real_time_pj.values()) if self.leakage_at_real_time_pj else None

    @property
    def total_pj(self) -> float | None:
        """Sum of all that is known, for the time that the chip took; None if there is nothing."""
        known = [*self.dynamic_pj.values(), *([] if self.static_pj is None else [self.static_pj])]
        return sum(known) if known else None

    def deviation_of(self, terms: Mapping[str, float]) -> float | None:
        """Standard deviation in pJ of the sum of terms, which are taken to be independent; None if none has one."""
        found = [self.deviation_pj[term] for term in terms if term in self.deviation_pj]
        return math.hypot(*found) if found else None

    @property
    def power_w(self) -> float | None:
        """Mean power in W in the time that the chip took; None if that is not known, or none."""
        return self.total_pj * 1e-12 / self.time.chip_s if self.total_pj is not None and self.time.chip_s else None

    def per(self, count: int | None) -> float | None:
        """Return the total in pJ divided by a number of things; None if there are none."""
        return self.total_pj / count if self.total_pj is not None and count else None

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        terms = {**self.dynamic_pj, **self.leakage_pj}
        return {
            "table": self.table,
            "total_pj": self.total_pj,
            "total_deviation_pj": self.deviation_of(terms),
            "total_dynamic_pj": self.total_dynamic_pj,
            "static_pj": self.static_pj,
            "static_at_real_time_pj": self.static_at_real_time_pj,
            "power_w": self.power_w,
            "per_synaptic_event_pj": self.per(self.work.synaptic_events),
            "per_spike_pj": self.per(self.work.spikes),
            "per_step_pj": self.per(self.time.steps),
            "per_inference_pj": self.per(self.time.inferences),
            "inferences": self.time.inferences,
            "dynamic_pj": dict(self.dynamic_pj),
            "leakage_pj": dict(self.leakage_pj),
            "deviation_pj": dict(self.deviation_pj),
            "events": dict(self.events),
            "numbers": dict(self.numbers),
            "included": list(self.included),
            "missing": list(self.missing),
            "not_in_total": dict(self.not_in_total),
            "notes": list(self.notes),
            "evidence": dict(self.evidence),
            **({} if self.crossbar is None else {"programming": self.crossbar.to_dict()}),
        }


@dataclass
class _Sums:
    """What has been charged so far."""

    numbers: dict[str, float] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)
    dynamic: dict[str, float] = field(default_factory=dict)
    leakage: dict[str, float] = field(default_factory=dict)
    at_real_time: dict[str, float] = field(default_factory=dict)
    deviation: dict[str, float] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)


def energy_report(
    table: EnergyTable,
    activity: Activity,
    work: CoreWork,
    circuit: Circuit,
    time: RunTime,
    *,
    unseen: str = "",
    crossbar: Crossbar | None = None,
) -> EnergyReport:
    """Charge a run's events by a table.

    Dynamic energy is Σ (number of events × pJ per event); that of leakage is Σ (mW × how many leak × time), idle cycles
    included.

    Parameters
    ----------
    table
        The table.
    activity
        Events that the circuit counted.
    work
        Events in the cores.
    circuit
        The chip.
    time
        How long it took.
    unseen
        Why the routers' events are not known, if they are not.
    crossbar
        The chip's crossbars, whose technology charges their reads in place of the table's synaptic events, changes of
        weights and leakage; None if it names none.
    """
    apart = table.value("neuron_active") is not None
    counts: dict[str, int | None] = _router_events(activity, hub_links_apart=table.value("link_hub") is not None)
    counts["packet"] = int(activity.injected_flits.sum()) // circuit.flits_per_packet
    if unseen:
        counts = dict.fromkeys(counts)
    counts |= work.events(apart=apart)
    leaking = circuit.leaking(activity.routers)
    sums = _Sums()
    priced = table.at(circuit.point)
    replaced = priced.pop("synaptic_event", None) if crossbar is not None and crossbar.technology.prices_reads else None
    for term, one in priced.items():
        count = leaking[term] if term in LEAKAGE else counts[term]
        happened = (time.chip_s is None or time.chip_s > 0) if term in LEAKAGE else count != 0
        if one.number is None:
            if happened:
                sums.left_out[term] = one.note
        elif count is None:
            sums.left_out[term] = unseen or "not counted on this chip"
        elif term in LEAKAGE and time.chip_s is None:
            sums.left_out[term] = "the engine has no cycles"
        else:
            _charge(sums, term, one.number, count, one.deviation, time)
            if one.note and happened:
                sums.notes.setdefault(one.note, []).append(WORDS[term])
    leaked = None if time.chip_s is None else int(time.chip_s > 0)
    told = {**counts, **dict.fromkeys(LEAKAGE, leaked)}
    missing = {term: "no number in the table" for term in table.missing if told[term] != 0}
    evidence = {term: table.evidence(term) for term in table.terms if term in priced}
    if crossbar is not None:
        evidence |= _charge_crossbar(sums, crossbar, work, time)
        if crossbar.technology.prices_reads:
            missing.pop("synaptic_event", None)
        if not {"tile_mw", "chip_mw"}.isdisjoint(table.terms.keys() | table.covered):
            sums.left_out.pop("cell_nw", None)  # the table's leakage of tiles has that of their crossbars
    notes = [f"{', '.join(terms)}: {note}" for note, terms in sums.notes.items()]
    if table.of_other_flits(circuit.point):
        notes.append(f"numbers of flits of {table.flit_bits} bits, charged as they are for {circuit.point.flit_bits}")
    if crossbar is not None and replaced is not None and replaced.number is not None:
        name = crossbar.technology.name
        notes.append(f"synaptic events: reads of {name}, in place of the energy table's {replaced.number:g} pJ each")
    if apart and work.active_updates is None and work.neuron_updates:
        notes.append("which neurons are active is not known: all are charged as active")
    return EnergyReport(
        table=table.name,
        numbers=sums.numbers,
        events=sums.events,
        dynamic_pj=sums.dynamic,
        leakage_pj=sums.leakage,
        leakage_at_real_time_pj=sums.at_real_time,
        deviation_pj=sums.deviation,
        included=tuple(term for term in EVENTS if term in table.covered),
        not_in_total={**missing, **sums.left_out},
        notes=tuple(notes),
        evidence=evidence,
        work=work,
        time=time,
        crossbar=None if crossbar is None else crossbar.programming(),
    )


def _charge_crossbar(sums: _Sums, crossbar: Crossbar, work: CoreWork, time: RunTime) -> dict[str, str]:
    """Charge what the technology of crossbars has numbers for, and return the evidence grade of each term."""
    evidence = {}
    for one in crossbar.charges(work):
        leaks = one.term in LEAKAGES
        if one.number is None or one.count is None:
            happened = time.chip_s is None or time.chip_s > 0 if leaks else one.count != 0
            if happened:
                sums.left_out[one.term] = one.why
        elif leaks and time.chip_s is None:
            sums.left_out[one.term] = "the engine has no cycles"
        else:
            _charge(sums, one.term, one.number, one.count, None, time)
            evidence[one.term] = crossbar.technology.evidence(one.term)
    return evidence


def _charge(sums: _Sums, term: str, number: float, count: int, deviation: float | None, time: RunTime) -> None:
    sums.numbers[term], sums.events[term] = number, count
    if term in LEAKAGE or term in LEAKAGES:
        assert time.chip_s is not None
        power = _PJ_PER_NW_S if term == "cell_nw" else _PJ_PER_MW_S
        sums.leakage[term] = number * count * time.chip_s * power
        sums.at_real_time[term] = number * count * time.network_s * power
        each = count * time.chip_s * power
    else:
        sums.dynamic[term] = count * number
        each = count
    if deviation is not None:
        sums.deviation[term] = deviation * each


def _router_events(activity: Activity, *, hub_links_apart: bool) -> dict[str, int | None]:
    """Number of each event in the network on chip; unless apart, links to hubs count as ``link``, too."""
    reads = int(activity.buffer_reads.sum())
    north, east, south, west = activity.link_flits.sum(axis=0).tolist()
    to_hubs = int(activity.hub_link_flits.sum())
    routed = int(activity.routed_packets.sum())
    return {
        "buffer_write": int(activity.buffer_writes.sum()),
        "buffer_read": reads,
        "buffer_write_read": reads,
        "crossbar_switch": reads,
        "route": routed,
        "select": routed,
        "route_arbitrate": routed,
        "link": north + east + south + west + (0 if hub_links_apart else to_hubs),
        "link_ew": east + west,
        "link_ns": north + south,
        "link_hub": to_hubs,
        "packet_hop": activity.packet_hops,
    }
