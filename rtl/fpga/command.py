"""The messages between a host and the board: what stands in the link's data (docs/host-link.md)."""

from enum import IntEnum

__all__ = ["ARGUMENT_BYTES", "FREE", "NUMBER_BYTES", "Command", "Flag", "Message"]

NUMBER_BYTES = 3
"""Bytes of a number of ticks, or of cycles."""

FREE = (1 << 8 * NUMBER_BYTES) - 1
"""A number of ticks that never ends."""


class Command(IntEnum):
    """Commands of the host: the first byte; arguments follow, the low byte of each number first."""

    WRITE = 1
    """A packet for the chip's door, in as many bytes as its bits need."""
    TICK = 2
    """Three bytes: how many bytes of commands follow that belong to this tick.

    It begins when they are there, or half of the memory is full; and is not over before they have been carried out.
    """
    RUN = 3
    """Three bytes: so many ticks, one after the other, or `FREE`."""
    PERIOD = 4
    """Three bytes: cycles of a tick, or 0 if it is over when everything is still."""
    STOP = 5
    """No tick begins any more."""
    SYNC = 6
    """One byte: sent back when all ticks are over and everything is still."""
    RESET = 7
    """Reset the chip; its memories keep what was written, its tick number is 0."""
    PEEK = 8
    """One byte: the number of a word of 32 bits, to be sent."""
    TABLE = 9
    """Two bytes node, two bytes key, one byte ports and, as its highest bit, hub: an entry of a routing table."""
    DETAIL = 10
    """One byte: 1 if what the chip sends is to be sent with its cycle, 0 if not."""


ARGUMENT_BYTES = {
    Command.TICK: NUMBER_BYTES,
    Command.RUN: NUMBER_BYTES,
    Command.PERIOD: NUMBER_BYTES,
    Command.STOP: 0,
    Command.SYNC: 1,
    Command.RESET: 0,
    Command.PEEK: 1,
    Command.TABLE: 5,
    Command.DETAIL: 1,
}
"""Bytes after each command but `Command.WRITE`."""


class Message(IntEnum):
    """Messages of the board: the first byte."""

    OUTPUT = 1
    """What the chip sends to the host, in as many bytes as its bits need."""
    TIMED_OUTPUT = 2
    """The same, and three bytes: its cycle, counted from 1 in each tick."""
    TICK_OVER = 3
    """The tick's number (one byte, its low bits), length in cycles (three bytes), overruns (one byte), `Flag` (one)."""
    SYNCED = 4
    """One byte: that of the command."""
    WORD = 5
    """The word's number, and four bytes."""
    REFUSED = 6
    """One byte: a command that there is not. What comes after it is not looked at until the next session."""


class Flag(IntEnum):
    """Bits of the flags in `Message.TICK_OVER`."""

    REFUSED = 1
    """A core refused something since the tick before was over."""
    ERROR = 2
    """The network dropped a packet since then."""
