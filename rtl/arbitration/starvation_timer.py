"""A limit to the time for which the tile's own packets give way to those that are under way."""

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["BITS", "StarvationTimer"]

BITS = 7
"""Width of the counter; 3, 4 and 6 would do, too."""


class StarvationTimer(wiring.Component):
    """Expires when a packet has waited for so many cycles that it no longer gives way: 126.

    They are counted by a shift register that is fed with the XNOR of its last two bits, which takes hardly any gates:
    from zero, it goes through every state but that of only ones. (Alfke, Efficient Shift Registers, LFSR Counters, and
    Long Pseudo-Random Sequence Generators, Xilinx application note 52, 1996, table 3.)

    Members
    -------
    waiting : In(1)
        A flit is at the front of the queue.
    leaving : In(1)
        It leaves in this cycle: time is counted from zero again.
    expired : Out(1)
        The time is up. Stays so until the packet begins to leave.

    Attributes
    ----------
    cycles
        The time.
    """

    def __init__(self) -> None:
        self.cycles = (1 << BITS) - 2
        super().__init__({"waiting": In(1), "leaving": In(1), "expired": Out(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        state = Signal(BITS)
        # The last state, after which zero would follow.
        m.d.comb += self.expired.eq(state[0] & ~state[1:].any())
        with m.If(self.leaving):
            m.d.sync += state.eq(0)
        with m.Elif(self.waiting & ~self.expired):
            m.d.sync += state.eq(Cat(state[1:], ~(state[0] ^ state[1])))
        return m
