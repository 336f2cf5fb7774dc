"""Counting in hardware what costs energy."""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .topology import Port

__all__ = ["PortCounters"]


class PortCounters(wiring.Component):
    """Counters of what a router takes from its tile and passes on; they wrap around.

    Members
    -------
    taken, starting : In(5)
        A flit leaves, a packet begins to leave, through each port.
    entering : In(1)
        A flit enters from the tile.
    flits, packets : array(5) of Out(width)
    entered : Out(width)

    Raises
    ------
    ValueError
        If ``width`` is less than 1.
    """

    def __init__(self, width: int) -> None:
        if width < 1:
            raise ValueError(f"width must be at least 1, not {width!r}")
        super().__init__(
            {
                "taken": In(len(Port)),
                "starting": In(len(Port)),
                "entering": In(1),
                "entered": Out(width),
                "flits": Out(width).array(len(Port)),
                "packets": Out(width).array(len(Port)),
            }
        )

    def elaborate(self, platform: object) -> Module:  # noqa: D102
        m = Module()
        for port in Port:
            with m.If(self.taken[port]):
                m.d.sync += self.flits[port].eq(self.flits[port] + 1)
            with m.If(self.starting[port]):
                m.d.sync += self.packets[port].eq(self.packets[port] + 1)
        with m.If(self.entering):
            m.d.sync += self.entered.eq(self.entered + 1)
        return m
