"""A board with a chip of cores, command by command."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from synaptile.rtl.fpga.command import FREE, NUMBER_BYTES, Command, Message
from synaptile.rtl.fpga.counters import COUNTERS, WORDS, LinkCounter
from synaptile.rtl.fpga.hosted_chip import MAGIC, VERSION_BYTES

from .host_link import HostLink
from .link_errors import LinkError, LinkLost, NoBoard

__all__ = ["Board", "BoardInfo", "Heard", "TickEnd"]

_PIECE = 4096
_NUMBERS = ("protocol", "identity", "clock_hz", "baud", "buffer_bytes", "unit_cycles", "tiles")


@dataclass(frozen=True)
class BoardInfo:
    """What a board says about itself.

    ``identity`` is `synaptile.rtl.core_tile.identity_of` its chip, ``version`` what built it; a unit of the link's time
    has ``unit_cycles``.
    """

    protocol: int
    identity: int
    clock_hz: int
    baud: int
    buffer_bytes: int
    unit_cycles: int
    tiles: int
    packet_bits: int
    output_bits: int
    version: str


@dataclass(frozen=True)
class TickEnd:
    """A tick is over: the low bits of its number, its cycles, cores that were late, and `Flag`."""

    number: int
    cycles: int
    overruns: int
    flags: int


@dataclass
class Heard:
    """What came since it was last asked for.

    ``outputs`` are (tick, payload, cycle in it from 0 on or -1), the tick counted from that in which the first came.
    """

    ticks: list[TickEnd] = field(default_factory=list)
    outputs: list[tuple[int, int, int]] = field(default_factory=list)
    words: dict[int, int] = field(default_factory=dict)
    synced: list[int] = field(default_factory=list)


class Board:
    """Sends commands through a link, and sorts what comes.

    Parameters
    ----------
    link
        The session; the board closes it.
    patience
        Seconds in which something must come if something is awaited.

    Attributes
    ----------
    info
        What the board says about itself.
    sent
        Bytes of commands so far.

    Raises
    ------
    NoBoard
        If it does not say what a board says.
    LinkLost
        If it is gone.
    """

    def __init__(self, link: HostLink, *, patience: float = 10.0) -> None:
        self.link = link
        self._patience = patience
        self.sent = 0
        self._rest = b""
        self._heard = Heard()
        self._tag = 0
        self._output_bytes = 1
        words = self.peek(range(COUNTERS, WORDS))
        if words[0] != MAGIC:
            raise NoBoard("what answers is not a board with a chip of cores")
        packet_bits, output_bits = words[8] & 0xFFFF, words[8] >> 16
        text = b"".join(word.to_bytes(4, "little") for word in words[-VERSION_BYTES // 4 :])
        numbers = dict(zip(_NUMBERS, words[1:8], strict=True))
        version = text.rstrip(b"\0").decode(errors="replace")
        self.info = BoardInfo(**numbers, packet_bits=packet_bits, output_bits=output_bits, version=version)
        self._packet_bytes = -(-packet_bits // 8)
        self._output_bytes = -(-output_bits // 8)

    def close(self) -> None:
        """End the session."""
        self.link.close()

    # Commands as bytes.

    def written(self, packets: Iterable[int]) -> bytes:
        """Return the commands that send packets to the chip."""
        size = self._packet_bytes
        first = bytes([Command.WRITE])
        return b"".join(first + packet.to_bytes(size, "little") for packet in packets)

    @staticmethod
    def number(command: Command, value: int) -> bytes:
        """Return a command with a number of ticks, cycles or bytes."""
        if not 0 <= value <= FREE:
            raise ValueError(f"the number after {command.name} must lie in 0..{FREE}, not {value}")
        return bytes([command]) + value.to_bytes(NUMBER_BYTES, "little")

    @staticmethod
    def entry(node: int, key: int, ports: int, *, hub: bool) -> bytes:
        """Return the command that writes an entry of a routing table."""
        return bytes([Command.TABLE, *node.to_bytes(2, "little"), *key.to_bytes(2, "little"), ports | hub << 7])

    # What is done with them.

    def peek(self, numbers: Iterable[int]) -> list[int]:
        """Read words."""
        numbers = list(numbers)
        self.do(b"".join(bytes([Command.PEEK, number]) for number in numbers))
        words = self.take().words
        return [words[number] for number in numbers]

    def counters(self) -> dict[str, int]:
        """Read the board's counters, by `LinkCounter`'s names in small letters."""
        counts = self.peek(range(COUNTERS))
        return {counter.name.lower(): counts[counter] for counter in LinkCounter}

    def reset(self) -> None:
        """Reset the chip, and wait until it is still; forget what was under way."""
        self.do(bytes([Command.RESET]))
        self.take()

    def do(self, commands: bytes) -> None:
        """Carry out commands, and wait until they have been, and everything is still."""
        self._tag = (self._tag + 1) % 256
        self.send(commands + bytes([Command.SYNC, self._tag]))
        self.wait(lambda heard: self._tag in heard.synced)
        self._heard.synced.clear()

    def send(self, commands: bytes) -> None:
        """Send commands, however many; takes what comes meanwhile."""
        self.sent += len(commands)
        while commands:
            if self.link.room >= _PIECE:
                self.link.send(commands[:_PIECE])
                commands = commands[_PIECE:]
                self._listen(0.0)
            else:
                self._await_progress()

    def wait(self, done: Callable[[Heard], bool]) -> None:
        """Take what comes until ``done(heard)``."""
        while not done(self._heard):
            self._await_progress()

    def take(self) -> Heard:
        """Return what came, and begin anew."""
        heard, self._heard = self._heard, Heard()
        return heard

    @property
    def heard(self) -> Heard:
        """What came since `take`."""
        return self._heard

    def _await_progress(self) -> None:
        """Take what comes; raises `LinkLost` if nothing comes or goes for too long."""
        until, unsent = self.link.now() + self._patience, self.link.unsent
        while not self._listen(0.02) and self.link.unsent == unsent:
            if self.link.now() > until:
                raise LinkLost(f"the chip has neither taken nor sent anything for {self._patience:g} s")

    def _listen(self, seconds: float) -> bool:
        data = self.link.receive(seconds)
        if data:
            self._rest = self._sorted(self._rest + data)
        return bool(data)

    def _sorted(self, data: bytes) -> bytes:
        """Sort messages; return the beginning of one that has not come whole."""
        heard, size, place = self._heard, self._output_bytes, 0
        sizes = {
            Message.OUTPUT: 1 + size,
            Message.TIMED_OUTPUT: 1 + size + NUMBER_BYTES,
            Message.TICK_OVER: 7,
            Message.SYNCED: 2,
            Message.WORD: 6,
            Message.REFUSED: 2,
        }
        while place < len(data):
            length = sizes.get(data[place])  # type: ignore[call-overload]
            if length is None:
                raise LinkError(f"the board sends a message {data[place]}, which this host does not know")
            if place + length > len(data):
                break
            kind, message = data[place], data[place + 1 : place + length]
            place += length
            if kind in (Message.OUTPUT, Message.TIMED_OUTPUT):
                cycle = int.from_bytes(message[size:], "little") - 1 if kind == Message.TIMED_OUTPUT else -1
                heard.outputs.append((len(heard.ticks), int.from_bytes(message[:size], "little"), cycle))
            elif kind == Message.TICK_OVER:
                cycles = int.from_bytes(message[1:4], "little")
                heard.ticks.append(TickEnd(message[0], cycles, message[4], message[5]))
            elif kind == Message.SYNCED:
                heard.synced.append(message[0])
            elif kind == Message.WORD:
                heard.words[message[0]] = int.from_bytes(message[1:], "little")
            else:
                raise LinkError(f"the board does not know the command {message[0]}")
        return data[place:]
