"""A chip of cores with a host at the other end of a serial line: everything of an FPGA but clock, reset and pins."""

from typing import Any

from amaranth.hdl import ClockDomain, ClockSignal, DomainRenamer, Module, ResetInserter, ResetSignal, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ..core import CoreParams
from ..core_mesh import CoreMesh
from ..core_tile import host_packet, identity_of, payload_bits
from ..params import NetworkParams
from .counters import COUNTERS, WORDS, LinkCounter, Registers
from .frame import VERSION
from .host_bridge import HostBridge
from .link import HostLink, unit_bits
from .uart import UartReceiver, UartTransmitter

__all__ = ["CHIP_STATUS", "MAGIC", "VERSION_BYTES", "HostedChip", "constants_of"]

CHIP_STATUS = data.StructLayout({"link_up": 1, "running": 1, "error": 1, "activity": 1})
"""For LEDs: a host is there; a tick is under way; something was dropped, refused, or not done in time since the last
reset of the chip; a frame has come within the last 16 ms."""

MAGIC = int.from_bytes(b"SYNP", "little")
"""The first of the constants that the host can read."""

_VERSION_WORD = 32
VERSION_BYTES = 4 * (WORDS - _VERSION_WORD)
"""Room for what built the FPGA's configuration."""


def constants_of(
    network: NetworkParams,
    core: CoreParams,
    *,
    clock_hz: float,
    baud: float,
    host_tile: int,
    host_key: int,
    buffer_bytes: int,
    unit_bits: int,
    version: bytes,
) -> list[int]:
    """Return the words of 32 bits behind the counters (docs/host-link.md).

    Raises
    ------
    ValueError
        If ``version`` is longer than `VERSION_BYTES`.
    """
    if len(version) > VERSION_BYTES:
        raise ValueError(f"version must have at most {VERSION_BYTES} bytes, not {len(version)}")
    packet = Value.cast(Signal(host_packet(core, network))).shape().width
    numbers = [
        MAGIC,
        VERSION,
        identity_of(core, network, host_tile, host_key),
        round(clock_hz),
        round(baud),
        buffer_bytes,
        1 << unit_bits,
        network.tiles,
        packet | payload_bits(core, network) << 16,
    ]
    numbers += [0] * (_VERSION_WORD - COUNTERS - len(numbers))
    text = version.ljust(VERSION_BYTES, b"\0")
    return numbers + [int.from_bytes(text[place : place + 4], "little") for place in range(0, VERSION_BYTES, 4)]


