"""The tables of a report, as plain rows of text."""

from __future__ import annotations

import json
import math
from typing import Any, NamedTuple

from ..comparison.changes import Changes
from ..config import ChipConfig
from ..config.energy_table import EnergyTable
from ..config.energy_terms import EVENTS, LEAKAGE, unit_of
from ..config.parameters import units
from ..config.schema import Validated
from ..config.technology import Technology
from ..config.technology_terms import LEAKAGES, TECHNOLOGY, TECHNOLOGY_EVENTS
from ..si_text import PICO, si_text
from .reported_run import ReportedRun

__all__ = [
    "ChangesRow",
    "EnergyRow",
    "PopulationRow",
    "Setting",
    "changes",
    "configuration",
    "energy",
    "hot_spots",
    "mapping",
    "missing_energy",
    "populations",
    "provenance_of_run",
    "scores",
    "worst_connections",
    "worst_pairs",
]

_UNITS = units()
_ELSEWHERE = ("name", "description", "energy", "not_modelled")  # the page's head, and tables of their own


class Setting(NamedTuple):
    """One key of the configuration, and what stands behind its value."""

    key: str
    value: str
    unit: str
    source: str
    evidence: str


def configuration(config: ChipConfig) -> list[Setting]:
    """Every key of the chip's configuration but the energy table's."""
    stated = config.provenance
    rows = []
    for key, value in _flat(config, ""):
        given = stated.get(key)
        if value is None and given is None:
            continue
        source, evidence = (given.source, given.evidence.value) if given else ("–", "unstated")
        rows.append(Setting(key, _value(value), _UNITS.get(key, ""), source, evidence))
    return rows


def _flat(block: Validated, prefix: str) -> list[tuple[str, Any]]:
    out: list[tuple[str, Any]] = []
    for key in type(block).model_fields:
        value = getattr(block, key)
        if value == () or (not prefix and key in _ELSEWHERE):
            continue
        if isinstance(value, Validated):
            out += _flat(value, f"{prefix}{key}.")
        else:
            out.append((f"{prefix}{key}", value))
    return out


def _value(value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, tuple):
        if isinstance(value[0], str):
            return ", ".join(value)
        return " × ".join(_value(item) for item in value)
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


class EnergyRow(NamedTuple):
    """One term of the energy table, and what it came to."""

    event: str
    term: str
    number: str
    times: str
    spent: str
    source: str
    evidence: str


_ALL_EVENTS = {**EVENTS, **TECHNOLOGY_EVENTS}


def energy(run: ReportedRun) -> list[EnergyRow]:
    """Every term that the run's energy table and technology have; – where it was not charged."""
    tables: list[EnergyTable | Technology] = [run.config.energy]
    if run.config.technology is not None:
        tables.append(run.config.technology)
    return [row for table in tables for row in _energy(run, table)]


def _energy(run: ReportedRun, table: EnergyTable | Technology) -> list[EnergyRow]:
    report = run.metrics.energy
    spent = {**report.dynamic_pj, **report.leakage_pj}
    rows = []
    for term in table.terms:
        given = table.provenance.get(term)
        unit = TECHNOLOGY[term].unit if term in TECHNOLOGY else unit_of(term)
        number, deviation = report.numbers.get(term), report.deviation_pj.get(term)
        times = f"{report.events[term]:,}" if term in report.events else "–"
        if term in (*LEAKAGE, *LEAKAGES) and term in report.events:
            times = f"{times} in {' '.join(si_text(report.time.chip_s, 's'))}"
        energy = None if term not in spent else spent[term] * PICO
        rows.append(
            EnergyRow(
                _ALL_EVENTS[term],
                term,
                "–" if number is None else f"{number:g} {unit}",
                times,
                "–"
                if energy is None
                else " ".join(si_text(energy, "J", deviation=None if deviation is None else deviation * PICO)),
                given.source if given else "–",
                table.evidence(term),
            )
        )
    return rows


def missing_energy(run: ReportedRun) -> list[tuple[str, str, str]]:
    """(term, event, why) of everything that happened in the run and is not in its energy."""
    return [(term, _ALL_EVENTS[term], why) for term, why in run.metrics.energy.not_in_total.items()]


class ChangesRow(NamedTuple):
    """What the chip changed in one population."""

    label: str
    spikes: str
    lost: str
    new: str
    moved: str
    shift: str
    rate: str
    variation: str
    correlation: str
    victor_purpura: str
    van_rossum: str


def changes(found: Changes) -> list[ChangesRow]:
    """Every population; where there are two numbers, that of the reference and that of the run."""
    rows = []
    for p in found.comparison.populations:
        shift = "–" if math.isnan(p.shift_ms) else f"{p.shift_ms:+.3g} (≤ {p.most_shift_ms:.3g})"
        rows.append(
            ChangesRow(
                p.label,
                f"{p.reference_spikes:,} → {p.run_spikes:,}",
                f"{p.lost:,}",
                f"{p.new:,}",
                f"{p.moved:,}",
                shift,
                f"{p.reference_rate_hz:.4g} → {p.run_rate_hz:.4g}",
                f"{_figure(p.reference_cv)} → {_figure(p.run_cv)}",
                _figure(p.correlation),
                _figure(p.victor_purpura),
                _figure(p.van_rossum),
            )
        )
    return rows


