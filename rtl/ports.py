"""The ports of a component, and the names that they have in everything that is generated from it."""

from collections.abc import Iterable, Iterator

from amaranth.hdl import Value
from amaranth.lib import wiring

__all__ = ["Path", "port_name", "ports_of"]

Path = tuple[str | int, ...]
"""The way from a component to a port: names of members, and indices into arrays of them."""


def ports_of(component: wiring.Component) -> Iterator[tuple[Path, wiring.Flow, Value]]:
    """Path, direction and value of every port of a component that has any width."""
    for path, member, value in component.signature.flatten(component):
        value = Value.cast(value)
        if len(value):
            yield path, member.flow, value


def port_name(path: Iterable[str | int]) -> str:
    """The name of the port of a path in RTLIL, Verilog and C++."""
    return "__".join(map(str, path))
