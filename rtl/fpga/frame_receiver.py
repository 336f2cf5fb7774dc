"""Takes frames of the host link out of the bytes that come."""

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .cobs import CobsDecoder
from .crc16 import crc16_processor
from .frame import HEADER, HEADER_BYTES, TRAILER_BYTES

__all__ = ["FrameReceiver"]


class FrameReceiver(wiring.Component):
    """Decodes and checks frames. Whether one is whole is known at its end; until then its data mean nothing yet.

    Members
    -------
    byte : In(8)
    byte_valid : In(1)
        A byte comes in this cycle.
    header : Out(HEADER)
        Of the frame that is coming; complete from the cycle of its first byte of data to that in which it ends.
    data : Out(8)
    data_valid : Out(1)
        A byte of data, for one cycle.
    length : Out(8)
        Bytes of data before it; when the frame is over, all of them. It has 8 bits, and wraps around.
    good, bad : Out(1)
        A frame is over: its length and check are right, or something is wrong with it. 1 for one cycle. Nothing between
        two 0 is no frame.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "byte": In(8),
                "byte_valid": In(1),
                "header": Out(HEADER),
                "data": Out(8),
                "data_valid": Out(1),
                "length": Out(8),
                "good": Out(1),
                "bad": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.decoder = decoder = CobsDecoder()
        m.submodules.check = check = crc16_processor()
        # The trailer, length and check, is known for what it is at the end only: a byte is passed on when as many more
        # have come.
        late = Signal(8 * TRAILER_BYTES)
        whole = HEADER_BYTES + TRAILER_BYTES
        count, length = Signal(range(whole + 1)), self.length
        begun = Signal()
        m.d.comb += [
            decoder.encoded.eq(self.byte),
            decoder.encoded_valid.eq(self.byte_valid),
            check.data.eq(decoder.data),
            check.valid.eq(decoder.valid),
            check.start.eq(decoder.end),
            self.data.eq(late[-8:]),
            self.data_valid.eq(decoder.valid & (count == whole)),
            self.good.eq(
                decoder.end & (count == whole) & check.match_detected & (length == late[-8:]) & ~decoder.broken
            ),
            self.bad.eq(decoder.end & (begun | decoder.broken) & ~self.good),
        ]
        header = Value.cast(self.header)
        with m.If(decoder.valid):
            m.d.sync += [late.eq(Cat(decoder.data, late)), begun.eq(1)]
            with m.If(count != whole):
                m.d.sync += count.eq(count + 1)
                with m.If(count >= TRAILER_BYTES):
                    m.d.sync += header.eq(Cat(header[8:], late[-8:]))
            with m.Else():
                m.d.sync += length.eq(length + 1)
        with m.If(decoder.end):
            m.d.sync += [count.eq(0), length.eq(0), begun.eq(0)]
        return m
