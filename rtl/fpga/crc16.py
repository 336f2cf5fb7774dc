"""The check of a frame: CRC-16 with the polynomial of the CCITT, x^16 + x^12 + x^5 + 1.

It begins with 0xFFFF, takes the highest bit of each byte first, and is sent as it is, the high byte first; so it is 0
over a frame and its check. The catalogues call it CRC-16/IBM-3740 or CRC-16/CCITT-FALSE: that of the nine characters
``123456789`` is 0x29B1.
"""

from typing import Any

from amaranth.lib import crc

__all__ = ["crc16", "crc16_processor"]

_PARAMETERS: Any = crc.Algorithm(
    crc_width=16,
    polynomial=0x1021,
    initial_crc=0xFFFF,
    reflect_input=False,
    reflect_output=False,
    xor_output=0,
)(data_width=8)


def crc16_processor() -> crc.Processor:
    """Return a circuit that computes it, a byte in each cycle."""
    return _PARAMETERS.create()


def crc16(data: bytes) -> int:
    """Return the check of some bytes."""
    return int(_PARAMETERS.compute(data))
