"""Registers along a link, for wires that are too long for one clock cycle."""

from amaranth.hdl import Cat, Const, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ..packet import PacketLayouts
from ..params import NetworkParams
from .congestion import congestion_layout
from .fifo import StreamFIFO
from .link import LinkSignature

__all__ = ["LinkStage"]


class LinkStage(wiring.Component):
    """One stage of a link: what enters it in a cycle leaves it in the next.

    With one virtual channel it is a queue of two flits, so that it is never in the way of a flit each cycle, and none
    is lost when the receiver stops. With several, flits and credits pass through a register each: the sender has
    counted the room, so nothing ever stops on the way. Congestion is
    reported through a register in either case.

    Members
    -------
    enq : In(link)
        From the sender.
    deq : Out(link)
        To the receiver.
    busy : Out(1)
        A flit, a credit, or a report of congestion other than 0 is in it.
    """

    def __init__(self, params: NetworkParams) -> None:
        self.params = params
        self.layouts = PacketLayouts(params)
        link = LinkSignature.of(self.layouts)
        super().__init__({"enq": In(link), "deq": Out(link), "busy": Out(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        reporting: Value = Const(0, 1)
        layout = congestion_layout(self.params)
        if layout is not None:
            congestion = Signal(layout)
            m.d.sync += congestion.eq(self.deq.congestion)
            m.d.comb += self.enq.congestion.eq(congestion)
            reporting = congestion.as_value().any()
        if self.params.virtual_channels == 1:
            m.submodules.queue = queue = StreamFIFO(self.layouts.flit, depth=2)
            m.d.comb += [
                queue.enq.payload.eq(self.enq.payload),
                queue.enq.valid.eq(self.enq.valid),
                self.enq.ready.eq(queue.enq.ready),
                self.deq.payload.eq(queue.deq.payload),
                self.deq.valid.eq(queue.deq.valid),
                queue.deq.ready.eq(self.deq.ready),
                self.busy.eq((queue.level != 0) | reporting),
            ]
            return m
        flit = Signal(self.layouts.flit)
        valid, credit = Signal(self.params.virtual_channels), Signal(self.params.virtual_channels)
        m.d.sync += [flit.eq(self.enq.flit), valid.eq(self.enq.valid), credit.eq(self.deq.credit)]
        m.d.comb += [
            self.deq.flit.eq(flit),
            self.deq.valid.eq(valid),
            self.enq.credit.eq(credit),
            self.busy.eq(Cat(valid, credit).any() | reporting),
        ]
        return m
