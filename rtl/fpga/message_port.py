"""Makes messages for the host of what a chip sends, of ticks that are over, and of answers to commands."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .command import NUMBER_BYTES, Message

__all__ = ["MessagePort"]


class MessagePort(wiring.Component):
    """Sends messages byte by byte. What comes first is sent first; ticks go before answers, and these before outputs.

    Parameters
    ----------
    output_bits
        Width of what the chip sends.

    Members
    -------
    output : In(stream)
        What the chip sends; taken when it has been sent.
    cycle : In(24)
    timed : In(1)
        Outputs are sent together with the cycle in which they came here.
    over : In(1)
        A tick is over, with these:
    length, overruns, flags, number : In(24), In(8), In(2), In(8)
        ``length`` in the same cycle, the others from the next one on until ``waiting`` is 0.
    waiting : Out(1)
        A tick is over, and that has not been sent. No other may be over.
    answer : In(1)
        There is something to be answered, until ``answered``:
    kind, tag, word, long : In(8), In(8), In(32), In(1)
        The message, its second byte, and with ``long`` 4 more.
    answered : Out(1)
    room : In(1)
        There is room for a message.
    quiet : Out(1)
        Nothing is being sent.
    data : Out(stream(8))
    """

    def __init__(self, output_bits: int) -> None:
        self._output_bits = output_bits
        number_bits = 8 * NUMBER_BYTES
        super().__init__(
            {
                "output": In(stream.Signature(output_bits)),
                "cycle": In(number_bits),
                "timed": In(1),
                "over": In(1),
                "length": In(number_bits),
                "overruns": In(8),
                "flags": In(2),
                "number": In(8),
                "waiting": Out(1),
                "answer": In(1),
                "kind": In(8),
                "tag": In(8),
                "word": In(32),
                "long": In(1),
                "answered": Out(1),
                "room": In(1),
                "quiet": Out(1),
                "data": Out(stream.Signature(8)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        cycle, length = Signal.like(self.cycle), Signal.like(self.length)
        with m.If(self.over):
            m.d.sync += [self.waiting.eq(1), length.eq(self.length)]
        output_bytes = -(-self._output_bits // 8)
        padding = Const(0, 8 * output_bytes - self._output_bits)
        output_kind = Mux(self.timed, Message.TIMED_OUTPUT, Message.OUTPUT)
        messages = {
            "TICK": (
                Cat(Const(Message.TICK_OVER, 8), self.number, length, self.overruns, self.flags, Const(0, 6)),
                Const(7),
            ),
            "ANSWER": (Cat(self.kind, self.tag, self.word), Mux(self.long, 6, 2)),
            "OUTPUT": (
                Cat(output_kind[:8], Const(0, 8 - len(output_kind[:8])), self.output.payload, padding, cycle),
                Mux(self.timed, 1 + output_bytes + NUMBER_BYTES, 1 + output_bytes),
            ),
        }
        index = Signal(range(max(len(message) for message, _ in messages.values()) // 8 + 1))
        with m.FSM() as fsm:
            with m.State("IDLE"):
                m.d.sync += index.eq(0)
                with m.If(self.room):
                    with m.If(self.waiting):
                        m.next = "TICK"
                    with m.Elif(self.answer & ~self.over):
                        m.next = "ANSWER"
                    with m.Elif(self.output.valid & ~self.over):
                        m.d.sync += cycle.eq(self.cycle)
                        m.next = "OUTPUT"
            for name, (message, size) in messages.items():
                with m.State(name):
                    m.d.comb += [self.data.valid.eq(1), self.data.payload.eq(_byte(message, index))]
                    with m.If(self.data.ready):
                        m.d.sync += index.eq(index + 1)
                        with m.If(index == size - 1):
                            m.next = "IDLE"
                            if name == "TICK":
                                m.d.sync += self.waiting.eq(0)
                            elif name == "ANSWER":
                                m.d.comb += self.answered.eq(1)
                            else:
                                m.d.comb += self.output.ready.eq(1)
            m.d.comb += self.quiet.eq(fsm.ongoing("IDLE"))
        return m


def _byte(message: Value, index: Value) -> Value:
    return message.word_select(index, 8)
