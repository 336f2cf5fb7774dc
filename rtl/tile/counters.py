"""Counting in hardware what costs energy."""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ..params import NetworkParams
from ..topology import Port

__all__ = ["PortCounters", "counter_ports"]


class PortCounters(wiring.Component):
    """Counters of what a router takes from its tiles and passes on; they wrap around.

    Parameters
    ----------
    width
        Bits of each.
    tiles
        Tiles whose flits are counted, each by itself.

    Members
    -------
    taken, starting : In(5)
        A flit leaves, a packet begins to leave, through each port.
    entering : In(tiles)
        A flit enters from each tile.
    flits, packets : array(5) of Out(width)
    entered : array(tiles) of Out(width)

    Raises
    ------
    ValueError
        If ``width`` is less than 1, or ``tiles`` negative.
    """

    def __init__(self, width: int, tiles: int = 1) -> None:
        if width < 1:
            raise ValueError(f"width must be at least 1, not {width!r}")
        if tiles < 0:
            raise ValueError(f"tiles must not be negative, not {tiles!r}")
        super().__init__(
            {
                "taken": In(len(Port)),
                "starting": In(len(Port)),
                "entering": In(tiles),
                "entered": Out(width).array(tiles),
                "flits": Out(width).array(len(Port)),
                "packets": Out(width).array(len(Port)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        for port in Port:
            with m.If(self.taken[port]):
                m.d.sync += self.flits[port].eq(self.flits[port] + 1)
            with m.If(self.starting[port]):
                m.d.sync += self.packets[port].eq(self.packets[port] + 1)
        for number, entered in enumerate(self.entered):
            with m.If(self.entering[number]):
                m.d.sync += entered.eq(entered + 1)
        return m


def counter_ports(params: NetworkParams, prefix: str = "") -> dict[str, wiring.Member]:
    """Members ``flits_out`` and ``packets_out`` of a circuit that shows what its router's counters have counted."""
    bits = params.counter_bits
    return {f"{prefix}{name}": Out(bits).array(len(Port)) for name in ("flits_out", "packets_out") if bits}