def scores(found: Changes) -> list[tuple[str, str, str]]:
    """Rows of (name, score of the reference, score of the run)."""
    names = dict.fromkeys([*found.reference_scores, *found.scores])
    return [
        (name, _figure(found.reference_scores.get(name, math.nan)), _figure(found.scores.get(name, math.nan)))
        for name in names
    ]


def _figure(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.4g}"


class PopulationRow(NamedTuple):
    """One population and what it did."""

    label: str
    celltype: str
    neurons: str
    spikes: str
    rate: str
    tiles: str


def populations(run: ReportedRun) -> list[PopulationRow]:
    """Every population of the network."""
    counts = run.trace.spike_counts()
    seconds = run.trace.steps * run.trace.dt / 1000
    rows = []
    for p in run.trace.populations:
        spikes = int(counts[p.start : p.stop].sum())
        rate = f"{spikes / p.size / seconds:,.3g}" if p.size and seconds else "–"
        on_tiles = run.mapping.tile[p.start : p.stop][run.mapping.inside[p.start : p.stop]]
        tiles = f"{len(set(on_tiles.tolist())):,}" if len(on_tiles) or not p.size else "the host"
        rows.append(PopulationRow(p.label, p.celltype, f"{p.size:,}", f"{spikes:,}", rate, tiles))
    return rows


def mapping(run: ReportedRun) -> list[tuple[str, str, str]]:
    """Rows of (what, value, remark) on how the network was partitioned and placed."""
    report, crossbar = run.mapping_report, run.config.crossbar
    partition, placement = report.partition, report.placement
    unit = "packets" if report.spikes_known else "packets, one spike per neuron assumed"
    rows = [
        ("Tiles used", f"{report.tiles_used:,} of {report.tiles:,}", ""),
        ("Neurons on the fullest tile", f"{report.most_neurons:,} of {crossbar.neurons:,}", ""),
        ("Axons of the busiest tile", f"{report.most_axons:,} of {crossbar.axons:,}", "distinct neurons it listens to"),
    ]
    for method, cost in partition.costs.items():
        chosen = "taken" if method == partition.method else ""
        rows.append((f"Partition, {method}", f"{cost:,} {unit}", chosen))
    rows += [(f"Partition, {method}", "found none that fits", why) for method, why in partition.failures.items()]
    rows.append((f"Placement, {placement.method}", f"{placement.cost:,} packet hops", "taken"))
    if placement.method != "in-order":
        rows.append(("Placement, in-order", f"{placement.in_order_cost:,} packet hops", "for comparison"))
    return rows


def provenance_of_run(run: ReportedRun, versions: dict[str, str]) -> list[tuple[str, str]]:
    """Rows of (what, value) that are needed to repeat the run."""
    trace = run.trace
    how = {
        "replay": "replay (the spikes were given)",
        "lock-step": "lock-step (the network felt the chip's delays)",
        "on-chip": "on-chip (the neurons were those of the chip's cores)",
    }
    rows = [
        ("Mode", how.get(run.mode, run.mode)),
        ("Engine", run.engine),
        ("Seed of the mapping", str(run.seed)),
        ("Network", f"{trace.neurons:,} neurons, {trace.synapses:,} synapses"),
        ("Simulated", f"{trace.steps:,} steps of {trace.dt:g} ms, {run.activity.cycles:,} clock cycles"),
    ]
    rows += [(f"Network: {key}", _meta(value)) for key, value in trace.meta.items()]
    rows.append(
        ("Versions", " · ".join(f"{package}\N{NO-BREAK SPACE}{version}" for package, version in versions.items()))
    )
    return rows


def _meta(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else text[:299] + "…"


Waits = tuple[str, str, str, str, str, str, str]
"""From, to, packets, late packets, mean and highest latency, and mean wait at the source."""


def worst_connections(run: ReportedRun) -> list[Waits]:
    """The connections from a neuron to a tile with the most late packets, then the highest mean latency."""
    return [
        (
            f"neuron {one['index']}" + ("" if one["population"] is None else f" of {one['population']}"),
            "tile ({},{})".format(*one["to_tile"]),
            *_waits(one),
        )
        for one in run.metrics.congestion.worst_connections
    ]


def worst_pairs(run: ReportedRun) -> list[Waits]:
    """The same of pairs of populations."""
    return [(one["from"], one["to"], *_waits(one)) for one in run.metrics.congestion.worst_pairs]


def _waits(one: dict[str, Any]) -> tuple[str, str, str, str, str]:
    return (
        f"{one['packets']:,}",
        f"{one['late_packets']:,}",
        f"{one['latency_mean']:,.1f}",
        f"{one['latency_max']:,}",
        f"{one['source_wait_mean']:,.1f}",
    )


def hot_spots(run: ReportedRun) -> list[tuple[str, str, str, str]]:
    """Rows of (output, flits per cycle over the run, most in any window, when that was)."""
    return [
        (
            spot.name,
            f"{spot.mean:.3g}",
            "–" if spot.peak is None else f"{spot.peak:.3g}",
            "–" if spot.begin is None else f"cycles {spot.begin:,} to {(spot.end or 1) - 1:,}",
        )
        for spot in run.metrics.congestion.hot_spots
    ]
