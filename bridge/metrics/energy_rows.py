"""The lines of a run's energy and time in the table that people read."""

from __future__ import annotations

from collections.abc import Mapping

from ..config.energy_terms import WORDS
from ..config.technology_terms import TECHNOLOGY_WORDS
from ..si_text import PICO, ratio_text, si_text
from .energy import EnergyReport
from .metric import Row

__all__ = ["by_reason", "energy_rows", "speed_row", "without"]


def energy_rows(report: EnergyReport) -> list[Row]:
    """Return the sum, its parts, what it is per event, what it lacks, and how its numbers were made to fit."""
    return _energy_rows(report) + ([] if report.crossbar is None else report.crossbar.rows())


def _energy_rows(report: EnergyReport) -> list[Row]:
    if report.total_pj is None:
        return [(f"Energy ({report.table})", "no numbers", "")]
    grades = ", ".join(sorted({report.evidence[term] for term in report.numbers}))
    terms = {**report.dynamic_pj, **report.leakage_pj}
    rows = [_row(f"Energy ({report.table}: {grades})", report.total_pj, report.deviation_of(terms))]
    for label, value, parts in (
        ("Energy, dynamic", report.total_dynamic_pj, report.dynamic_pj),
        ("Energy, leakage", report.static_pj, report.leakage_pj),
    ):
        if value is not None:
            rows.append(_row(label, value, report.deviation_of(parts)))
    rows += [("Not in this energy", str(len(terms)), f"{', '.join(terms)}: {why}") for why, terms in without(report)]
    rows += [("Energy, note", "", note) for note in report.notes]
    if report.power_w is not None:
        rows.append(("Mean power in chip time", *si_text(report.power_w, "W")))
    if report.static_at_real_time_pj is not None:
        number, unit = si_text(report.static_at_real_time_pj * PICO, "J")
        rows.append(("Leakage at real time", number, f"{unit}, not in this energy"))
    counts = (
        ("synaptic event", report.work.synaptic_events),
        ("spike", report.work.spikes),
        ("step", report.time.steps),
        ("inference", report.time.inferences),
    )
    for what, count in counts:
        if count is not None:
            one = report.per(count)
            rows.append((f"Energy per {what}", "–", f"no {what}s") if one is None else _row(f"Energy per {what}", one))
    return rows


def without(report: EnergyReport) -> list[tuple[str, list[str]]]:
    """Return what the total lacks: each reason, and what is lacking for it in words."""
    return by_reason(report.not_in_total)


def by_reason(terms: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Return each reason, and in words the terms that it is given for."""
    found: dict[str, list[str]] = {}
    for term, reason in terms.items():
        found.setdefault(reason, []).append({**WORDS, **TECHNOLOGY_WORDS}[term])
    return list(found.items())


def _row(label: str, picojoules: float, deviation: float | None = None) -> Row:
    spread = None if deviation is None else deviation * PICO
    return (label, *si_text(picojoules * PICO, "J", deviation=spread))


def speed_row(speedup: float | None) -> Row:
    """Return how the chip's time compares with that of its network."""
    label = "Chip, against real time"
    if speedup is None:
        return label, "–", "× faster"
    if ratio_text(speedup) == "1":
        return label, "1", "× as fast"
    if speedup >= 1:
        return label, ratio_text(speedup), "× faster"
    return label, ratio_text(1 / speedup), "× slower"
