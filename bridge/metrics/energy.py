"""Energy: what a run's events add up to by a table of picojoules per event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..config.energy_table import EVENTS, EnergyTable
from ..engines.base import Activity
from .metric import Row, number_text

__all__ = ["EnergyReport", "energy_report", "energy_rows"]


@dataclass(frozen=True)
class EnergyReport:
    """The energy of a run's events by one table.

    Attributes
    ----------
    table
        Name of the table.
    events
        Number of times that each event happened, for every term that the table has.
    dynamic_pj
        Energy by term in pJ, without static energy.
    static_pj
        Static energy in pJ of all routers; None if the table does not give static power on its own.
    total_pj
        Sum of all that is known; None if the table has no number at all.
    included
        Terms not added because another term's number contains them.
    missing
        Terms of events that happened and have no number: ``total_pj`` lacks them.
    evidence
        Evidence grade by term.
    """

    table: str
    events: dict[str, int]
    dynamic_pj: dict[str, float]
    static_pj: float | None
    total_pj: float | None
    included: tuple[str, ...]
    missing: tuple[str, ...]
    evidence: dict[str, str]

    @property
    def total_dynamic_pj(self) -> float | None:
        """Sum over all events in pJ, None if none of them has a number."""
        return sum(self.dynamic_pj.values()) if self.dynamic_pj else None

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return {
            "table": self.table,
            "total_pj": self.total_pj,
            "total_dynamic_pj": self.total_dynamic_pj,
            "static_pj": self.static_pj,
            "dynamic_pj": dict(self.dynamic_pj),
            "events": dict(self.events),
            "included": list(self.included),
            "missing": list(self.missing),
            "evidence": dict(self.evidence),
        }


def energy_report(
    table: EnergyTable,
    activity: Activity,
    synaptic_events: int,
    spikes: int,
    clock_hz: float,
    *,
    neuron_updates: int = 0,
) -> EnergyReport:
    """Charge a run's events by a table.

    Dynamic energy is Σ (number of events × pJ per event); static energy is static power × routers × cycles /
    ``clock_hz``, idle cycles included.

    Parameters
    ----------
    activity
        Events that the circuit counted.
    synaptic_events
        Spikes arrived at synapses: Σ over spikes of the firing neuron's synapses.
    spikes
        Spikes fired.
    clock_hz
        Clock frequency in Hz.
    neuron_updates
        Neurons × steps.

    Raises
    ------
    ValueError
        If a count is negative or ``clock_hz`` is not positive.
    """
    for name, count in (("synaptic_events", synaptic_events), ("spikes", spikes), ("neuron_updates", neuron_updates)):
        if count < 0:
            raise ValueError(f"{name} must not be negative, not {count}")
    if not clock_hz > 0:
        raise ValueError(f"clock_hz must be positive, not {clock_hz!r}")
    counts = _router_events(activity, hub_links_apart=table.link_hub is not None) | {
        "synaptic_event": int(synaptic_events),
        "neuron_update": int(neuron_updates),
        "spike": int(spikes),
    }
    terms = table.terms
    dynamic = {term: counts[term] * number for term, number in terms.items() if term != "static_mw"}
    static = None
    if table.static_mw is not None:
        # 1 mW for 1 s is 1e9 pJ.
        static = table.static_mw * activity.routers * activity.cycles / clock_hz * 1e9
    known = list(dynamic.values()) + ([] if static is None else [static])
    happened = {**counts, "static_mw": activity.cycles}
    return EnergyReport(
        table=table.name,
        events={term: counts[term] for term in dynamic},
        dynamic_pj=dynamic,
        static_pj=static,
        total_pj=sum(known) if known else None,
        included=tuple(term for term in EVENTS if term in table.covered),
        missing=tuple(term for term in table.missing if happened[term]),
        evidence={term: table.evidence(term) for term in terms},
    )


def _router_events(activity: Activity, *, hub_links_apart: bool) -> dict[str, int]:
    """Number of each event in the network on chip; unless apart, links to hubs count as ``link``, too."""
    reads = int(activity.buffer_reads.sum())
    north, east, south, west = activity.link_flits.sum(axis=0).tolist()
    to_hubs = int(activity.hub_link_flits.sum())
    return {
        "buffer_write": int(activity.buffer_writes.sum()),
        "buffer_read": reads,
        "buffer_write_read": reads,
        "crossbar_switch": reads,
        "route_arbitrate": int(activity.routed_packets.sum()),
        "link": north + east + south + west + (0 if hub_links_apart else to_hubs),
        "link_ew": east + west,
        "link_ns": north + south,
        "link_hub": to_hubs,
        "packet_hop": activity.packet_hops,
    }


def energy_rows(report: EnergyReport) -> list[Row]:
    """Lines of the table that people read: the sum, its parts, and the terms that it lacks."""
    if report.total_pj is None:
        return [(f"Energy ({report.table})", "no numbers", "")]
    grades = ", ".join(sorted(set(report.evidence.values())))
    rows = [(f"Energy ({report.table}: {grades})", number_text(report.total_pj / 1e3), "nJ")]
    for label, value in (("dynamic", report.total_dynamic_pj), ("static", report.static_pj)):
        if value is not None:
            rows.append((f"Energy, {label}", number_text(value / 1e3), "nJ"))
    if report.missing:
        rows.append(("Energy terms left out", str(len(report.missing)), ", ".join(report.missing)))
    return rows
