# amaranth: UnusedElaboratable=no
from binascii import crc_hqx

from hypothesis import given
from hypothesis import strategies as st

from synaptile.rtl.fpga.crc16 import crc16


def test_the_check_of_the_catalogues() -> None:
    assert crc16(b"123456789") == 0x29B1


@given(st.binary(max_size=300))
def test_it_is_that_of_the_host(data: bytes) -> None:
    check = crc16(data)
    assert check == crc_hqx(data, 0xFFFF)
    assert crc16(data + check.to_bytes(2, "big")) == 0
