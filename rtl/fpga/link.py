"""The board's end of the host link: two streams of bytes without errors over a line that may have any."""

from math import log2

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from .frame import VERSION, FrameKind
from .frame_receiver import FrameReceiver
from .frame_sender import FrameSender
from .link_input import LinkInput
from .link_output import LinkOutput

__all__ = ["HEARTBEAT_UNITS", "LINK_EVENTS", "WATCHDOG_UNITS", "HostLink", "unit_bits"]

LINK_EVENTS = data.StructLayout(
    {
        "frames_received": 1,
        "frames_sent": 1,
        "check_errors": 1,
        "retransmissions": 1,
        "duplicates": 1,
        "gaps": 1,
        "overflows": 1,
        "sessions": 1,
        "timeouts": 1,
    }
)
"""What is counted, each 1 for one cycle."""

HEARTBEAT_UNITS = 4
"""Units of time after which the board sends a frame though it has nothing to say."""

WATCHDOG_UNITS = 256
"""Units of time without a frame of the host, after which the session ends."""


def unit_bits(clock_hz: float) -> int:
    """Return the logarithm of the cycles of the link's unit of time: a power of two, over 8 ms and up to 16."""
    return max(4, int(log2(clock_hz * 0.016)))


class HostLink(wiring.Component):
    """Frames with positions, acknowledgements, limits and sessions, as docs/host-link.md describes them.

    Parameters
    ----------
    buffer_bytes
        Size of the memory for data of the host, and of that for data for it: a power of two, 512..16384.
    unit_bits
        As `unit_bits` gives it.

    Members
    -------
    byte : In(8)
    byte_valid : In(1)
        A byte comes from the line.
    encoded : Out(stream(8))
        Bytes for the line.
    down : Out(stream(8))
        Data of the host.
    level : Out(range(buffer_bytes + 1))
        How many of them are there.
    up : In(stream(8))
        Data for the host.
    room : Out(1)
        There is room for `synaptile.rtl.fpga.link_output.ROOM` bytes of them.
    is_up : Out(1)
        There is a session. It is 0 for at least one cycle before another begins: what is under way is to be forgotten.
    unit : Out(1)
        A unit of time is over: 1 for one cycle.
    events : Out(LINK_EVENTS)

    Raises
    ------
    ValueError
        If ``buffer_bytes`` is no such number.
    """

    def __init__(self, *, buffer_bytes: int, unit_bits: int) -> None:
        if buffer_bytes not in [1 << bits for bits in range(9, 15)]:
            raise ValueError(f"buffer_bytes must be a power of two in 512..16384, not {buffer_bytes}")
        self._unit_bits = unit_bits
        self._receiver = FrameReceiver()
        self._sender = FrameSender()
        self._input = LinkInput(buffer_bytes)
        self._output = LinkOutput(buffer_bytes)
        super().__init__(
            {
                "byte": In(8),
                "byte_valid": In(1),
                "encoded": Out(stream.Signature(8)),
                "down": Out(stream.Signature(8)),
                "level": Out(range(buffer_bytes + 1)),
                "up": In(stream.Signature(8)),
                "room": Out(1),
                "is_up": Out(1),
                "unit": Out(1),
                "events": Out(LINK_EVENTS),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.receiver = receiver = self._receiver
        m.submodules.sender = sender = self._sender
        m.submodules.input = incoming = self._input
        m.submodules.output = outgoing = self._output
        wiring.connect(m, sender.encoded, wiring.flipped(self.encoded))
        wiring.connect(m, incoming.down, wiring.flipped(self.down))
        wiring.connect(m, wiring.flipped(self.up), outgoing.up)
        session = Signal(8)
        came = receiver.header
        own = came.session == session
        hello, heard, other = Signal(), Signal(), Signal()  # a greeting; a frame of this session; another session's
        m.d.comb += [
            self.is_up.eq(session != 0),
            hello.eq(receiver.good & (came.kind == FrameKind.HELLO)),
            incoming.ours.eq((came.kind == FrameKind.DATA) & (came.version == VERSION) & own & self.is_up),
            heard.eq(receiver.good & incoming.ours),
            other.eq(receiver.good & (came.kind == FrameKind.DATA) & ~incoming.ours),
            receiver.byte.eq(self.byte),
            receiver.byte_valid.eq(self.byte_valid),
            incoming.clear.eq(~self.is_up),
            incoming.position.eq(came.position),
            incoming.data.eq(receiver.data),
            incoming.data_valid.eq(receiver.data_valid),
            incoming.length.eq(receiver.length),
            incoming.good.eq(receiver.good),
            incoming.ended.eq(receiver.good | receiver.bad),
            self.level.eq(incoming.level),
            outgoing.clear.eq(~self.is_up),
            outgoing.heard.eq(heard),
            outgoing.ack.eq(came.ack),
            outgoing.limit.eq(came.limit),
            outgoing.gap.eq(came.gap),
            outgoing.unit.eq(self.unit),
            self.room.eq(outgoing.room),
        ]
        fresh, opening = self._sessions(m, session, hello & ~own, heard | hello)
        m.d.comb += outgoing.greeted.eq(fresh)
        self._frames(m, session, hello | other, fresh | opening)
        m.d.comb += [
            self.events.frames_received.eq(receiver.good),
            self.events.frames_sent.eq(sender.headed),
            self.events.check_errors.eq(receiver.bad),
            self.events.retransmissions.eq(outgoing.again),
            self.events.duplicates.eq(incoming.duplicate),
            self.events.gaps.eq(incoming.gap),
            self.events.overflows.eq(incoming.overflow),
        ]
        return m

    def _sessions(self, m: Module, session: Signal, fresh: Value, alive: Value) -> tuple[Signal, Signal]:
        """Begin and end sessions, and keep time; whether one is asked for, and whether it is about to begin."""
        sender, came = self._sender, self._receiver.header
        asked, opening, wanted = Signal(), Signal(), Signal(8)
        units, quiet, expired = Signal(self._unit_bits), Signal(range(WATCHDOG_UNITS)), Signal()
        m.d.comb += asked.eq(fresh)
        m.d.sync += [units.eq(units + 1), self.unit.eq(units.all())]
        with m.If(self.unit):
            m.d.sync += quiet.eq(quiet + 1)
            m.d.comb += expired.eq((quiet == WATCHDOG_UNITS - 1) & self.is_up & ~alive)
        with m.If(alive | ~self.is_up):
            m.d.sync += quiet.eq(0)
        # A frame of the session before is sent to its end, with nothing new in it.
        with m.If(asked):
            m.d.sync += [opening.eq(1), wanted.eq(came.session), session.eq(0)]
        with m.Elif(opening & sender.idle):
            m.d.sync += [opening.eq(0), session.eq(wanted)]
            m.d.comb += self.events.sessions.eq(wanted != 0)
        with m.Elif(expired):
            m.d.sync += session.eq(0)
            m.d.comb += self.events.timeouts.eq(1)
        return asked, opening

    def _frames(self, m: Module, session: Signal, asked: Value, waiting: Value) -> None:
        """Begin frames. A greeting is answered with one, as is a frame of a session that there is not."""
        sender, incoming, outgoing = self._sender, self._input, self._output
        greeting, owing, missing = Signal(), Signal(), Signal()  # to be said: hello, something, that some is missing
        greets, misses = Signal(), Signal()  # what the frame that is being sent says
        silence = Signal(range(HEARTBEAT_UNITS))
        m.d.comb += [
            sender.header.kind.eq(FrameKind.DATA),
            sender.header.gap.eq(misses),
            sender.header.version.eq(VERSION),
            sender.header.session.eq(session),
            sender.header.position.eq(outgoing.position),
            sender.header.ack.eq(incoming.expected),
            sender.header.limit.eq(incoming.limit),
            sender.more.eq(outgoing.more & ~greets),
            sender.data.payload.eq(outgoing.data.payload),
            sender.data.valid.eq(outgoing.data.valid),
            outgoing.data.ready.eq(sender.data.ready),
            outgoing.idle.eq(sender.idle & ~sender.start),
        ]
        with m.If(greets):
            m.d.comb += sender.header.kind.eq(FrameKind.HELLO)
        with m.If(sender.idle & ~waiting):
            with m.If(greeting):
                m.d.comb += sender.start.eq(1)
            with m.Elif(self.is_up & outgoing.ready):
                m.d.comb += sender.start.eq(owing | outgoing.more)
        with m.If(sender.start):
            m.d.sync += [greets.eq(greeting), misses.eq(missing & ~greeting), greeting.eq(0), silence.eq(0)]
            with m.If(~greeting):
                m.d.sync += [owing.eq(0), missing.eq(0)]
        with m.If(self.unit):
            m.d.sync += silence.eq(silence + 1)
        heartbeat = self.unit & (silence == HEARTBEAT_UNITS - 1)
        lost = incoming.gap | incoming.overflow | self._receiver.bad
        with m.If(heartbeat | incoming.owing | incoming.room_made | lost):
            m.d.sync += owing.eq(1)
        with m.If(lost):
            m.d.sync += missing.eq(1)
        with m.If(~self.is_up):
            m.d.sync += [owing.eq(0), missing.eq(0)]
        with m.If(asked):
            m.d.sync += greeting.eq(1)
