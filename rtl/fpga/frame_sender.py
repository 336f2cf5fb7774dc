"""Sends frames of the host link as bytes."""

from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .cobs import CobsEncoder
from .crc16 import crc16_processor
from .frame import HEADER, MAX_DATA

__all__ = ["FrameSender"]


class FrameSender(wiring.Component):
    """Sends a frame: a header, data for as long as there are any, and the trailer, all encoded.

    Members
    -------
    start : In(1)
        A frame begins, if ``idle``.
    header : In(HEADER)
        ``kind``, ``gap`` and ``session`` must stay as they are until ``headed``; of the other numbers, each is taken as
        it is in one cycle.
    data : In(stream(8))
        Taken after the header, at most `MAX_DATA` bytes.
    more : In(1)
        There are data, be it that the next byte is not there in this cycle. When there are none, the frame ends.
    idle : Out(1)
        No frame is being sent. A register.
    headed : Out(1)
        The header has been sent: 1 for one cycle.
    encoded : Out(stream(8))
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "start": In(1),
                "header": In(HEADER),
                "data": In(stream.Signature(8)),
                "more": In(1),
                "idle": Out(1),
                "headed": Out(1),
                "encoded": Out(stream.Signature(8)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.encoder = encoder = CobsEncoder()
        m.submodules.check = check = crc16_processor()
        wiring.connect(m, encoder.encoded, wiring.flipped(self.encoded))
        # A byte, whether it is a frame's, whether it is checked; and a register between these and what takes them, for
        # the memories that data come from and go into may be far from each other.
        byte, end, checked = stream.Signature(8).create(), Signal(), Signal()
        held, held_end, held_checked = Signal(8, reset_less=True), Signal(), Signal()
        full, passed, high = encoder.data.valid, Signal(), Signal(8, reset_less=True)
        m.d.comb += [
            checked.eq(1),
            byte.ready.eq(~full),
            passed.eq(byte.valid & byte.ready),
            encoder.data.payload.eq(held),
            encoder.end.eq(held_end),
            check.data.eq(held),
            check.valid.eq(full & encoder.data.ready & held_checked),
        ]
        with m.If(passed):
            m.d.sync += [full.eq(1), held.eq(byte.payload), held_end.eq(end), held_checked.eq(checked)]
        with m.Elif(encoder.data.ready):
            m.d.sync += full.eq(0)
        index = Signal(3)
        length = Signal(range(MAX_DATA + 1))
        header = self.header
        with m.FSM() as fsm:
            with m.State("IDLE"):
                m.d.comb += check.start.eq(1)
                m.d.sync += [index.eq(0), length.eq(0)]
                with m.If(self.start):
                    m.next = "HEADER"
            with m.State("HEADER"):
                m.d.comb += [byte.valid.eq(1), byte.payload.eq(high)]
                with m.Switch(index):
                    with m.Case(0):
                        m.d.comb += byte.payload.eq(header.as_value()[:8])
                    with m.Case(1):
                        m.d.comb += byte.payload.eq(header.session)
                    for number, value in enumerate((header.position, header.ack, header.limit)):
                        with m.Case(2 * number + 2):
                            m.d.comb += byte.payload.eq(value[:8])
                            m.d.sync += high.eq(value[8:])
                with m.If(byte.ready):
                    m.d.sync += index.eq(index + 1)
                    with m.If(index == 7):
                        m.d.comb += self.headed.eq(1)
                        m.next = "DATA"
            with m.State("DATA"):
                m.d.comb += byte.payload.eq(self.data.payload)
                with m.If(~self.more | (length == MAX_DATA)):
                    m.next = "LENGTH"
                with m.Else():
                    m.d.comb += [byte.valid.eq(self.data.valid), self.data.ready.eq(byte.ready)]
                with m.If(passed):
                    m.d.sync += length.eq(length + 1)
            with m.State("LENGTH"):
                m.d.comb += [byte.valid.eq(1), byte.payload.eq(length)]
                with m.If(byte.ready):
                    m.next = "CHECK HIGH"
            with m.State("CHECK HIGH"):
                m.d.comb += [byte.valid.eq(1), byte.payload.eq(check.crc[8:]), checked.eq(0)]
                with m.If(byte.ready):
                    m.next = "CHECK LOW"
            with m.State("CHECK LOW"):
                m.d.comb += [byte.valid.eq(1), byte.payload.eq(check.crc[:8]), checked.eq(0)]
                with m.If(byte.ready):
                    m.next = "END"
            with m.State("END"):
                m.d.comb += [byte.valid.eq(1), end.eq(1), checked.eq(0)]
                with m.If(byte.ready):
                    m.next = "IDLE"
            m.d.comb += self.idle.eq(fsm.ongoing("IDLE"))
        return m
