"""Carries out the commands of a host."""

from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .command import ARGUMENT_BYTES, NUMBER_BYTES, Command, Message

__all__ = ["CommandPort"]


class CommandPort(wiring.Component):
    """Takes commands byte by byte, one after the other, and does what each says.

    Parameters
    ----------
    packet_bits
        Width of a packet for the chip.
    level_bits
        Width of ``level``.
    tables
        Whether the chip has routing tables.

    Members
    -------
    data : In(stream(8))
    level : In(level_bits)
        Bytes that are there.
    packet : Out(stream)
        For the chip.
    active, still : In(1)
        A tick is under way, or about to begin; everything is still.
    start, stop : Out(1)
        Begin ticks; begin none any more.
    number, period : Out(24)
        How many, and how long.
    pending : Out(1)
        There are commands to come that belong to the tick.
    resetting, quiet, reset : Out(1), In(1), Out(1)
        The chip is about to be reset: begin to send nothing of it. Nothing is being sent. Reset it: 1 for one cycle.
    timed : Out(1)
        Outputs are to be sent with their cycle.
    address, hold, free : Out(6), Out(1), In(1)
        A word to be looked at, from the cycle after one in which ``free`` is 1, as long as ``hold`` is.
    node, key, ports, hub, write : Out
        An entry of a routing table, and that it is written in this cycle.
    answer, kind, tag, long, answered
        As `MessagePort` has them.
    """

    def __init__(self, packet_bits: int, *, level_bits: int, tables: bool) -> None:
        self._packet_bits = packet_bits
        self._tables = tables
        number_bits = 8 * NUMBER_BYTES
        super().__init__(
            {
                "data": In(stream.Signature(8)),
                "level": In(level_bits),
                "packet": Out(stream.Signature(packet_bits)),
                "active": In(1),
                "still": In(1),
                "start": Out(1),
                "stop": Out(1),
                "number": Out(number_bits),
                "period": Out(number_bits),
                "pending": Out(1),
                "resetting": Out(1),
                "quiet": In(1),
                "reset": Out(1),
                "timed": Out(1),
                "address": Out(6),
                "hold": Out(1),
                "free": In(1),
                "node": Out(16),
                "key": Out(16),
                "ports": Out(5),
                "hub": Out(1),
                "write": Out(1),
                "answer": Out(1),
                "kind": Out(8),
                "tag": Out(8),
                "long": Out(1),
                "answered": In(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        sizes = {**ARGUMENT_BYTES, Command.WRITE: -(-self._packet_bits // 8)}
        if not self._tables:
            del sizes[Command.TABLE]
        width = max(sizes.values())
        argument = Signal(8 * width)
        command, left = Signal(8), Signal(range(width + 1))
        pending = Signal(8 * NUMBER_BYTES)

        def of(command: Command) -> Signal:
            """The arguments of a command; what came last is at the top."""
            return argument[8 * (width - sizes[command]) :]  # type: ignore[return-value]

        m.d.comb += [
            self.packet.payload.eq(of(Command.WRITE)),
            self.tag.eq(of(Command.SYNC)),
            self.address.eq(of(Command.PEEK)),
            self.number.eq(of(Command.RUN)),
            self.kind.eq(Message.SYNCED),
            self.pending.eq(pending != 0),
        ]
        if self._tables:
            entry = of(Command.TABLE)
            m.d.comb += [
                self.node.eq(entry[:16]),
                self.key.eq(entry[16:32]),
                self.ports.eq(entry[32:37]),
                self.hub.eq(entry[39]),
            ]
        with m.If(self.data.valid & self.data.ready & self.pending):
            m.d.sync += pending.eq(pending - 1)
        calm = self.still & ~self.active
        with m.FSM():
            with m.State("COMMAND"):
                m.d.comb += self.data.ready.eq(1)
                m.d.sync += command.eq(self.data.payload)
                with m.If(self.data.valid), m.Switch(self.data.payload):
                    for known, size in sizes.items():
                        with m.Case(known):
                            m.d.sync += left.eq(size)
                            m.next = "ARGUMENT" if size else known.name
                    with m.Default():
                        m.next = "REFUSED"
            with m.State("ARGUMENT"):
                m.d.comb += self.data.ready.eq(1)
                with m.If(self.data.valid):
                    m.d.sync += [argument.eq((argument >> 8) | self.data.payload << 8 * (width - 1)), left.eq(left - 1)]
                    with m.If(left == 1), m.Switch(command):
                        for known in sizes:
                            with m.Case(known):
                                m.next = known.name
            with m.State("WRITE"):
                m.d.comb += self.packet.valid.eq(1)
                with m.If(self.packet.ready):
                    m.next = "COMMAND"
            with m.State("TICK"):
                # A tick with more commands than there is room for begins when half of the room is used.
                there = (self.level >= of(Command.TICK)) | self.level[-1] | self.level[-2]
                m.d.comb += self.number.eq(1)
                with m.If(~self.active & there):
                    m.d.comb += self.start.eq(1)
                    m.d.sync += pending.eq(of(Command.TICK))
                    m.next = "COMMAND"
            with m.State("RUN"), m.If(~self.active):
                m.d.comb += self.start.eq(1)
                m.next = "COMMAND"
            with m.State("PERIOD"), m.If(~self.active):
                m.d.sync += self.period.eq(of(Command.PERIOD))
                m.next = "COMMAND"
            with m.State("STOP"):
                m.d.comb += self.stop.eq(1)
                m.next = "COMMAND"
            with m.State("SYNC"):
                m.d.comb += self.answer.eq(calm)
                with m.If(self.answered):
                    m.next = "COMMAND"
            with m.State("RESET"), m.If(~self.active):
                m.d.comb += self.resetting.eq(1)
                with m.If(self.quiet):
                    m.d.comb += self.reset.eq(1)
                    m.next = "COMMAND"
            with m.State("PEEK"):
                m.d.comb += self.hold.eq(1)
                with m.If(self.free):
                    m.next = "WORD"
            with m.State("WORD"):
                m.d.comb += [self.hold.eq(1), self.answer.eq(1), self.kind.eq(Message.WORD), self.long.eq(1)]
                with m.If(self.answered):
                    m.next = "COMMAND"
            if self._tables:
                with m.State("TABLE"), m.If(calm):
                    m.d.comb += self.write.eq(1)
                    m.next = "COMMAND"
            with m.State("DETAIL"):
                m.d.sync += self.timed.eq(of(Command.DETAIL)[0])
                m.next = "COMMAND"
            with m.State("REFUSED"):
                m.d.comb += [self.answer.eq(1), self.kind.eq(Message.REFUSED), self.tag.eq(command)]
                with m.If(self.answered):
                    m.next = "HALT"
            with m.State("HALT"):
                pass
        return m
