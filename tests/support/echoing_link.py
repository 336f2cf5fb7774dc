"""The gates of the host link, whose data come back as they are, with bytes in place of the serial line."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from synaptile.rtl.fpga.link import HostLink

__all__ = ["EchoingLink"]


class EchoingLink(wiring.Component):
    """A `HostLink` whose ``down`` is its ``up``, as far as there is ``room``."""

    def __init__(self, *, buffer_bytes: int, unit_bits: int) -> None:
        self.link = HostLink(buffer_bytes=buffer_bytes, unit_bits=unit_bits)
        super().__init__(
            {"given": In(8), "given_valid": In(1), "sent": Out(8), "valid": Out(1), "ready": In(1), "is_up": Out(1)}
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.link = link = self.link
        passing = Signal()
        m.d.comb += [
            link.byte.eq(self.given),
            link.byte_valid.eq(self.given_valid),
            self.sent.eq(link.encoded.payload),
            self.valid.eq(link.encoded.valid),
            link.encoded.ready.eq(self.ready),
            passing.eq(link.room & link.up.ready),
            link.up.payload.eq(link.down.payload),
            link.up.valid.eq(link.down.valid & passing),
            link.down.ready.eq(passing),
            self.is_up.eq(link.is_up),
        ]
        return m
