"""What the host sends: kept from when its frame is known to be right, until it is read."""

from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ..core.block_ram import BlockRam

__all__ = ["LinkInput"]


class LinkInput(wiring.Component):
    """Takes the data of those frames that continue what has come, in a memory.

    Parameters
    ----------
    size
        Bytes of the memory, a power of two.

    Members
    -------
    clear : In(1)
        There is no session: forget everything.
    ours : In(1)
        The frame that is coming is one of data of the session.
    position : In(16)
        Of its first byte.
    data, data_valid, length, good, ended : In
        As they come from the frames' receiver; ``ended`` is 1 as well where a frame is not ``good``.
    down : Out(stream(8))
    level : Out(range(size + 1))
        Bytes that are there.
    expected : Out(16)
        Position of the next byte that is to come.
    limit : Out(16)
        Position of the first one for which there is no room.
    owing : Out(1)
        Data have come, or could have: the host must be told ``expected``. 1 for one cycle, as are the next ones.
    room_made : Out(1)
        It must be told ``limit``.
    duplicate, gap, overflow : Out(1)
        What came had come already; something before it is missing; there was no room for it.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        super().__init__(
            {
                "clear": In(1),
                "ours": In(1),
                "position": In(16),
                "data": In(8),
                "data_valid": In(1),
                "length": In(8),
                "good": In(1),
                "ended": In(1),
                "down": Out(stream.Signature(8)),
                "level": Out(range(size + 1)),
                "expected": Out(16),
                "limit": Out(16),
                "owing": Out(1),
                "room_made": Out(1),
                "duplicate": Out(1),
                "gap": Out(1),
                "overflow": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.ring = ring = BlockRam(8, depth=self._size)
        place = range(self._size)
        bits = len(Signal(place))
        # The place of the byte that is coming, and after the last, what is expected next; the next to be read.
        end, taken = Signal(16), Signal(16)
        full, right = Signal(), Signal()
        lost = Signal()  # a byte of the frame that is coming has not been kept
        off = Signal(16)
        some = self.length != 0
        m.d.comb += [
            end.eq(self.expected + self.length),
            full.eq((end[:bits] == taken[:bits]) & (end[bits] != taken[bits])),
            off.eq(self.position - self.expected),
            right.eq(off == 0),
            ring.write_addr.eq(end[:bits]),
            ring.write[0].eq(self.data),
            ring.write_en.eq(self.data_valid & self.ours & right & ~full & ~lost),
            ring.read_addr.eq(taken[:bits]),
            self.down.payload.eq(ring.read[0]),
            self.level.eq((self.expected - taken)[: bits + 1]),
            self.limit.eq(taken + self._size),
        ]
        # A frame of which a byte has not been kept is not taken, be it ours when it ends: a session can begin in the
        # middle of it.
        with m.If(self.data_valid & ~ring.write_en):
            m.d.sync += lost.eq(1)
        with m.If(self.ended):
            m.d.sync += lost.eq(0)
        with m.If(self.good & self.ours):
            m.d.comb += [
                self.owing.eq(some | self.gap),
                self.duplicate.eq(off[15] & some),
                self.gap.eq(~off[15] & ~right),
                self.overflow.eq(right & lost),
            ]
            with m.If(right & ~lost):
                m.d.sync += self.expected.eq(end)
        fetched = self.down.valid
        m.d.sync += fetched.eq((self.level != 0) & ~(self.down.valid & self.down.ready))
        with m.If(self.down.valid & self.down.ready):
            m.d.sync += taken.eq(taken + 1)
            # Now and then is enough: a host that waits for room has more than so many bytes here.
            m.d.comb += self.room_made.eq(taken[: bits - 3].all())
        with m.If(self.clear):
            m.d.sync += [taken.eq(0), self.expected.eq(0), fetched.eq(0)]
        return m
