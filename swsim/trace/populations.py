"""The populations of a trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .errors import FIELDS

__all__ = ["MAX_ID", "PopulationSlice", "check_populations", "populations_of"]

MAX_ID = 2**31 - 1
"""The highest number of a neuron."""


@dataclass(frozen=True)
class PopulationSlice:
    """A population's neurons, ``start`` (inclusive) to ``stop`` (exclusive).

    ``is_source`` says that they are spike sources and not neurons that compute. If it is not given, as in files written
    before it was known, the cell types that are called SpikeSource… are sources.
    """

    label: str
    start: int
    stop: int
    celltype: str
    is_source: bool | None = None

    def __post_init__(self) -> None:
        FIELDS.text("label of a population", self.label)
        name = f"of population {self.label!r}"
        FIELDS.text(f"celltype {name}", self.celltype)
        object.__setattr__(self, "start", FIELDS.whole(f"start {name}", self.start, 0, MAX_ID))
        object.__setattr__(self, "stop", FIELDS.whole(f"stop {name}", self.stop, self.start, MAX_ID))
        if self.is_source is None:
            object.__setattr__(self, "is_source", self._called_a_source)
        else:
            object.__setattr__(self, "is_source", FIELDS.flag(f"is_source {name}", self.is_source))

    @property
    def _called_a_source(self) -> bool:
        return self.celltype.startswith("SpikeSource")

    def to_list(self) -> list[str | int | None]:
        """The positional arguments that make an equal one; ``is_source`` only where the cell type's name misleads."""
        named = self.is_source == self._called_a_source
        return [self.label, self.start, self.stop, self.celltype, *([] if named else [self.is_source])]

    @property
    def size(self) -> int:
        """Number of neurons."""
        return self.stop - self.start


def populations_of(rows: Any) -> list[PopulationSlice]:
    """Return the populations of a header."""
    if not isinstance(rows, list):
        raise FIELDS.refuse("populations", "be a list", rows)
    for row in rows:
        if not (isinstance(row, list) and len(row) in (4, 5)):
            raise FIELDS.refuse("a population", "be a list of label, start, stop, celltype and perhaps is_source", row)
        if len(row) == 5:
            FIELDS.flag("is_source of a population", row[4])
    return [PopulationSlice(*row) for row in rows]


def check_populations(populations: Sequence[PopulationSlice], neurons: int) -> None:
    """Check that populations, if there are any, cover ``range(neurons)`` in order, without gap or overlap."""
    start = 0
    for population in populations:
        if not isinstance(population, PopulationSlice):
            raise FIELDS.refuse("populations", "be of PopulationSlice", population)
        if population.start != start:
            raise FIELDS.refuse(
                f"start of population {population.label!r}",
                f"be {start}, where the one before it stops" if start else "be 0",
                population.start,
            )
        start = population.stop
    if populations and start != neurons:
        raise FIELDS.refuse(
            f"stop of population {populations[-1].label!r}", f"be the number of neurons, {neurons}", start
        )
