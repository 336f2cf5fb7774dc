"""The engine that is no simulation: a board with the chip in its FPGA, at a serial port."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from amaranth.hdl import Shape

from synaptile.rtl import NetworkParams, PacketLayouts, RoutingTable
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core.config_word import ConfigTarget
from synaptile.rtl.core.counters import CoreCounter
from synaptile.rtl.core.neurons import neuron_variables
from synaptile.rtl.core.payload import Read
from synaptile.rtl.core_tile import CoreTile, identity_of, payloads_of
from synaptile.rtl.fpga.command import FREE, Command, Flag

from ..engines.base import Activity, Deliveries, Ints, Packets
from ..engines.cores import COUNTERS, CoreImage, HostEvents, Spikes, Tick, Ticks
from ..engines.cores.checks import check_events, check_images, check_schedule, reach_of
from ..engines.cores.door import Door
from ..engines.cores.unseen import no_activity, no_deliveries, no_packets
from ..engines.ledger import HardwareFault
from ..engines.wave_sink import WaveSink
from ..onchip.programming import programming_stream
from .board import Board
from .host_link import HostLink
from .link_errors import LinkError, WrongChip
from .serial_port import ByteLine, open_port
from .simulated.line import SIMULATED, simulated_line

__all__ = ["DEFAULT_BAUD", "FpgaCoreEngine"]

DEFAULT_BAUD = 3_000_000

_log = logging.getLogger(__name__)


class FpgaCoreEngine:
    """A chip of cores on a board (see `synaptile.bridge.engines.cores.CoreEngine` for what the methods promise).

    A board tells what leaves the chip at its door, and no more. So ``fired`` are the spikes that the host is told of,
    those of neurons whose spikes are recorded; there are no packets, deliveries and activity, and `observes` says so.
    Spikes and ticks are those of the simulators; cycles may be others, for events come through a serial line.

    Parameters
    ----------
    network, core, host_tile, host_key, table
        As for `CompiledCoreEngine`; the board must have this very chip.
    waves, threads
        As all engines have them: there are no waves, and ``threads`` changes nothing.
    port
        The serial port, such as ``/dev/ttyUSB0``; ``"simulated"`` for the gates of a board, compiled, on which a second
        is one of the board's clock; or an open line.
    baud
        Bits in a second, as the board was built for; see `simulated_line`.

    Attributes
    ----------
    board
        The board.
    observes
        False: what is inside the chip is not seen.
    seconds
        Time that ticks have taken so far, from sending the first event to hearing that the last tick is over.

    Raises
    ------
    ValueError
        If the chip is impossible, ``waves`` are asked for, or no ``port`` is given.
    PortError, NoBoard
        If the port cannot be used, or what is there is no board.
    WrongChip
        If the board has another chip.
    """

    name = "fpga"
    observes = False

    def __init__(
        self,
        network: NetworkParams,
        core: CoreParams,
        *,
        host_tile: int = 0,
        host_key: int = 0,
        table: RoutingTable | None = None,
        waves: WaveSink | None = None,
        threads: int = 1,
        port: str | ByteLine | None = None,
        baud: int = DEFAULT_BAUD,
    ) -> None:
        if waves is not None:
            raise ValueError("waves need an engine that simulates gates, not 'fpga'")
        if port is None:
            raise ValueError("port must be given for the engine 'fpga', such as /dev/ttyUSB0, or simulated")
        self.network, self.core = network, core
        self._place = {"host_tile": host_tile, "host_key": host_key}
        self._table = table
        self._payloads = payloads_of(core, network)
        self._door = Door(network, _tile(network, core, host_tile, host_key))
        self._known, _ = reach_of(network, table)
        self._host_node, _ = network.interconnect.locate(host_tile)
        self.board = Board(HostLink(self._line(port, baud)))
        identity, found = identity_of(core, network, host_tile, host_key), self.board.info.identity
        if found != identity:
            self.board.close()
            raise WrongChip(
                f"the board has the chip {found:06x}, and this one is {identity:06x}; nothing has been loaded: build "
                "the board for this chip, or choose the chip that it was built for"
            )
        self.cycle = self.tick_number = 0
        self.seconds = 0.0
        self._period: int | None = None
        self._overruns = 0
        self._fresh = False

    def _line(self, port: str | ByteLine, baud: int) -> ByteLine:
        if not isinstance(port, str):
            return port
        if port == SIMULATED:
            return simulated_line(self.network, self.core, baud=baud, announce=_log.info, **self._place)
        return open_port(port, baud)

    def close(self) -> None:
        """End the session."""
        self.board.close()

    def load(self, images: Sequence[CoreImage]) -> None:
        """Reset the chip and write these images into its cores.

        Raises `LinkError` if a core refuses what is written.
        """
        shapes = {name: Shape.cast(variable.shape) for name, variable in neuron_variables(self.core).items()}
        check_images(images, self.network, self.core, shapes)
        board = self.board
        self._fresh = False
        stream = programming_stream(images, self.network, self.core, table=self._table, complete=True, **self._place)
        board.reset()
        before = board.counters()
        commands = [board.entry(*entry, hub=False) for entry in stream.table]
        commands += [board.entry(*entry, hub=True) for entry in stream.hub_table]
        commands += [bytes([Command.DETAIL, 1]), board.number(Command.PERIOD, 0)]
        board.do(b"".join(commands) + board.written(stream.packets))
        after = board.counters()
        for name in ("refused", "errors"):
            if after[name] != before[name]:
                raise LinkError(f"the chip has not taken everything that was loaded ({name}: {after[name]})")
        board.take()
        self.cycle = self.tick_number = 0
        self.seconds = 0.0
        self._period = None
        self._overruns = 0
        self._fresh = True

    def tick(self, events: HostEvents, cycles: int | None) -> Tick:
        """Run one tick."""
        return self.run(1, events, np.zeros(len(events), np.int64), cycles)[0]

    def run(self, ticks: int, events: HostEvents, when: Ints, cycles: int | None) -> Ticks:
        """Run several ticks; the host sends each event in the tick ``when``.

        Ctrl-C leaves the board running to the end of what it has been told; the engine can then only `load`.
        """
        if not self._fresh:
            raise ValueError("load must be called first, and again after a run that was interrupted or failed")
        check_schedule(ticks, events, when, cycles)
        check_events(events, self.network, self.core, self._known, self._host_node)
        self._fresh = False
        board = self.board
        begin = board.link.now()
        board.send(self._commands(ticks, events, when, cycles))
        board.wait(lambda heard: len(heard.ticks) >= ticks)
        self.seconds += board.link.now() - begin
        heard = board.take()
        lengths = np.array([tick.cycles for tick in heard.ticks], np.int64)
        overruns = np.array([tick.overruns for tick in heard.ticks], np.int64)
        for number, tick in enumerate(heard.ticks):
            if tick.number != self.tick_number + number & 0xFF:
                raise LinkError(
                    f"tick {self.tick_number + number} is over on the board as one with number {tick.number}"
                )
            if tick.flags & Flag.ERROR:
                raise HardwareFault(f"the network dropped a packet in tick {self.tick_number + number}")
        starts = self.cycle + np.cumsum(lengths) - lengths
        rows = np.array(heard.outputs, np.int64).reshape(-1, 3)
        when_out = np.minimum(rows[:, 0], ticks - 1)
        reported = self._door.reports(
            np.column_stack([when_out + self.tick_number, rows[:, 1], starts[when_out] + rows[:, 2]])
        )
        order = np.lexsort((reported.neuron, reported.tile, reported.tick))
        columns = (getattr(reported, name)[order] for name in ("tick", "tile", "neuron", "cycle"))
        seen = Ticks(self.tick_number, Spikes(*columns), reported, lengths, overruns)
        self.cycle += int(lengths.sum())
        self.tick_number += ticks
        self._overruns += int(overruns.sum())
        self._fresh = True
        return seen

    def _commands(self, ticks: int, events: HostEvents, when: Ints, cycles: int | None) -> bytes:
        """Return what runs ticks: those in which the host sends events one by one, the others together."""
        board, commands = self.board, []
        period = cycles or 0
        if period != self._period:
            commands.append(board.number(Command.PERIOD, period))
            self._period = period
        words = self._door.packets(events).astype(object)
        packets = (words[:, 0] | words[:, 1] << 64).tolist() if len(words) else []
        begun = 0
        bounds = np.searchsorted(when, np.arange(ticks + 1))
        for tick in np.unique(when).tolist():
            commands += self._runs(tick - begun)
            written = board.written(packets[bounds[tick] : bounds[tick + 1]])
            commands += [board.number(Command.TICK, len(written)), written]
            begun = tick + 1
        commands += self._runs(ticks - begun)
        return b"".join(commands)

    def _runs(self, ticks: int) -> list[bytes]:
        most = FREE - 1
        whole, rest = divmod(ticks, most)
        return [self.board.number(Command.RUN, count) for count in [most] * whole + [rest] * (rest > 0)]

    def read(self, tile: int, variable: str) -> Ints:
        """The present values of a variable of a core's neurons; only from cores with readback."""
        if not self.core.readback:
            raise ValueError(f"readback must be on in the chip for {variable} to be read from a board")
        names = list(neuron_variables(self.core))
        if variable not in names:
            raise ValueError(f"variable must be one of {', '.join(names)}, not {variable!r}")
        neurons = range(self.core.neurons)
        words = self.look(tile, [(ConfigTarget.NEURONS, names.index(variable), neuron) for neuron in neurons])
        return np.array(words, np.int64)

    def look(self, tile: int, places: Sequence[tuple[ConfigTarget, int, int]]) -> list[int]:
        """Read words of a core, each (target, row, column) as in `ConfigTarget`, in this order."""
        if not 0 <= tile < self.network.tiles:
            raise ValueError(f"tile must lie in 0..{self.network.tiles - 1}, not {tile}")
        layouts, payloads, board = PacketLayouts(self.network), self._payloads, self.board
        address = tile if self._table is not None else layouts.position_of(tile)
        kept = board.take()
        if kept.outputs or kept.ticks:
            raise LinkError("the board has sent something that nobody asked for")
        commands = b""
        for place in places:
            word = payloads.read(payloads.words.encode(*place, 0))
            # A word is refused while another is being read: each waits until the one before has come.
            commands += board.written([word << layouts.address.size | address]) + bytes([Command.SYNC, 0])
        board.do(commands)
        found: list[int] = []
        for _, payload, _ in board.take().outputs:
            reply = payloads.decode(payload)
            if not isinstance(reply, Read) or not reply.reply or reply.word[:3] != places[len(found)]:
                raise LinkError(f"the chip has answered {reply} where {places[len(found)]} was to be read")
            found.append(reply.word.value)
        if len(found) != len(places):
            raise LinkError(f"the chip has answered {len(found)} of {len(places)} reads")
        return found

    def packets(self) -> Packets:
        """None: they are not seen."""
        return no_packets()

    def deliveries(self, first: int = 0) -> Deliveries:
        """None, likewise."""
        return no_deliveries()

    def activity(self) -> Activity:
        """Nothing, in as many cycles as the ticks had: routers' counters are in simulation only."""
        return no_activity(self.network, self.cycle)

    def counters(self) -> dict[str, Ints]:
        """Those of `COUNTERS` that the cores count themselves; none if they have no counters, or the board is gone.

        ``axon_events`` is never among them: cores count events when they act, and not when they come.
        """
        if not self.core.counter_bits or self.board.link.lost:
            return {}
        places = [(ConfigTarget.COUNTERS, 0, int(counter)) for counter in CoreCounter]
        table = np.array([self.look(tile, places) for tile in range(self.network.tiles)], np.int64)
        found = {counter.name.lower(): table[:, counter] for counter in CoreCounter}
        found["neuron_updates"] = found["ticks"] * self.core.neurons
        found["refused"] = found["refused_events"] + found["refused_words"] + found["unread_words"]
        return {name: found[name] for name in COUNTERS if name != "axon_events"}


def _tile(network: NetworkParams, core: CoreParams, host_tile: int, host_key: int) -> CoreTile:
    """Return a tile of the chip, for what its door says."""
    from amaranth.hdl import Fragment

    tile = CoreTile(network.replace(tag_bits=0), core, host_tile=host_tile, host_key=host_key)
    Fragment.get(tile, None)  # or else Amaranth warns of a circuit that is never used
    return tile
