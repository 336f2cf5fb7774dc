"""Carries out the commands of a host."""

from amaranth.hdl import Cat, Const, Module, Signal, Value
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
    resetting, quiet, reset, restarting : Out(1), In(1), Out(1), In(1)
        The chip is to be reset, or being reset: send nothing of it. Nothing is being sent. Reset it: 1 for one cycle.
        It is being reset, from the next cycle on: no command is taken.
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
                "restarting": In(1),
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
        argument = Signal(8 * width, reset_less=True)
        command, left = Signal(8), Signal(range(width + 1))
        pending = Signal(8 * NUMBER_BYTES)

        def of(command: Command) -> Value:
            """The arguments of a command; what came last is at the top."""
            return argument[8 * (width - sizes[command]) :]

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
        m.d.comb += self.resetting.eq(self.restarting)
        with m.FSM():
            with m.State("COMMAND"):
                m.d.comb += self.data.ready.eq(~self.restarting)
                m.d.sync += command.eq(self.data.payload)
                with m.If(self.data.valid & ~self.restarting):
                    m.next = "DO"
                    with m.Switch(self.data.payload):
                        for size in sorted({*sizes.values()} - {0}):
                            with m.Case(*(known for known in sizes if sizes[known] == size)):
                                m.d.sync += left.eq(size)
                                m.next = "ARGUMENT"
            with m.State("ARGUMENT"):
                m.d.comb += self.data.ready.eq(1)
                with m.If(self.data.valid):
                    m.d.sync += [argument.eq(Cat(argument[8:], self.data.payload)), left.eq(left - 1)]
                    with m.If(left == 1):
                        m.next = "DO"
            with m.State("DO"), m.Switch(command):
                for known in sizes:
                    with m.Case(known):
                        self._do(m, known, of(known), calm, pending)
                with m.Default():
                    m.d.comb += [self.answer.eq(1), self.kind.eq(Message.REFUSED), self.tag.eq(command)]
                    with m.If(self.answered):
                        m.next = "HALT"
            with m.State("WORD"):
                m.d.comb += [self.hold.eq(1), self.answer.eq(1), self.kind.eq(Message.WORD), self.long.eq(1)]
                with m.If(self.answered):
                    m.next = "COMMAND"
            with m.State("HALT"):
                pass
        return m

    def _do(self, m: Module, command: Command, argument: Value, calm: Value, pending: Signal) -> None:
        """Do a command, and go on to the next as soon as it is done."""
        done: Value = Const(1)
        match command:
            case Command.WRITE:
                m.d.comb += self.packet.valid.eq(1)
                done = self.packet.ready
            case Command.TICK:
                # A tick with more commands than there is room for begins when half of the room is used.
                done = ~self.active & ((self.level >= argument) | self.level[-1] | self.level[-2])
                m.d.comb += [self.number.eq(1), self.start.eq(done)]
                with m.If(done):
                    m.d.sync += pending.eq(argument)
            case Command.RUN:
                done = ~self.active
                m.d.comb += self.start.eq(done)
            case Command.PERIOD:
                done = ~self.active
                with m.If(done):
                    m.d.sync += self.period.eq(argument)
            case Command.STOP:
                m.d.comb += self.stop.eq(1)
            case Command.SYNC:
                m.d.comb += self.answer.eq(calm)
                done = self.answered
            case Command.RESET:
                done = ~self.active & self.quiet
                m.d.comb += self.reset.eq(done)
                with m.If(~self.active):
                    m.d.comb += self.resetting.eq(1)
            case Command.PEEK:
                m.d.comb += self.hold.eq(1)
                with m.If(self.free):
                    m.next = "WORD"
                return
            case Command.TABLE:
                done = calm
                m.d.comb += self.write.eq(done)
            case Command.DETAIL:
                m.d.sync += self.timed.eq(argument[0])
        with m.If(done):
            m.next = "COMMAND"
