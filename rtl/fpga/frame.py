"""The frames of the host link: what stands in each, before it is encoded (docs/host-link.md)."""

import enum

from amaranth.lib import data

__all__ = ["HEADER", "HEADER_BYTES", "MAX_DATA", "TRAILER_BYTES", "VERSION", "FrameKind"]

VERSION = 1
"""Of the protocol; the high half of each frame's first byte."""

MAX_DATA = 240
"""Most bytes of data in a frame that the board sends."""


class FrameKind(enum.IntEnum):
    """Kinds of frame: the lowest two bits of the first byte."""

    HELLO = 1
    """A session begins, or ends if its number is 0; and the board's answer to that."""
    DATA = 2
    """Data, or none; and how far those of the other side have come."""


HEADER = data.StructLayout(
    {
        "kind": 2,
        "gap": 1,  # something of yours is missing: send again what I have not acknowledged
        "reserved": 1,
        "version": 4,
        "session": 8,
        "position": 16,  # of the first byte of data, in all data of the session
        "ack": 16,  # position of the next byte that is expected
        "limit": 16,  # position of the first byte for which there is no room
    }
)
"""The first bytes of a frame, the low byte of each number first. After them come data, and the trailer."""

HEADER_BYTES = HEADER.size // 8

TRAILER_BYTES = 3
"""The number of bytes of data, and the check, its high byte first.

The number is there since a byte more or less leaves a CRC right with a probability of 1 in 65,536, which is too often.
"""
