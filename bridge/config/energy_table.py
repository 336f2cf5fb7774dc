"""Energy tables: picojoules per event, with what an all-in number contains already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from ..errors import ConfigError, show
from .energy_price import OperatingPoint, Price, Priced, checked_price, priced
from .energy_terms import EVENTS, GROUPS, NEEDED, PER_WIDTH, TOGETHER
from .presets import energy_path
from .schema import Validated
from .yaml_file import read_yaml

__all__ = ["EnergyTable"]


def _includes(value: object) -> object:
    if not isinstance(value, Mapping):
        raise ValueError(f"must map a term to the terms or groups that it includes, not {show(value)}")
    known = [*EVENTS, *GROUPS]
    for term, covered in value.items():
        if term not in EVENTS:
            raise ValueError(f"{show(term)} is no term; the terms are {', '.join(EVENTS)}")
        if isinstance(covered, str) or not isinstance(covered, list | tuple):
            raise ValueError(f"{term} must have a list of terms or groups, not {show(covered)}")
        for name in covered:
            if name not in known:
                raise ValueError(f"{term} includes {show(name)}, which is none of {', '.join(known)}")
    return {term: tuple(covered) for term, covered in value.items()}


# Checked where the table is made, so that a message says what it must be.
_Energy = Annotated[Any, BeforeValidator(lambda value: checked_price(value, "pJ"))]
_Power = Annotated[Any, BeforeValidator(lambda value: checked_price(value, "mW"))]


# Two terms of which a table has both or none.
_PAIRS = (("link_ew", "link_ns"), ("route", "select"), ("neuron_active", "neuron_idle"))


class EnergyTable(Validated, frozen=True):
    """Energy per event in pJ (`EVENTS` says which event), leakage in mW.

    A term that is left out is not zero but unknown: reports list it as missing. ``includes`` names the terms that
    another term's number already contains ("all-in" figures): a table that gives both is refused, so that nothing is
    counted twice. Some terms are parts of another: a table has either that or them.

    A number may be given by the depth of the routers' queues or by the routing, as
    ``{by_depth: {"4": 0.8, "8": 1.0}}`` and ``{by_routing: {xy: 0.06, dyad: 0.07}}``, see `at`. A plain one may have a
    ``deviation`` beside its source, which is its standard deviation in the same unit.

    Attributes
    ----------
    name, description
        What the table is, for reports.
    flit_bits
        Width in bits of the flits that its numbers are for.
    flit_scaling
        ``"linear"`` if what is per flit, and the leakage of queues and switches, is in proportion to its width;
        ``"none"`` if the numbers are charged as they are for other widths, too, which reports then say.
    includes
        Term to the terms or `GROUPS` that its number contains, such as ``{synaptic_event: [routing, leakage]}``.
    buffer_write, buffer_read, buffer_write_read, crossbar_switch, route, select, route_arbitrate
        pJ per event in a router, not negative. ``buffer_write_read`` replaces the two before it, and so does
        ``route_arbitrate``.
    packet
        pJ per packet that a tile sends.
    link, link_ew, link_ns, link_hub, packet_hop
        pJ per event between routers. ``link_ew`` and ``link_ns`` come together and replace ``link``. The links between
        hubs and the routers above them are charged as ``link`` if ``link_hub`` is left out.
    synaptic_event, neuron_update, neuron_active, neuron_idle, spike, memory_read, memory_write
        pJ per event in a tile. ``neuron_active`` and ``neuron_idle`` come together and replace ``neuron_update``.
    static_mw, queue_mw, switch_mw, route_mw, select_mw, tile_mw, chip_mw
        mW per router, or per queue of a router and for the rest of it; per tile; of the whole chip.
    """

    may_be_unset: ClassVar[bool] = True
    may_deviate: ClassVar[bool] = True

    name: Annotated[str, Field(min_length=1)]
    description: str = ""
    flit_bits: Annotated[int, Field(ge=1, le=65536)] = 32
    flit_scaling: Literal["none", "linear"] = "none"
    includes: Annotated[dict[str, tuple[str, ...]], BeforeValidator(_includes)] = Field(default_factory=dict)
    buffer_write: _Energy = None
    buffer_read: _Energy = None
    buffer_write_read: _Energy = None
    crossbar_switch: _Energy = None
    route: _Energy = None
    select: _Energy = None
    route_arbitrate: _Energy = None
    link: _Energy = None
    link_ew: _Energy = None
    link_ns: _Energy = None
    link_hub: _Energy = None
    packet: _Energy = None
    packet_hop: _Energy = None
    synaptic_event: _Energy = None
    neuron_update: _Energy = None
    neuron_active: _Energy = None
    neuron_idle: _Energy = None
    spike: _Energy = None
    memory_read: _Energy = None
    memory_write: _Energy = None
    static_mw: _Power = None
    queue_mw: _Power = None
    switch_mw: _Power = None
    route_mw: _Power = None
    select_mw: _Power = None
    tile_mw: _Power = None
    chip_mw: _Power = None

    @model_validator(mode="after")
    def _nothing_twice(self) -> Self:
        for term in self.includes:
            if self.value(term) is None:
                raise ValueError(f"includes: {term} must have a number of its own, or not be in includes")
            for covered in self.covered_by(term):
                if covered != term and (number := self.value(covered)) is not None:
                    raise ValueError(
                        f"{covered}: must be left out, because {term} already includes it, not {show(number)}"
                    )
        for whole, parts in TOGETHER:
            for part in parts:
                if self.value(whole) is not None and (number := self.value(part)) is not None:
                    raise ValueError(f"{part}: must be left out, because {whole} is given, not {show(number)}")
        for pair in _PAIRS:
            given = [term for term in pair if self.value(term) is not None]
            if len(given) == 1:
                (other,) = set(pair) - set(given)
                raise ValueError(f"{other}: must be given, because {given[0]} is")
        return self

    @staticmethod
    def is_path(text: str) -> bool:
        """Tell whether a configuration's ``energy`` names a file rather than a built-in table."""
        return text.endswith((".yaml", ".yml"))

    @classmethod
    def named(cls, name: str) -> Self:
        """Read a built-in table, or the file of that path; raises `ConfigError` if there is none, or it is wrong."""
        if cls.is_path(name):
            return cls.from_yaml(name)
        path = energy_path(name)
        try:
            return cls(**read_yaml(path))
        except ConfigError as error:
            raise error.located(f"energy table {name}") from None

    def value(self, term: str) -> Price | None:
        """Return the number of a term of `EVENTS`, or its numbers; None if it is not given."""
        number: Price | None = getattr(self, term)
        return number

    def at(self, point: OperatingPoint) -> dict[str, Priced]:
        """Return the number of every term that is given, at an operating point.

        By depth, it is on the line between the numbers of the depths around the chip's, and unknown outside them; by
        routing, unknown for one that is not named.
        """
        factor = 1.0 if self.flit_scaling == "none" else point.flit_bits / self.flit_bits
        return {
            term: self._at(term, price, point, factor if term in PER_WIDTH else 1) for term, price in self.terms.items()
        }

    def _at(self, term: str, price: Price, point: OperatingPoint, factor: float) -> Priced:
        one, spread = priced(price, point), self.deviation(term)
        return Priced(
            None if one.number is None else one.number * factor, one.note, None if spread is None else spread * factor
        )

    def of_other_flits(self, point: OperatingPoint) -> bool:
        """Tell whether numbers are for flits of another width than the chip's, and are charged as they are."""
        return self.flit_scaling == "none" and self.flit_bits != point.flit_bits and bool(self.terms.keys() & PER_WIDTH)

    def deviation(self, term: str) -> float | None:
        """Return the standard deviation of a term's number, as its source gives it."""
        given = self.provenance.get(term)
        return None if given is None else given.deviation

    @property
    def terms(self) -> dict[str, Price]:
        """The terms that have a number."""
        return {term: number for term in EVENTS if (number := self.value(term)) is not None}

    @property
    def covered(self) -> frozenset[str]:
        """Terms whose energy another term's number contains."""
        return frozenset(name for term in self.includes for name in self.covered_by(term) if name != term)

    @property
    def missing(self) -> tuple[str, ...]:
        """Terms that are neither given nor contained in another: any total lacks them."""
        have = self.covered | self.terms.keys()
        return tuple(line[0] for line in NEEDED if not have & set(line))

    def evidence(self, term: str) -> str:
        """Return the evidence grade of a term, "unstated" if the table has none."""
        given = self.provenance.get(term)
        return "unstated" if given is None else given.evidence.value

    def covered_by(self, term: str) -> list[str]:
        """Return the terms whose energy the number of a term of ``includes`` contains."""
        return [name for group in self.includes[term] for name in GROUPS.get(group, (group,))]
