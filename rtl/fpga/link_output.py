"""What is sent to the host: kept until it is acknowledged, and sent again if need be."""

from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ..core.block_ram import BlockRam

__all__ = ["REPEAT_UNITS", "ROOM", "LinkOutput"]

_ROOM_BITS = 6

ROOM = 1 << _ROOM_BITS
"""Bytes for which there is room at least when it is said that there is."""

REPEAT_UNITS = 4
"""Units of time without an acknowledgement, after which everything that has none is sent again."""


class LinkOutput(wiring.Component):
    """Gives the frames' sender data from a memory, from where the last frame ended, or from the first unacknowledged.

    Parameters
    ----------
    size
        Bytes of the memory, a power of two.

    Members
    -------
    clear : In(1)
        There is no session: forget everything.
    up : In(stream(8))
    room : Out(1)
        There is room for `ROOM` bytes. A register.
    heard : In(1)
        The host has said these; all 1 for one cycle:
    ack, limit, gap : In(16), In(16), In(1)
        The position of the next byte that it expects, that of the first for which it has no room, and whether something
        is missing.
    greeted : In(1)
        The host has said ``limit`` at the beginning of a session.
    unit : In(1)
        A unit of time is over.
    idle : In(1)
        No frame is being sent, nor begun.
    position : Out(16)
        Of the next byte to be sent.
    ready : Out(1)
        A frame may begin; there are data for it if ``more`` is 1.
    data : Out(stream(8)), more : Out(1)
        As the sender takes them.
    again : Out(1)
        Everything unacknowledged is to be sent again: 1 for one cycle.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        super().__init__(
            {
                "clear": In(1),
                "up": In(stream.Signature(8)),
                "room": Out(1),
                "heard": In(1),
                "ack": In(16),
                "limit": In(16),
                "gap": In(1),
                "greeted": In(1),
                "unit": In(1),
                "idle": In(1),
                "position": Out(16),
                "ready": Out(1),
                "data": Out(stream.Signature(8)),
                "more": Out(1),
                "again": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.ring = ring = BlockRam(8, depth=self._size)
        bits = (self._size - 1).bit_length()
        # Positions: of the next byte to come, of the first without an acknowledgement, of the first without room there.
        written, acked, granted = (Signal(16, name=name) for name in ("written", "acked", "granted"))
        sent = self.position
        held = Signal(bits + 1)
        m.d.comb += [
            held.eq(written[: bits + 1] - acked[: bits + 1]),
            self.up.ready.eq(~held[bits]),
            ring.write_addr.eq(written[:bits]),
            ring.write[0].eq(self.up.payload),
            ring.write_en.eq(self.up.valid & self.up.ready),
            ring.read_addr.eq(sent[:bits]),
            self.data.payload.eq(ring.read[0]),
        ]
        # Fewer than the size less ROOM; one more may be written before that is seen.
        m.d.sync += self.room.eq(~held[bits] & ~held[_ROOM_BITS:bits].all())
        with m.If(ring.write_en):
            m.d.sync += written.eq(written + 1)

        # What has been acknowledged, and may be sent.
        progress, allowed, past = Signal(16), Signal(16), Signal(16)
        repeat, waited = Signal(), Signal(range(REPEAT_UNITS))
        m.d.comb += [progress.eq(self.ack - acked), allowed.eq(granted - sent), past.eq(sent - acked)]
        pending = past != 0
        with m.If(self.unit & pending):
            m.d.sync += waited.eq(waited + 1)
            with m.If(waited == REPEAT_UNITS - 1):
                m.d.sync += repeat.eq(1)
        with m.If(~pending):
            m.d.sync += waited.eq(0)
        with m.If(self.heard & ~progress[15]):
            m.d.sync += [acked.eq(self.ack), granted.eq(self.limit)]
            with m.If(progress != 0):
                m.d.sync += waited.eq(0)
            with m.If(self.gap):
                m.d.sync += repeat.eq(1)
        with m.If(self.greeted):
            m.d.sync += granted.eq(self.limit)

        # An acknowledgement of what was sent before it was to be sent again leaves ``sent`` behind.
        fetched = self.data.valid
        m.d.comb += [
            self.ready.eq(~repeat & ~past[15]),
            self.more.eq((sent != written) & (allowed != 0) & ~allowed[15]),
        ]
        passed = self.data.valid & self.data.ready
        m.d.sync += fetched.eq(self.more & ~passed & ~self.idle)
        with m.If(passed):
            m.d.sync += sent.eq(sent + 1)
        with m.Elif(self.idle & (repeat | past[15])):
            m.d.sync += [sent.eq(acked), repeat.eq(0), waited.eq(0)]
            m.d.comb += self.again.eq(repeat & pending & ~past[15])
        with m.If(self.clear):
            m.d.sync += [number.eq(0) for number in (written, acked, sent, repeat, waited)]
        return m
