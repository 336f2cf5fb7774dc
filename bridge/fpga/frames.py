"""Frames of the host link in bytes (docs/host-link.md): header, data and trailer, and how they stand on the line."""

from __future__ import annotations

import struct
from binascii import crc_hqx
from dataclasses import dataclass

from synaptile.rtl.fpga.frame import HEADER_BYTES, MAX_DATA, TRAILER_BYTES, VERSION, FrameKind

__all__ = ["Frame", "cobs_decode", "cobs_encode"]

_HEADER = struct.Struct("<BBHHH")
_CHECK_BEGIN = 0xFFFF


@dataclass(frozen=True)
class Frame:
    """A frame; positions are in bytes, modulo 65,536, from the beginning of the session.

    Attributes
    ----------
    kind
        Greeting or data.
    session
        Number of the session.
    position
        Of the first byte of ``data`` among those of its side.
    ack
        Of the next byte that this side expects.
    limit
        Of the first byte for which it has no room.
    data
        At most `MAX_DATA` bytes.
    gap
        Something is missing: everything from ``ack`` on is to be sent again.
    version
        Of the protocol.
    """

    kind: FrameKind
    session: int
    position: int
    ack: int
    limit: int
    data: bytes = b""
    gap: bool = False
    version: int = VERSION

    def to_line(self) -> bytes:
        """Return what is sent: encoded, with the 0 that ends it."""
        if len(self.data) > MAX_DATA:
            raise ValueError(f"data must have at most {MAX_DATA} bytes, not {len(self.data)}")
        first = self.kind | self.gap << 2 | self.version << 4
        body = _HEADER.pack(first, self.session, self.position, self.ack, self.limit)
        body += self.data + bytes([len(self.data)])
        return cobs_encode(body + crc_hqx(body, _CHECK_BEGIN).to_bytes(2, "big")) + b"\0"

    @classmethod
    def of_line(cls, encoded: bytes) -> Frame | None:
        """Return the frame in the bytes before a 0; None if there is none, or something is wrong with it."""
        body = cobs_decode(encoded)
        if body is None or len(body) < HEADER_BYTES + TRAILER_BYTES or crc_hqx(body, _CHECK_BEGIN):
            return None
        first, session, position, ack, limit = _HEADER.unpack_from(body)
        data = body[HEADER_BYTES:-TRAILER_BYTES]
        if body[-TRAILER_BYTES] != len(data) & 0xFF or first & 3 not in (FrameKind.HELLO, FrameKind.DATA):
            return None
        return cls(FrameKind(first & 3), session, position, ack, limit, data, bool(first >> 2 & 1), first >> 4)


def cobs_encode(data: bytes) -> bytes:
    """Encode bytes so that there is no 0 among them, as `synaptile.rtl.fpga.cobs` says."""
    out = bytearray()
    pieces = data.split(b"\0")
    for number, piece in enumerate(pieces):
        while len(piece) >= 254:
            out += b"\xff" + piece[:254]
            piece = piece[254:]
            if not piece and number == len(pieces) - 1:
                return bytes(out)
        out.append(len(piece) + 1)
        out += piece
    return bytes(out)


def cobs_decode(encoded: bytes) -> bytes | None:
    """Return what has been encoded, or None if that cannot be."""
    out = bytearray()
    place, size = 0, len(encoded)
    zero = False
    while place < size:
        length = encoded[place]
        if not length or place + length > size:
            return None
        if zero:
            out.append(0)
        out += encoded[place + 1 : place + length]
        place += length
        zero = length != 0xFF
    return bytes(out)
