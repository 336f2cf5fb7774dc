"""Energy tables: picojoules per event, with what an all-in number contains already.

A table's numbers are per flit of 32 bits where the event is a flit. Flits of another width are charged the same: how
energy scales with width differs between buffers, switches and wires, and no published table says it for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from ..errors import ConfigError, show
from .presets import energy_path
from .schema import Validated
from .yaml_file import read_yaml

__all__ = ["EVENTS", "GROUPS", "EnergyTable"]

EVENTS: dict[str, str] = {
    "buffer_write": "flit written into an input queue",
    "buffer_read": "flit read out of an input queue",
    "buffer_write_read": "flit written into and read out of an input queue, given as one number",
    "crossbar_switch": "flit across a router's switch",
    "route_arbitrate": "head routed and arbitrated, once per packet and router",
    "link": "flit over a link between neighbours",
    "link_ew": "flit over a link to the east or west",
    "link_ns": "flit over a link to the north or south",
    "link_hub": "flit between a hub and the router above it",
    "packet_hop": "packet over a link between neighbours, whatever its flits",
    "synaptic_event": "spike arriving at one synapse",
    "neuron_update": "one neuron in one step",
    "spike": "spike fired",
    "static_mw": "static power of a router (mW), all the time",
}
"""The terms of a table and the event that each is charged for."""

GROUPS: dict[str, tuple[str, ...]] = {
    "router": ("buffer_write", "buffer_read", "buffer_write_read", "crossbar_switch", "route_arbitrate"),
    "links": ("link", "link_ew", "link_ns", "link_hub"),
    "routing": (
        "buffer_write",
        "buffer_read",
        "buffer_write_read",
        "crossbar_switch",
        "route_arbitrate",
        "link",
        "link_ew",
        "link_ns",
        "link_hub",
        "packet_hop",
    ),
    "neuron": ("neuron_update", "spike"),
    "leakage": ("static_mw",),
}
"""Names for several terms at once, for ``includes``."""

# A complete table has one alternative of each line; the first names the line when all are missing.
_NEEDED = (
    ("buffer_write", "buffer_write_read"),
    ("buffer_read", "buffer_write_read"),
    ("crossbar_switch",),
    ("route_arbitrate",),
    ("link", "link_ew"),
    ("link_hub", "link"),
    ("synaptic_event",),
    ("neuron_update",),
    ("spike",),
    ("static_mw",),
)


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


_MAX_ENERGY = 1e15
"""Largest number of a table: with it, the energy of any run is a finite number."""

_Picojoules = Annotated[float, Field(ge=0, le=_MAX_ENERGY)] | None


class EnergyTable(Validated, frozen=True):
    """Energy per event in pJ (`EVENTS` says which event), static power in mW per router.

    A term that is left out is not zero but unknown: reports list it as missing. ``includes`` names the terms that
    another term's number already contains ("all-in" figures): a table that gives both is refused, so that nothing is
    counted twice.

    Attributes
    ----------
    name, description
        What the table is, for reports.
    includes
        Term to the terms or `GROUPS` that its number contains, such as ``{synaptic_event: [routing, leakage]}``.
    buffer_write, buffer_read, buffer_write_read, crossbar_switch, route_arbitrate
        pJ per event in a router, not negative. ``buffer_write_read`` replaces the two before it.
    link, link_ew, link_ns, link_hub, packet_hop
        pJ per event between routers. ``link_ew`` and ``link_ns`` come together and replace ``link``. The links between
        hubs and the routers above them are charged as ``link`` if ``link_hub`` is left out.
    synaptic_event, neuron_update, spike
        pJ per event in a tile.
    static_mw
        mW per router.
    """

    may_be_unset: ClassVar[bool] = True

    name: Annotated[str, Field(min_length=1)]
    description: str = ""
    includes: Annotated[dict[str, tuple[str, ...]], BeforeValidator(_includes)] = Field(default_factory=dict)
    buffer_write: _Picojoules = None
    buffer_read: _Picojoules = None
    buffer_write_read: _Picojoules = None
    crossbar_switch: _Picojoules = None
    route_arbitrate: _Picojoules = None
    link: _Picojoules = None
    link_ew: _Picojoules = None
    link_ns: _Picojoules = None
    link_hub: _Picojoules = None
    packet_hop: _Picojoules = None
    synaptic_event: _Picojoules = None
    neuron_update: _Picojoules = None
    spike: _Picojoules = None
    static_mw: _Picojoules = None

    @model_validator(mode="after")
    def _nothing_twice(self) -> Self:
        for term in self.includes:
            if self.value(term) is None:
                raise ValueError(f"includes: {term} must have a number of its own, or not be in includes")
            for covered in self._covered_by(term):
                if covered != term and (number := self.value(covered)) is not None:
                    raise ValueError(f"{covered}: must be left out, because {term} already includes it, not {number!r}")
        for whole, parts in (("buffer_write_read", ("buffer_write", "buffer_read")), ("link", ("link_ew", "link_ns"))):
            for part in parts:
                if self.value(whole) is not None and (number := self.value(part)) is not None:
                    raise ValueError(f"{part}: must be left out, because {whole} is given, not {number!r}")
        if (self.link_ew is None) != (self.link_ns is None):
            one, other = ("link_ew", "link_ns") if self.link_ns is None else ("link_ns", "link_ew")
            raise ValueError(f"{other}: must be given, because {one} is")
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

    def value(self, term: str) -> float | None:
        """Return the number of a term of `EVENTS`, None if it is not given."""
        number: float | None = getattr(self, term)
        return number

    @property
    def terms(self) -> dict[str, float]:
        """The terms that have a number."""
        return {term: number for term in EVENTS if (number := self.value(term)) is not None}

    @property
    def covered(self) -> frozenset[str]:
        """Terms whose energy another term's number contains."""
        return frozenset(name for term in self.includes for name in self._covered_by(term) if name != term)

    @property
    def missing(self) -> tuple[str, ...]:
        """Terms that are neither given nor contained in another: any total lacks them."""
        have = self.covered | self.terms.keys()
        return tuple(line[0] for line in _NEEDED if not have & set(line))

    def evidence(self, term: str) -> str:
        """Return the evidence grade of a term, "unstated" if the table has none."""
        given = self.provenance.get(term)
        return "unstated" if given is None else given.evidence.value

    def _covered_by(self, term: str) -> list[str]:
        return [name for group in self.includes[term] for name in GROUPS.get(group, (group,))]
