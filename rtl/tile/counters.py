"""Counting in hardware what costs energy."""

from collections.abc import Sequence

from amaranth.hdl import Cat, Const, Module, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ..params import NetworkParams
from ..topology import Port

__all__ = ["PortCounters", "counter_ports", "node_counter_ports"]


class PortCounters(wiring.Component):
    """Counters of what a router takes from its tiles and passes on, and of what is dropped; they wrap around.

    Parameters
    ----------
    width
        Bits of each.
    tiles
        Tiles whose flits are counted, each by itself.
    drops
        Places at which packets can be dropped, counted together.

    Members
    -------
    taken, starting : In(5)
        A flit leaves, a packet begins to leave, through each port.
    entering : In(tiles)
        A flit enters from each tile.
    dropping : In(drops)
        A packet is dropped at each place.
    flits, packets : array(5) of Out(width)
    entered : array(tiles) of Out(width)
    dropped : Out(width)

    Raises
    ------
    ValueError
        If ``width`` is less than 1, or ``tiles`` or ``drops`` negative.
    """

    def __init__(self, width: int, tiles: int = 1, drops: int = 0) -> None:
        if width < 1:
            raise ValueError(f"width must be at least 1, not {width!r}")
        if tiles < 0:
            raise ValueError(f"tiles must not be negative, not {tiles!r}")
        if drops < 0:
            raise ValueError(f"drops must not be negative, not {drops!r}")
        super().__init__(
            {
                "taken": In(len(Port)),
                "starting": In(len(Port)),
                "entering": In(tiles),
                "entered": Out(width).array(tiles),
                "dropping": In(drops),
                "dropped": Out(width),
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
        if len(self.dropping):
            self._count_drops(m)
        return m

    def _count_drops(self, m: Module) -> None:
        """Add the number of drops, which may be several in a cycle.

        Bit by bit: of a sum of numbers of several widths, Verilog tools warn.
        """
        number = _number_of(list(self.dropping))
        low: list[Value] = []
        carry: Value = Const(0, 1)
        for one, other in zip(self.dropped, number, strict=False):
            low.append(one ^ other ^ carry)
            carry = (one & other) | (carry & (one ^ other))
        m.d.sync += self.dropped[: len(low)].eq(Cat(low))
        high = self.dropped[len(low) :]
        if len(high):
            with m.If(carry):
                m.d.sync += high.eq(high + 1)


def _number_of(bits: Sequence[Value]) -> list[Value]:
    """How many of some bits are 1: the digits, the lowest first."""
    digits: list[Value] = []
    for count, bit in enumerate(bits, 1):
        carry = bit
        for i, digit in enumerate(digits):
            digits[i], carry = digit ^ carry, digit & carry
        if count.bit_length() > len(digits):
            digits.append(carry)
    return digits


def counter_ports(params: NetworkParams, prefix: str = "") -> dict[str, wiring.Member]:
    """Members ``flits_out`` and ``packets_out`` of a circuit that shows what its router's counters have counted."""
    bits = params.counter_bits
    return {f"{prefix}{name}": Out(bits).array(len(Port)) for name in ("flits_out", "packets_out") if bits}


def node_counter_ports(params: NetworkParams) -> dict[str, wiring.Member]:
    """Members ``flits_in`` of each tile of a node, and ``dropped`` if packets can be."""
    bits = params.counter_bits
    dropped = {"dropped": Out(bits)} if bits and params.can_drop else {}
    return {"flits_in": Out(bits).array(params.tiles_per_node), **dropped} if bits else {}
