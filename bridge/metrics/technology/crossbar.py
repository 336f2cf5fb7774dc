"""The crossbars of a chip with a network in them, and what their technology charges for a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...config.technology import Technology
from ...config.technology_terms import CELLS, READS
from ..core_work import CoreWork
from .programming import Programming

__all__ = ["Charge", "Crossbar"]

_NO_NUMBER = "no number in the technology"
_NO_CELLS = "the cells of a weight are not known"


@dataclass(frozen=True)
class Charge:
    """A term of a technology, and how often it is charged.

    Attributes
    ----------
    term
        Key of `synaptile.bridge.config.technology_terms.TECHNOLOGY_EVENTS`.
    number
        pJ, nW or mW; None if the technology has none.
    count
        How often it happened, or how many leak; None if that is not known.
    why
        Why it cannot be charged, if it cannot.
    """

    term: str
    number: float | None
    count: int | None
    why: str = ""


@dataclass(frozen=True)
class Crossbar:
    """The crossbars of a chip, with the weights of a network.

    Attributes
    ----------
    technology
        What they are made of.
    cells_per_weight
        Memory cells that hold a weight; None if that is not known.
    tiles, crosspoints
        Crossbars, and the weights that all of them have room for.
    weights, most_weights
        Weights of the network in all crossbars, and in that with the most.
    changes, most_changes
        Times that plasticity wrote a weight, over all weights and of the one with the most; None where it is not known
        which synapses are plastic.
    """

    technology: Technology
    cells_per_weight: int | None
    tiles: int
    crosspoints: int
    weights: int
    most_weights: int
    changes: int | None
    most_changes: int | None

    def charges(self, work: CoreWork) -> Iterator[Charge]:
        """Yield what is charged in a run, and what happened and cannot be.

        Reads only if the technology has a number for any: else they are the energy table's.
        """
        if self.technology.prices_reads:
            read = "synaptic_read" if "synaptic_read" in self.technology.terms else "cell_read"
            yield self._charge(read, work.synaptic_events)
            yield self._charge("row_read", work.row_reads)
        yield self._charge(self.technology.change or "weight_change", self.changes)
        leakage = self.technology.leakage or "cell_nw"
        yield self._charge(leakage, self.tiles if leakage == "crossbar_mw" else self.crosspoints)

    def _charge(self, term: str, count: int | None) -> Charge:
        """Return the charge of a term for so many weights, rows or crossbars."""
        number = self.technology.terms.get(term)
        if count is None:
            why = "which rows were read is not known" if term in READS else "which synapses are plastic is not known"
            return Charge(term, number, None, why)
        if number is None:
            return Charge(term, None, count, _NO_NUMBER)
        if term not in CELLS or not count:
            return Charge(term, number, count)
        if self.cells_per_weight is None:
            return Charge(term, number, None, _NO_CELLS)
        return Charge(term, number, count * self.cells_per_weight)

    def programming(self) -> Programming:
        """Return what it takes to write all weights once, and how worn the cells are after the run."""
        technology, cells = self.technology, self.cells_per_weight
        term, write = technology.write, technology.weight_write_ns
        each = 1 if term == "weight_write" else cells
        changes = self.most_changes
        return Programming(
            technology=technology.name,
            weights=self.weights,
            cells_per_weight=cells,
            energy_pj=None if term is None or each is None else self.weights * each * technology.terms[term],
            lacking="" if term and each else _NO_CELLS if term else _NO_NUMBER,
            seconds=None if write is None else self.most_weights * write * 1e-9,
            changes=self.changes,
            writes_per_cell=None if changes is None else (changes + 1 if self.weights else 0),
            endurance=technology.endurance,
            evidence=technology.evidence(term) if term else "unset",
        )
