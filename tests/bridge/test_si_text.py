import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.bridge.si_text import ratio_text, si_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0016356, "1.64 mJ"),
        (2.55, "2.55 J"),
        (8.3e-3, "8.30 mJ"),
        (999.4e-12, "999 pJ"),
        (999.6e-12, "1.00 nJ"),
        (9.996e-3, "10.0 mJ"),
        (42e-15, "42.0 fJ"),
        (3.2e-6, "3.20 µJ"),
        (0, "0 J"),
        (1e-20, "0.0100 aJ"),
        (1234, "1.23 kJ"),
        (1.2345e17, "123,000 TJ"),
        (-0.5, "-500 mJ"),
        (None, "– J"),
    ],
)
def test_three_digits_and_a_prefix(value: float | None, text: str) -> None:
    assert " ".join(si_text(value, "J")) == text


@pytest.mark.parametrize(
    ("value", "deviation", "text"),
    [
        (1.6356e-3, 0.05e-3, "1.64 ± 0.05 mJ"),
        (12.3e-6, 2e-6, "12.3 ± 2.0 µJ"),
        (123e-9, 4.4e-9, "123 ± 4 nJ"),
        (1e-3, 0, "1.00 ± 0.00 mJ"),
        (1e-3, 3.0, "1.00 ± 3,000.00 mJ"),
    ],
)
def test_a_deviation_has_the_same_unit_and_decimals(value: float, deviation: float, text: str) -> None:
    assert " ".join(si_text(value, "J", deviation=deviation)) == text


POWERS = {"f": -15, "p": -12, "n": -9, "µ": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9}


@given(st.floats(1e-15, 9.99e11))
def test_what_is_shown_is_the_number(value: float) -> None:
    number, unit = si_text(value, "W")
    assert 1 <= float(number) < 1000
    assert len(number.replace(".", "")) == 3
    assert float(number) * 10.0 ** POWERS[unit.removesuffix("W")] == pytest.approx(value, rel=0.00501)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((math.nan,), "value must be finite, not nan"),
        ((math.inf,), "value must be finite, not inf"),
        ((1.0, -1.0), "deviation must be finite and not negative, not -1.0"),
        ((1.0, math.nan), "deviation must be finite and not negative, not nan"),
    ],
)
def test_refused(arguments: tuple[Any, ...], message: str) -> None:
    value, *deviation = arguments
    with pytest.raises(ValueError, match=f"^{message}$"):
        si_text(value, "J", deviation=deviation[0] if deviation else None)


def test_ratios() -> None:
    assert [ratio_text(x) for x in (1.0, 2.5, 12.34, 99.4, 100, 1562.4)] == ["1", "2.5", "12.3", "99.4", "100", "1,562"]
