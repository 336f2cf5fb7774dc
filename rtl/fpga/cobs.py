"""Consistent overhead byte stuffing: frames without a byte of 0, so that a 0 ends each.

What a frame has is cut before and after each 0. Every piece is sent as its length plus 1, and its bytes; the 0 behind
it is not sent. A piece longer than 254 bytes is cut after these, which are sent as 255, and there is no 0 behind them.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ..core.block_ram import BlockRam

__all__ = ["CobsDecoder", "CobsEncoder"]

_LONGEST = 0xFF
"""The first byte of a piece that has no 0 behind it."""


_PLACES = 512
"""Of the memory of the encoder: more than the longest piece."""


class CobsEncoder(wiring.Component):
    """Encodes frames as they come; the bytes of a piece wait in a memory until its length is known.

    Members
    -------
    data : In(stream(8))
        Bytes of a frame, one every other cycle.
    end : In(1)
        Together with ``data.valid``: the frame is over, and the byte is none of it. Of an empty frame, there is no more
        than this.
    encoded : Out(stream(8))
        Pieces, and the 0.
    """

    def __init__(self) -> None:
        super().__init__(
            {"data": In(stream.Signature(8)), "end": In(1), "encoded": Out(stream.Signature(8))},
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.ring = ring = BlockRam(8, depth=_PLACES)
        # The place of the length of the piece that is coming, that behind its last byte, and that of the next to go.
        places = range(_PLACES)
        length, place, gone = Signal(places), Signal(places, init=1), Signal(places)
        count = Signal(8, init=1)
        ending, fetched = Signal(), Signal()
        room = Signal()
        full = count == _LONGEST
        m.d.comb += [
            # For two: a 0 that ends a frame, and the length behind it.
            room.eq(((place + 1)[: len(gone)] != gone) & ((place + 2)[: len(gone)] != gone)),
            self.data.ready.eq(room & ~ending & (~full | self.end)),
            ring.write_addr.eq(place),
            ring.write[0].eq(self.data.payload),
        ]
        over = (self.data.payload == 0) | self.end
        with m.If(ending):
            m.d.comb += ring.write[0].eq(0)
            with m.If(room):
                m.d.comb += ring.write_en.eq(1)
                m.d.sync += [length.eq(place + 1), place.eq(place + 2), ending.eq(0)]
        with m.Elif(room & self.data.valid & full):
            # The longest piece is over before the byte that is offered, and so is the frame if it ends here.
            m.d.comb += [ring.write_addr.eq(length), ring.write[0].eq(count), ring.write_en.eq(1)]
            m.d.sync += [count.eq(1), ending.eq(self.end)]
            with m.If(~self.end):
                m.d.sync += [length.eq(place), place.eq(place + 1)]
        with m.Elif(room & self.data.valid):
            m.d.comb += ring.write_en.eq(1)
            m.d.sync += count.eq(count + 1)
            with m.If(over):
                m.d.comb += [ring.write_addr.eq(length), ring.write[0].eq(count)]
                m.d.sync += [count.eq(1), ending.eq(self.end)]
            with m.If(~self.end):
                m.d.sync += place.eq(place + 1)
            with m.If(over & ~self.end):
                m.d.sync += length.eq(place)

        m.d.comb += [ring.read_addr.eq(gone), self.encoded.payload.eq(ring.read[0]), self.encoded.valid.eq(fetched)]
        there = gone != length
        m.d.sync += fetched.eq(Mux(fetched, ~self.encoded.ready, there))
        with m.If(fetched & self.encoded.ready):
            m.d.sync += gone.eq(gone + 1)
        return m


class CobsDecoder(wiring.Component):
    """Decodes frames. Whatever comes, it begins anew behind the next 0.

    Members
    -------
    encoded : In(8)
    encoded_valid : In(1)
        A byte comes in this cycle.
    data : Out(8)
    valid : Out(1)
        A byte of a frame, in the next cycle. A register.
    end : Out(1)
        The frame is over; a register, and 1 for one cycle, in which there is no byte.
    broken : Out(1)
        In that cycle: bytes of its last piece are missing.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "encoded": In(8),
                "encoded_valid": In(1),
                "data": Out(8),
                "valid": Out(1),
                "end": Out(1),
                "broken": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        left, zero = Signal(8), Signal()  # bytes of the piece that are to come; whether a 0 is before the next one
        m.d.sync += [self.valid.eq(0), self.end.eq(0), self.data.eq(self.encoded)]
        with m.If(self.encoded_valid):
            with m.If(self.encoded == 0):
                m.d.sync += [self.end.eq(1), self.broken.eq(left != 0), left.eq(0), zero.eq(0)]
            with m.Elif(left == 0):
                m.d.sync += [left.eq(self.encoded - 1), zero.eq(self.encoded != _LONGEST)]
                m.d.sync += [self.data.eq(0), self.valid.eq(zero)]
            with m.Else():
                m.d.sync += [left.eq(left - 1), self.valid.eq(1)]
        return m
