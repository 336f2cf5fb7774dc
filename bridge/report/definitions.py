"""Meaning of the numbers of a report, in a sentence each; ``docs/metrics.md`` has the formulas."""

from __future__ import annotations

from ..metrics.metric import MetricTable
from ..metrics.on_chip import OnChipMetrics

__all__ = ["EVIDENCE", "definitions"]

_GENERAL: tuple[tuple[str, str], ...] = (
    ("Step, cycle", "Step k of the network is the clock cycles k·C to (k+1)·C - 1, with C the cycles per step."),
    (
        "Packet",
        "One for every spike and every other tile that listens to the neuron. Spikes within a tile need none. A packet "
        "is a head flit and, if it has more than one flit, body flits.",
    ),
)


_ON_CHIP: tuple[tuple[str, str], ...] = (
    ("Step, cycle", "Step k of the network is tick k of the chip, which takes as many clock cycles as its line says."),
    (
        "Packet",
        "One for every spike and every axon that it goes to, those on its own tile included: an axon for each neuron "
        "and delay on each tile that listens. Its latency begins when its tile offers it to the network.",
    ),
)


def definitions(metrics: MetricTable) -> list[tuple[str, str]]:
    """Terms that every report uses, then those of the metrics, each with its meaning."""
    return [*(_ON_CHIP if isinstance(metrics, OnChipMetrics) else _GENERAL), *metrics.glossary()]


EVIDENCE: tuple[tuple[str, str], ...] = (
    ("measured", "on silicon"),
    ("fitted", "fitted to measurements on silicon"),
    ("pre-silicon", "simulated on the real design before it was made"),
    ("recreation", "from another group's re-implementation"),
    ("paper-card", "assumed by a co-simulation paper"),
    ("simulator", "the default of another simulator or energy model"),
    ("chosen", "our own choice or the user's; says nothing about any chip"),
    ("unset", "no trustworthy number exists; left out and reported as missing"),
    ("unstated", "the configuration gives no source"),
)
"""Evidence grade and meaning."""