class HostedChip(wiring.Component):
    """A `CoreMesh`, and the host link to it.

    Everything is clocked by the domain ``sync`` and reset by its synchronous reset. Inside there are two domains of
    the same clock, since the host can reset the chip alone.

    Parameters
    ----------
    network, core, host_tile, host_key
        The chip, as for `CoreMesh`.
    clock_hz
        Frequency of the clock.
    baud
        Bits in a second on the line: at most a quarter of that.
    version
        What the host can read of how this was built, at most `VERSION_BYTES` bytes; by custom, text in UTF-8.
    buffer_bytes, time_bits
        See `HostLink`; by default, units of time from 8 to 16 ms.

    Members
    -------
    rx : In(1)
        The line from the host; it may change at any time.
    tx : Out(1)
        The line to the host; a register.
    status : Out(CHIP_STATUS)
        Registers.

    Raises
    ------
    ValueError
        If the network is not one for these cores, or a number is out of its range.
    """

    def __init__(
        self,
        network: NetworkParams,
        core: CoreParams,
        *,
        clock_hz: float,
        baud: float,
        host_tile: int = 0,
        host_key: int = 0,
        version: bytes = b"",
        buffer_bytes: int = 2048,
        time_bits: int | None = None,
    ) -> None:
        bits = unit_bits(clock_hz) if time_bits is None else time_bits
        constants = constants_of(
            network,
            core,
            clock_hz=clock_hz,
            baud=baud,
            host_tile=host_tile,
            host_key=host_key,
            buffer_bytes=buffer_bytes,
            unit_bits=bits,
            version=version,
        )
        self._receiver = UartReceiver(clock_hz=clock_hz, baud=baud)
        self._transmitter = UartTransmitter(clock_hz=clock_hz, baud=baud)
        self.link = HostLink(buffer_bytes=buffer_bytes, unit_bits=bits)
        self.chip = self._make_chip(network, core, host_tile, host_key)
        self._bridge = HostBridge(network, core, level_bits=len(self.link.level))
        self._registers = Registers(constants)
        super().__init__({"rx": In(1, init=1), "tx": Out(1, init=1), "status": Out(CHIP_STATUS)})  # type: ignore[call-arg]

    def _make_chip(self, network: NetworkParams, core: CoreParams, host_tile: int, host_key: int) -> Any:
        """Make the chip. A test overrides this to have something smaller with the same ports."""
        return CoreMesh(network, core, host_tile=host_tile, host_key=host_key)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        # Both are driven alike, so that neither is ahead of the other in simulation.
        m.domains.link = ClockDomain(local=True)
        m.domains.chip = ClockDomain(local=True)
        chip, link, bridge, registers = self.chip, self.link, self._bridge, self._registers
        reset = Signal(init=1)  # of the chip; a register, for its wires are the longest there are
        m.d.link += reset.eq(bridge.reset)
        link_domain = DomainRenamer("link")
        m.submodules.chip = DomainRenamer("chip")(chip)
        m.submodules.receiver = link_domain(self._receiver)
        m.submodules.transmitter = link_domain(self._transmitter)
        m.submodules.link = link_domain(link)
        m.submodules.bridge = link_domain(ResetInserter(~link.is_up)(bridge))
        m.submodules.registers = link_domain(registers)
        running = Signal()  # not during a reset, in which the chip takes nothing
        m.d.comb += [
            ClockSignal("link").eq(ClockSignal("sync")),
            ClockSignal("chip").eq(ClockSignal("sync")),
            ResetSignal("link").eq(ResetSignal("sync")),
            ResetSignal("chip").eq(reset),
            bridge.restarting.eq(reset),
            running.eq(link.is_up),
            self._receiver.rx.eq(self.rx),
            self.tx.eq(self._transmitter.tx),
            link.byte.eq(self._receiver.data),
            link.byte_valid.eq(self._receiver.valid),
            bridge.level.eq(link.level),
            bridge.room.eq(link.room),
            bridge.word.eq(registers.word),
            bridge.free.eq(registers.free),
            registers.address.eq(bridge.address),
            registers.hold.eq(bridge.hold & link.is_up),
            chip.tick.eq(bridge.tick),
            bridge.busy.eq(chip.busy),
            bridge.overrun.eq(chip.overrun),
            bridge.refused.eq(chip.refused),
            bridge.error.eq(chip.error),
            chip.host_in.valid.eq(bridge.host_in.valid & running),
            Value.cast(chip.host_in.payload).eq(bridge.host_in.payload),
            bridge.host_in.ready.eq(chip.host_in.ready),
            bridge.host_out.valid.eq(chip.host_out.valid),
            bridge.host_out.payload.eq(chip.host_out.payload),
            chip.host_out.ready.eq(bridge.host_out.ready & running),
        ]
        wiring.connect(m, link.encoded, self._transmitter.data)
        wiring.connect(m, link.down, bridge.down)
        wiring.connect(m, bridge.up, link.up)
        for name in ("configure", "hub_configure"):
            for written, entry in zip(getattr(bridge, name, ()), getattr(chip, name, ()), strict=True):
                wiring.connect(m, written, entry)
        for counter in LinkCounter:
            name = counter.name.lower()
            source = next((events for events in (link.events, bridge.events) if name in dict(events.shape())), None)
            m.d.comb += registers.events[counter].eq(self._receiver.broken if source is None else source[name])
        self._show(m)
        return m

    def _show(self, m: Module) -> None:
        link, events, status = self.link, self._bridge.events, self.status
        idle = Signal(init=1)  # no frame has come in this unit of time
        m.d.link += [status.link_up.eq(link.is_up), status.running.eq(self._bridge.running)]
        with m.If(link.unit):
            m.d.link += [idle.eq(1), status.activity.eq(~idle)]
        with m.If(link.events.frames_received):
            m.d.link += [idle.eq(0), status.activity.eq(1)]
        with m.If(events.refused | events.errors | events.overruns):
            m.d.link += status.error.eq(1)
        with m.If(events.resets):
            m.d.link += status.error.eq(0)
