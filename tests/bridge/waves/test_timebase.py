"""Clock edges are written at their true time wherever the unit allows it, and nearest to it elsewhere."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.bridge.waves.timebase import Timebase

SECONDS = {"ns": Fraction(1, 10**9), "ps": Fraction(1, 10**12), "fs": Fraction(1, 10**15)}


@pytest.mark.parametrize(
    ("clock_hz", "unit", "period", "exact"),
    [
        (100e6, (1, "ns"), 10, True),
        (1e9, (100, "ps"), 10, True),  # half a period is 0.5 ns
        (200e6, (100, "ps"), 50, True),
        (1e12, (100, "fs"), 10, True),
        (300e6, (1, "fs"), Fraction(10**7, 3), False),
        (1.0, (1, "ns"), 10**9, True),
    ],
)
def test_the_coarsest_exact_unit_is_chosen(clock_hz, unit, period, exact):
    timebase = Timebase(clock_hz)
    assert (timebase.unit, timebase.period, timebase.exact) == (unit, period, exact)


@given(clock_hz=st.floats(1.0, 5e14), cycle=st.integers(0, 10**15))
def test_no_edge_is_off_by_more_than_half_a_unit(clock_hz, cycle):
    timebase = Timebase(clock_hz)
    magnitude, name = timebase.unit
    unit = magnitude * SECONDS[name]
    slack = 0 if timebase.exact else unit / 2
    assert abs(timebase.rise(cycle) * unit - cycle / Fraction(clock_hz)) <= slack
    assert abs(timebase.fall(cycle) * unit - (cycle + Fraction(1, 2)) / Fraction(clock_hz)) <= slack
    assert timebase.rise(cycle) < timebase.fall(cycle) or not timebase.exact
    assert timebase.exact or timebase.unit == (1, "fs")


@pytest.mark.parametrize("clock_hz", [0.0, -1.0, 6e14, float("inf"), float("nan")])
def test_a_clock_without_a_unit_is_refused(clock_hz):
    with pytest.raises(ValueError, match=r"clock_hz must be positive and at most 5e\+14, not"):
        Timebase(clock_hz)
