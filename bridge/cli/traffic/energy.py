"""The energy of synthetic traffic in tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...si_text import PICO, si_text

if TYPE_CHECKING:
    from ...traffic.energy import TrafficEnergy

__all__ = ["energy_rows", "energy_text", "lacking_rows"]

Row = tuple[str, str, str]


def energy_text(energy: TrafficEnergy | None) -> str:
    """Return the energy of a packet delivered, with its unit; – if it is not known."""
    return " ".join(_quantity(None if energy is None else energy.per_packet_pj)).rstrip()


def energy_rows(energy: TrafficEnergy) -> list[Row]:
    """Return the rows of (what, value, unit) of a single measurement."""
    return [
        (f"energy per packet delivered ({energy.table})", *_quantity(energy.per_packet_pj)),
        ("energy per flit delivered", *_quantity(energy.per_flit_pj)),
        ("energy per flit, dynamic", *_quantity(energy.dynamic_per_flit_pj)),
        ("energy per flit, leakage", *_quantity(energy.leakage_per_flit_pj)),
        *lacking_rows(energy),
    ]


def lacking_rows(energy: TrafficEnergy) -> list[Row]:
    """Return what happened and is in no energy, and how numbers were made to fit the chip."""
    from ...metrics.energy_rows import by_reason

    lacking = by_reason(energy.not_in_total)
    rows = [("not in this energy", str(len(words)), f"{', '.join(words)}: {why}") for why, words in lacking]
    return [*rows, *(("energy, note", "", note) for note in energy.notes)]


def _quantity(picojoules: float | None) -> tuple[str, str]:
    return ("–", "") if picojoules is None else si_text(picojoules * PICO, "J")
