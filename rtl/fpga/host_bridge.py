"""Between the link's streams of bytes and a chip of cores: commands in, messages out."""

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ..core import CoreParams
from ..core_tile import host_packet, payload_bits
from ..params import NetworkParams
from ..router.table_memory import table_entry_signature
from .command_port import CommandPort
from .message_port import MessagePort
from .ticker import Ticker

__all__ = ["BRIDGE_EVENTS", "HostBridge"]

BRIDGE_EVENTS = data.StructLayout({"ticks": 1, "stalls": 1, "overruns": 1, "refused": 1, "errors": 1, "resets": 1})
"""What is counted, each 1 for one cycle."""


class HostBridge(wiring.Component):
    """Has a chip do what a host says, and tells it what the chip does.

    Parameters
    ----------
    network, core
        The chip, as for `CoreMesh`.
    level_bits
        Width of ``level``.

    Members
    -------
    down : In(stream(8)), level : In(level_bits)
        Commands, and how many bytes of them are there.
    up : Out(stream(8)), room : In(1)
        Messages, and whether there is room for several of them.
    address, hold, word, free
        To `synaptile.rtl.fpga.counters.Registers`.
    running : Out(1)
        A tick is under way.
    events : Out(BRIDGE_EVENTS)
    reset, restarting : Out(1), In(1)
        Reset the chip: 1 for one cycle, a register. It is being reset, from the next cycle on.
    tick, busy, overrun, refused, error, host_in, host_out, configure, hub_configure
        To the chip, see `CoreMesh`.
    """

    def __init__(self, network: NetworkParams, core: CoreParams, *, level_bits: int) -> None:
        self._network = network
        self._packet_bits = Value.cast(Signal(host_packet(core, network))).shape().width
        output_bits = payload_bits(core, network)
        self._hubs = bool(network.table_entries) and network.interconnect.has_hubs
        self._tables = ["configure"] * (network.table_entries > 0) + ["hub_configure"] * self._hubs
        self._commands = CommandPort(self._packet_bits, level_bits=level_bits, tables=bool(self._tables))
        self._messages = MessagePort(output_bits)
        entry = table_entry_signature(network.key_bits)
        super().__init__(
            {
                "down": In(stream.Signature(8)),
                "level": In(level_bits),
                "up": Out(stream.Signature(8)),
                "room": In(1),
                "address": Out(6),
                "hold": Out(1),
                "word": In(32),
                "free": In(1),
                "running": Out(1),
                "events": Out(BRIDGE_EVENTS),
                "reset": Out(1),
                "restarting": In(1),
                "tick": Out(1),
                "busy": In(1),
                "overrun": In(network.tiles),
                "refused": In(network.tiles),
                "error": In(network.nodes),
                "host_in": Out(stream.Signature(self._packet_bits)),
                "host_out": In(stream.Signature(output_bits)),
                **{name: Out(entry).array(network.nodes) for name in self._tables},
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.commands = commands = self._commands
        m.submodules.messages = messages = self._messages
        m.submodules.ticker = ticker = Ticker()
        wiring.connect(m, wiring.flipped(self.down), commands.data)
        wiring.connect(m, messages.data, wiring.flipped(self.up))
        wiring.connect(m, commands.packet, wiring.flipped(self.host_in))
        # Everything is still if the chip is not busy, and nothing has gone in that would show in that only later.
        recent, still = Signal(2), Signal()
        entered = self.host_in.valid | self.tick
        m.d.sync += recent.eq(Cat(entered, recent))
        m.d.comb += still.eq(~self.busy & ~entered & ~recent.any())
        m.d.sync += self.reset.eq(commands.reset)
        m.d.comb += [
            commands.level.eq(self.level),
            commands.active.eq(ticker.active),
            commands.still.eq(still),
            commands.free.eq(self.free),
            commands.answered.eq(messages.answered),
            commands.quiet.eq(messages.quiet),
            commands.restarting.eq(self.reset | self.restarting),
            self.address.eq(commands.address),
            self.hold.eq(commands.hold),
            ticker.start.eq(commands.start),
            ticker.stop.eq(commands.stop),
            ticker.number.eq(commands.number),
            ticker.period.eq(commands.period),
            ticker.pending.eq(commands.pending),
            ticker.still.eq(still),
            ticker.room.eq(self.room & ~messages.waiting),
            self.tick.eq(ticker.tick),
            self.running.eq(ticker.active),
            messages.answer.eq(commands.answer),
            messages.kind.eq(commands.kind),
            messages.tag.eq(commands.tag),
            messages.long.eq(commands.long),
            messages.word.eq(self.word),
            messages.timed.eq(commands.timed),
            messages.over.eq(ticker.over),
            messages.length.eq(ticker.cycle),
            messages.cycle.eq(ticker.cycle),
            messages.room.eq(self.room),
            messages.output.valid.eq(self.host_out.valid & ~commands.resetting),
            messages.output.payload.eq(self.host_out.payload),
            self.host_out.ready.eq(messages.output.ready),
        ]
        self._observe(m, ticker, commands)
        for name in self._tables:
            for number, entry in enumerate(getattr(self, name)):
                m.d.comb += [
                    entry.valid.eq(
                        commands.write & (commands.node == number) & (commands.hub == (name == "hub_configure"))
                    ),
                    entry.key.eq(commands.key),
                    entry.ports.eq(commands.ports),
                ]
        return m

    def _observe(self, m: Module, ticker: Ticker, commands: CommandPort) -> None:
        """Put together what is said of a tick that is over."""
        messages = self._messages
        number = Signal(8)
        refused, error = Signal(), Signal()  # now, from a register
        flags = Signal(2)
        late, counted, overruns = Signal.like(self.overrun), Signal(range(self._network.tiles + 1)), Signal(8)
        m.d.sync += [
            refused.eq(self.refused.any()),
            error.eq(self.error.any()),
            late.eq(self.overrun),
            counted.eq(sum(late[1:], start=late[0])),
        ]
        # All cores that are late say so in the same cycle, the second of a tick.
        with m.If(counted != 0):
            m.d.sync += overruns.eq(counted if self._network.tiles < 256 else Mux(counted > 255, 255, counted))
        m.d.sync += flags.eq(flags | Cat(refused, error))
        with m.If(ticker.over):
            m.d.sync += [
                number.eq(number + 1),
                messages.number.eq(number),
                messages.flags.eq(flags),
                messages.overruns.eq(overruns),
                flags.eq(Cat(refused, error)),
                overruns.eq(0),
            ]
        with m.If(commands.reset):
            m.d.sync += number.eq(0)
        m.d.comb += [
            self.events.ticks.eq(ticker.tick),
            self.events.stalls.eq(ticker.stalled),
            self.events.overruns.eq(late.any()),
            self.events.refused.eq(refused),
            self.events.errors.eq(error),
            self.events.resets.eq(commands.reset),
        ]
