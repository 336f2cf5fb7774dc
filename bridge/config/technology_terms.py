"""What a table of a crossbar's technology has numbers for: the keys of its file, and what each is charged for."""

from __future__ import annotations

from collections.abc import Iterator

from synaptile.rtl.parameter import Parameter

__all__ = ["CELLS", "CHANGES", "LEAKAGES", "READS", "TECHNOLOGY", "TECHNOLOGY_EVENTS", "TECHNOLOGY_WORDS", "WRITES"]

_UNKNOWN = "not known"


def _numbers(unit: str, *lines: tuple[str, str, str]) -> Iterator[Parameter]:
    for name, help_, detail in lines:
        yield Parameter(
            name=name,
            type=float,
            default=None,
            default_text=_UNKNOWN,
            values=f"0 or more {unit}",
            unit=unit,
            option=False,
            help=help_,
            detail=detail,
        )


TECHNOLOGY: dict[str, Parameter] = {
    item.name: item
    for item in (
        Parameter(name="name", type=str, values="text", option=False, help="what reports call the technology"),
        Parameter(
            name="description", type=str, default="", values="text", option=False, help="a line about the technology"
        ),
        Parameter(
            name="cells_per_weight",
            default=None,
            default_text=_UNKNOWN,
            low=1,
            high=1024,
            unit="cells",
            option=False,
            help="memory cells that hold a weight",
        ),
        Parameter(
            name="bits_per_cell",
            default=None,
            default_text=_UNKNOWN,
            low=1,
            high=32,
            unit="bits",
            option=False,
            help="bits that a cell holds",
            detail="In place of `cells_per_weight`: a weight is in as many cells as the chip's `weight_bits` need.",
        ),
        *_numbers(
            "pJ",
            ("synaptic_read", "energy to read a weight for a spike at a synapse", "All of its cells."),
            ("cell_read", "energy to read a cell", "In place of `synaptic_read`: for each cell of the weight."),
            (
                "row_read",
                "energy to read a row of a crossbar, besides that of its weights",
                "Once for each spike on each tile that it comes to.",
            ),
            ("weight_write", "energy to write a weight", "All of its cells."),
            ("cell_write", "energy to write a cell", "In place of `weight_write`: for each cell of the weight."),
            (
                "weight_change",
                "energy of a change of a weight by plasticity",
                "Left out, it is that of writing the weight.",
            ),
        ),
        *_numbers("nW", ("cell_nw", "leakage of a cell, all the time", "Of every cell of every crossbar.")),
        *_numbers(
            "mW", ("crossbar_mw", "leakage of a tile's crossbar, all the time", "In place of `cell_nw`, of all tiles.")
        ),
        *_numbers(
            "ns",
            ("row_read_ns", "time that a tile takes to read a row", "For each spike that comes to the tile."),
            ("synaptic_read_ns", "time that a tile takes to read a weight", "For each spike at a synapse."),
            ("weight_write_ns", "time that a tile takes to write a weight", "One after the other; tiles side by side."),
        ),
        Parameter(
            name="endurance",
            type=float,
            default=None,
            default_text=_UNKNOWN,
            values="1 or more writes",
            unit="writes of a cell",
            option=False,
            help="writes after which a cell is worn out",
        ),
    )
}
"""The keys of a technology; a number that is left out is not known."""

READS = ("synaptic_read", "cell_read", "row_read")
"""The terms that are charged for spikes."""

WRITES = ("weight_write", "cell_write")
"""The terms for writing a weight: the weight as a whole, or each of its cells."""

CHANGES = ("weight_change", *WRITES)
"""The terms that a change of a weight is charged as: the first that has a number."""

LEAKAGES = ("cell_nw", "crossbar_mw")
"""The terms that are powers."""

CELLS = ("cell_read", "cell_write", "cell_nw")
"""The terms that are of a cell."""

TECHNOLOGY_EVENTS: dict[str, str] = {
    "synaptic_read": "weight read in a crossbar, once per spike and synapse",
    "cell_read": "memory cell read in a crossbar, once per spike, synapse and cell of its weight",
    "row_read": "row of a crossbar read, once per spike and tile",
    "weight_write": "weight written in a crossbar by plasticity",
    "cell_write": "memory cell written in a crossbar by plasticity",
    "weight_change": "weight changed in a crossbar by plasticity",
    "cell_nw": "leakage of a memory cell of a crossbar, all the time",
    "crossbar_mw": "leakage of a tile's crossbar, all the time",
}
"""The terms that are charged in a run, and the event of each."""

TECHNOLOGY_WORDS: dict[str, str] = {
    "synaptic_read": "reads of weights",
    "cell_read": "reads of cells",
    "row_read": "reads of rows",
    "weight_write": "writes of weights",
    "cell_write": "writes of cells",
    "weight_change": "changes of weights",
    "cell_nw": "leakage of crossbars",
    "crossbar_mw": "leakage of crossbars",
}
"""The same as a person reads them."""
