"""What the report takes of a run."""

from __future__ import annotations

from typing import Protocol

from ..mapping import MappingReport
from ..plots.run_data import PlottedRun

__all__ = ["ReportedRun"]


class ReportedRun(PlottedRun, Protocol):
    """What the page takes of a `ChipRun`, which stands above the report, for it writes one with its files."""

    @property
    def mapping_report(self) -> MappingReport:
        """How the network was partitioned and placed."""
        ...

    @property
    def engine(self) -> str:
        """The engine that ran the chip."""
        ...

    @property
    def mode(self) -> str:
        """``replay``, ``lock-step`` or ``on-chip``."""
        ...

    @property
    def seed(self) -> int:
        """Seed of the mapping."""
        ...

    def conversion_rows(self) -> list[tuple[str, str, str]]:
        """What became of the network on the chip, in rows of (label, value, unit)."""
        ...
