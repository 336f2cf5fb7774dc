"""The technology of a chip's crossbars: energy, time and wear of the memory that holds the weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from synaptile.rtl.parameter import documented

from ..errors import ConfigError, show
from .energy_price import checked_number
from .energy_table import EnergyTable
from .presets import technology_path
from .schema import Validated, asks
from .technology_terms import CHANGES, LEAKAGES, READS, TECHNOLOGY, TECHNOLOGY_EVENTS, WRITES
from .yaml_file import read_yaml

__all__ = ["NO_TECHNOLOGY", "Technology", "parse_technology", "technology_problems"]

NO_TECHNOLOGY = "none"
"""Stands for a chip that names none."""


def _in(unit: str) -> BeforeValidator:
    return BeforeValidator(lambda value: None if value is None else checked_number(value, unit))


def _writes(value: object) -> object:
    if value is None:
        return None
    number = checked_number(value, "writes of a cell")
    if number < 1:
        raise ValueError(f"must be at least 1 write of a cell, not {show(value)}")
    return number


# Checked where the table is made, so that a message says the unit.
_Energy = Annotated[float | None, _in("pJ")]
_Nanowatts = Annotated[float | None, _in("nW")]
_Milliwatts = Annotated[float | None, _in("mW")]
_Nanoseconds = Annotated[float | None, _in("ns")]

# Terms of which a table has one or the other.
_EITHER = (
    ("cells_per_weight", "bits_per_cell"),
    ("synaptic_read", "cell_read"),
    ("weight_write", "cell_write"),
    ("cell_nw", "crossbar_mw"),
)


class Technology(Validated, frozen=True):
    """The memory that a crossbar is made of; a number that is None is not known, which reports say."""

    may_be_unset: ClassVar[bool] = True

    name: Annotated[str, Field(min_length=1)]
    description: str = ""
    cells_per_weight: Annotated[int | None, asks(TECHNOLOGY["cells_per_weight"])] = None
    bits_per_cell: Annotated[int | None, asks(TECHNOLOGY["bits_per_cell"])] = None
    synaptic_read: _Energy = None
    cell_read: _Energy = None
    row_read: _Energy = None
    weight_write: _Energy = None
    cell_write: _Energy = None
    weight_change: _Energy = None
    cell_nw: _Nanowatts = None
    crossbar_mw: _Milliwatts = None
    row_read_ns: _Nanoseconds = None
    synaptic_read_ns: _Nanoseconds = None
    weight_write_ns: _Nanoseconds = None
    endurance: Annotated[float | None, BeforeValidator(_writes)] = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        for first, second in _EITHER:
            if getattr(self, first) is not None and (number := getattr(self, second)) is not None:
                raise ValueError(f"{second}: must be left out, because {first} is given, not {show(number)}")
        return self

    @classmethod
    def named(cls, name: str) -> Self:
        """Read a built-in technology, or the file of that path; raises `ConfigError` if there is none, or is wrong."""
        if EnergyTable.is_path(name):
            return cls.from_yaml(name)
        path = technology_path(name)
        try:
            return cls(**read_yaml(path))
        except ConfigError as error:
            raise error.located(f"technology {name}") from None

    @property
    def terms(self) -> dict[str, float]:
        """The terms of `TECHNOLOGY_EVENTS` that have a number, in pJ, nW or mW."""
        return {term: number for term in TECHNOLOGY_EVENTS if (number := getattr(self, term)) is not None}

    @property
    def prices_reads(self) -> bool:
        """Whether it has the energy of reads, in place of an energy table's synaptic events."""
        return any(term in self.terms for term in READS)

    @property
    def leakage(self) -> str | None:
        """The term that leaks; None if none is known to."""
        return next((term for term in LEAKAGES if term in self.terms), None)

    @property
    def change(self) -> str | None:
        """The term that a change of a weight is charged as; None if none has a number."""
        return next((term for term in CHANGES if term in self.terms), None)

    @property
    def write(self) -> str | None:
        """The term that writing a weight is charged as; None if none has a number."""
        return next((term for term in WRITES if term in self.terms), None)

    def cells(self, weight_bits: int | None) -> int | None:
        """Return the cells that hold a weight of so many bits; None if that is not known."""
        if self.cells_per_weight is not None or self.bits_per_cell is None or weight_bits is None:
            return self.cells_per_weight
        return -(-weight_bits // self.bits_per_cell)

    def evidence(self, term: str) -> str:
        """Return the evidence grade of a term, "unstated" if the table has none."""
        given = self.provenance.get(term)
        return "unstated" if given is None else given.evidence.value


Technology.__doc__ = documented(Technology.__doc__, TECHNOLOGY, "Attributes")


def parse_technology(value: object) -> object:
    """Return the technology that a chip's key names or has; raises ``ValueError`` with the rule and the value."""
    if value is None or value == NO_TECHNOLOGY or isinstance(value, Technology):
        return None if value == NO_TECHNOLOGY else value
    if isinstance(value, str):
        try:
            return Technology.named(value)
        except ConfigError as error:
            raise ValueError("; ".join(str(error).splitlines())) from None
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return Technology(**value)
    raise ValueError(f"must be the name of a technology, a YAML file or a table, not {show(value)}")


def technology_problems(technology: Technology, energy: EnergyTable) -> Iterator[str]:
    """Yield what a technology and an energy table would both charge, a line each.

    Reads of a technology stand in place of a table's ``synaptic_event``, which it need not leave out for that; but not
    where that is a number of more than the synapse.
    """
    name = f"technology: {technology.name} has the energy of"
    if technology.prices_reads:
        if "synaptic_event" in energy.includes or "synaptic_event" in energy.covered:
            term = next(term for term in energy.includes if "synaptic_event" in (term, *energy.covered_by(term)))
            yield (
                f"{name} reads, which the all-in {term} of the energy table {energy.name} contains; "
                f"take another energy table, not {energy.name}"
            )
        elif energy.value("memory_read") is not None or "memory_read" in energy.covered:
            yield (
                f"{name} reads, which memory_read of the energy table {energy.name} contains; "
                f"take another energy table, not {energy.name}"
            )
    if technology.leakage is not None:
        both = [term for term in ("tile_mw", "chip_mw") if energy.value(term) is not None or term in energy.covered]
        if both:
            yield (
                f"{name} leakage ({technology.leakage}), which {both[0]} of the energy table {energy.name} contains; "
                f"leave out one of the two, not {energy.name}"
            )
