"""How a core's memories are read from outside."""

from collections.abc import Sequence

from amaranth.hdl import Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .params import CoreParams

__all__ = ["look_ports", "one_of"]


def look_ports(params: CoreParams, width: int) -> dict[str, wiring.Member]:
    """Members by which a memory's values, of some ``width``, are read; none without `CoreParams.readback`.

    They go with others that say where a value is to be written. While ``look`` is 1, which it may be only while the
    core does nothing, the place is looked at, and after some cycles (`synaptile.rtl.core.config_port.ConfigPort`) what
    is there stands in ``seen``, with 0 in the bits that it does not have. The cycle after ``look`` was 0 all is as it
    was. Seen from who looks.
    """
    return {"look": Out(1), "seen": In(width)} if params.readback else {}


def one_of(values: Sequence[Value]) -> Value:
    """Return the only value that is not 0: all of them or-ed, by halves, as a chain of many is too deep for Python."""
    if len(values) == 1:
        return values[0]
    middle = len(values) // 2
    return one_of(values[:middle]) | one_of(values[middle:])
