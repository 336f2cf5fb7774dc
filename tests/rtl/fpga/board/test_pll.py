"""Settings of phase-locked loops: legal by the data sheets, near to what is asked, and none nearer."""

import re
from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.rtl.fpga.board.pll import PLLS, Ecp5Pll, Ice40Pll, NoPll, Xc7Pll, pll_for

FAMILIES = st.sampled_from(sorted(PLLS))
INPUTS = st.sampled_from([12e6, 16e6, 25e6, 27e6, 48e6, 50e6, 100e6, 125e6])


def limits_are_kept(pll: object) -> bool:
    """The limits, written again from the data sheets."""
    if isinstance(pll, Ecp5Pll):
        compare, vco = pll.input_hz / pll.input_divider, pll.input_hz / pll.input_divider * pll.multiplier
        return (
            10e6 <= compare <= 400e6
            and 400e6 <= vco <= 800e6
            and 3.125e6 <= vco / pll.output_divider <= 400e6
            and all(1 <= number <= 128 for number in (pll.input_divider, pll.multiplier, pll.output_divider))
        )
    if isinstance(pll, Ice40Pll):
        compare, vco = pll.input_hz / (pll.divr + 1), pll.input_hz / (pll.divr + 1) * (pll.divf + 1)
        return (
            10e6 <= compare <= 133e6
            and 533e6 <= vco <= 1066e6
            and 16e6 <= vco / 2**pll.divq <= 275e6
            and (0 <= pll.divr < 16, 0 <= pll.divf < 128, 1 <= pll.divq <= 6, 1 <= pll.filter_range <= 6) == (True,) * 4
        )
    assert isinstance(pll, Xc7Pll)
    compare, vco = pll.input_hz / pll.input_divider, pll.input_hz / pll.input_divider * pll.multiplier
    return (
        19e6 <= compare <= 450e6
        and 800e6 <= vco <= 1600e6
        and 6.25e6 <= vco / pll.output_divider <= 464e6
        and (1 <= pll.input_divider <= 56, 2 <= pll.multiplier <= 64, 1 <= pll.output_divider <= 128) == (True,) * 3
    )


@given(family=FAMILIES, source=INPUTS, wanted=st.floats(1e6, 500e6))
def test_what_is_found_is_legal_and_near_and_what_is_not_is_refused(family: str, source: float, wanted: float) -> None:
    # The steps of an ECP5 are fine enough for every clock that a chip may have.
    may_fail = family != "ecp5" or not 4e6 <= wanted <= 130e6
    message = f"clock_hz must be {source:g} or a frequency that the PLL of {family} makes of it"
    with pytest.raises(ValueError, match=re.escape(message)) if may_fail else nullcontext() as caught:
        pll = pll_for(family, source, wanted)
        if may_fail:
            raise ValueError(f"{message}: it was found")
    if caught is not None and "it was found" not in str(caught.value):
        return
    if isinstance(pll, NoPll):
        assert wanted == source
        return
    assert limits_are_kept(pll)
    assert abs(pll.output_hz - wanted) <= 0.01 * wanted


@given(source=INPUTS, wanted=st.floats(16e6, 275e6))
def test_none_of_an_ice40_is_nearer(source: float, wanted: float) -> None:
    every = [
        found
        for divr in range(16)
        for divf in range(128)
        for divq in range(1, 7)
        if limits_are_kept(found := Ice40Pll(input_hz=source, divr=divr, divf=divf, divq=divq))
    ]
    nearest = min((abs(pll.output_hz - wanted) for pll in every), default=None)
    try:
        assert abs(pll_for("ice40", source, wanted, tolerance=1).output_hz - wanted) == nearest
    except ValueError:
        assert nearest is None


@pytest.mark.parametrize(
    ("family", "source", "wanted", "pll"),
    [
        ("ecp5", 25e6, 60e6, Ecp5Pll(input_hz=25e6, input_divider=1, multiplier=24, output_divider=10)),
        ("ice40", 12e6, 24e6, Ice40Pll(input_hz=12e6, divr=0, divf=63, divq=5)),
        ("xc7", 100e6, 50e6, Xc7Pll(input_hz=100e6, input_divider=1, multiplier=12, output_divider=24)),
        ("ecp5", 48e6, 48e6, NoPll(input_hz=48e6)),
    ],
)
def test_well_known_settings(family: str, source: float, wanted: float, pll: object) -> None:
    assert pll_for(family, source, wanted) == pll


def test_a_clock_that_cannot_be_made_names_the_nearest() -> None:
    message = (
        r"^clock_hz must be 1.2e\+07 or .* of ice40 makes of it, 1.6e\+07..2.75e\+08, not 1e\+07; the nearest is 1.6"
    )
    with pytest.raises(ValueError, match=message):
        pll_for("ice40", 12e6, 10e6)


@pytest.mark.parametrize(
    ("hz", "setting"), [(10e6, 1), (16.9e6, 1), (17e6, 2), (25.9e6, 2), (30e6, 3), (50e6, 4), (70e6, 5), (130e6, 6)]
)
def test_the_filter_of_an_ice40_follows_the_comparison(hz: float, setting: int) -> None:
    assert Ice40Pll(input_hz=hz, divr=0, divf=63, divq=5).filter_range == setting
