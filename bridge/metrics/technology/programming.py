"""Writing the weights of a network into crossbars, and how far that wears their cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from ...si_text import PICO, si_text
from ..metric import Row

__all__ = ["Programming"]


@dataclass(frozen=True)
class Programming:
    """What it takes to write all weights once, which no energy of a run has in it, and the writes until its end.

    Attributes
    ----------
    technology
        Name of the technology.
    weights, cells_per_weight
        Weights that are written, and the cells of each; None if that is not known.
    energy_pj
        Energy in pJ of writing every weight once; None if the technology has no number for it.
    lacking
        Why there is none.
    seconds
        Time in s that it takes, a tile's weights one after the other and all tiles side by side; None if not known.
    changes
        Times that plasticity wrote a weight in the run; None if that is not known.
    writes_per_cell
        Most writes of any cell, programming included; None if that is not known.
    endurance
        Writes after which a cell is worn out; None if that is not known.
    evidence
        Evidence grade of the energy.
    """

    technology: str
    weights: int
    cells_per_weight: int | None
    energy_pj: float | None
    lacking: str
    seconds: float | None
    changes: int | None
    writes_per_cell: int | None
    endurance: float | None
    evidence: str

    @property
    def worn_out(self) -> bool | None:
        """Whether a cell was written more often than it endures; None if that is not known."""
        if self.writes_per_cell is None or self.endurance is None:
            return None
        return self.writes_per_cell > self.endurance

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return {**asdict(self), "worn_out": self.worn_out}

    def rows(self) -> list[Row]:
        """Rows of (what, value, unit)."""
        return list(self._rows())

    def _rows(self) -> Iterator[Row]:
        label = f"Programming ({self.technology}: {self.evidence})"
        if self.energy_pj is None:
            yield label, "–", f"{self.weights:,} weights: {self.lacking}"
        else:
            number, unit = si_text(self.energy_pj * PICO, "J")
            yield label, number, f"{unit}, {self.weights:,} weights once, not in this energy"
        if self.seconds is not None:
            yield ("Programming, time", *si_text(self.seconds, "s"))
        if self.changes is None:
            yield "Writes by plasticity", "–", "not known: the trace does not say which synapses are plastic"
        else:
            yield "Writes by plasticity", f"{self.changes:,}", "weights"
        if self.writes_per_cell is None:
            yield "Writes of a cell, most", "–", "not known, as those by plasticity"
        elif self.endurance is None:
            yield "Writes of a cell, most", f"{self.writes_per_cell:,}", "endurance is not known"
        elif self.worn_out:
            yield "Writes of a cell, most", f"{self.writes_per_cell:,}", f"WORN OUT: it endures {self.endurance:,.0f}"
        else:
            yield "Writes of a cell, most", f"{self.writes_per_cell:,}", f"of the {self.endurance:,.0f} that it endures"
