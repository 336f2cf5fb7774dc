"""Quantities as people read them: three significant digits, and a unit with an SI prefix."""

from __future__ import annotations

import math
from decimal import Decimal

__all__ = ["PICO", "ratio_text", "si_text"]

PICO = 1e-12
"""What a picojoule is in joules."""

_PREFIXES = {-18: "a", -15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"}
_LOWEST, _HIGHEST = min(_PREFIXES), max(_PREFIXES)


def si_text(value: float | None, unit: str, *, deviation: float | None = None) -> tuple[str, str]:
    """Return a quantity as its number and its unit, such as ``("1.64", "mJ")`` for 0.0016356 J.

    Parameters
    ----------
    value
        In the unit without a prefix; None is undefined, which is shown as –.
    unit
        Its symbol without a prefix, such as ``"J"``.
    deviation
        Standard deviation in the same unit; it is shown after a ±, with as many decimals.

    Raises
    ------
    ValueError
        If the value is not finite, or the deviation not finite or negative.
    """
    if value is None:
        return "–", unit
    if not math.isfinite(value):
        raise ValueError(f"value must be finite, not {value!r}")
    if deviation is not None and not (math.isfinite(deviation) and deviation >= 0):
        raise ValueError(f"deviation must be finite and not negative, not {deviation!r}")
    exponent = _exponent(value)
    text, decimals = _scaled(value, exponent)
    if deviation is not None:
        text += f" ± {Decimal(deviation).scaleb(-exponent):,.{decimals}f}"
    return text, _PREFIXES[exponent] + unit


def _exponent(value: float) -> int:
    """Return the exponent of the prefix with which a number, rounded to three digits, lies in 1..999."""
    if not value:
        return 0
    # Rounding may carry a number over the next thousand: 999.6 is 1.00 k.
    power = int(f"{abs(value):.2e}".partition("e")[2])
    return min(max(power // 3 * 3, _LOWEST), _HIGHEST)


def _scaled(value: float, exponent: int) -> tuple[str, int]:
    """Return a number in the unit of a prefix with three significant digits, and how many of them are decimals."""
    if not value:
        return "0", 0
    power = int(f"{abs(value):.2e}".partition("e")[2]) - exponent
    decimals = min(max(2 - power, 0), 6)
    digits = Decimal(f"{value:.2e}").scaleb(-exponent)
    return f"{digits:,.{decimals}f}", decimals


def ratio_text(ratio: float) -> str:
    """Return a ratio of at least 1 as people read it: three significant digits, all of them from a hundred on."""
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.3g}"
