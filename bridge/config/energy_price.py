"""A number of an energy table: plain, or by the depth of a router's queues, or by the routing."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from synaptile.rtl.parameter import declared
from synaptile.rtl.params import NetworkSettings
from synaptile.rtl.routing import ROUTINGS

from ..errors import show

__all__ = [
    "BY_DEPTH",
    "BY_ROUTING",
    "MAX_NUMBER",
    "TABLE",
    "OperatingPoint",
    "Price",
    "Priced",
    "checked_number",
    "checked_price",
    "priced",
]

BY_DEPTH, BY_ROUTING = "by_depth", "by_routing"

MAX_NUMBER = 1e15
"""Largest number of a table: with it, the energy of any run is a finite number."""

Price = float | dict[str, dict[str, float]]
"""A number, or ``{"by_depth": {"4": number, ...}}``, or ``{"by_routing": {"xy": number, ...}}``."""

TABLE = "table"
"""Stands for the routing where packets follow the entries of tables."""

_DEPTHS = declared(NetworkSettings)["buffer_depth"]


@dataclass(frozen=True)
class OperatingPoint:
    """What a chip is, as far as the numbers of a table depend on it.

    Attributes
    ----------
    buffer_depth
        Flits that an input queue holds.
    routing
        Name of the routing relation; `TABLE` where packets follow tables.
    flit_bits
        Width of a flit in bits.
    """

    buffer_depth: int
    routing: str
    flit_bits: int


@dataclass(frozen=True)
class Priced:
    """The number of a term at an operating point.

    Attributes
    ----------
    number
        pJ or mW; None if the table has none for that point.
    note
        How it was found, if the table does not have it as it is; or why there is none.
    deviation
        Its standard deviation; None if its source gives none.
    """

    number: float | None
    note: str = ""
    deviation: float | None = None


def checked_price(value: object, unit: str) -> Price | None:
    """Return a number of a table, with keys of text, as YAML and JSON have them.

    Raises ``ValueError`` with the rule and the value if it is not one, negative, not finite or larger than
    `MAX_NUMBER`, or is by something else than depth or routing.
    """
    if value is None:
        return None
    if not isinstance(value, Mapping):
        return checked_number(value, unit)
    if len(value) != 1 or (by := next(iter(value))) not in (BY_DEPTH, BY_ROUTING):
        raise ValueError(f"must be a number in {unit}, or {BY_DEPTH} or {BY_ROUTING} with several, not {show(value)}")
    table = value[by]
    if not isinstance(table, Mapping) or not table:
        raise ValueError(f"{by} must map to numbers in {unit}, not {show(table)}")
    found: dict[str, float] = {}
    for key, number in table.items():
        name = _depth(key) if by == BY_DEPTH else _routing(key)
        if name in found:
            raise ValueError(f"{by} has {name} twice")
        try:
            found[name] = checked_number(number, unit)
        except ValueError as error:
            raise ValueError(f"{by} {name} {error}") from None
    return {by: found}


def checked_number(value: object, unit: str) -> float:
    """Return a plain number of a table; raises ``ValueError`` as `checked_price` does."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"must be a number in {unit}, not {show(value)}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"must be finite, not {show(value)}")
    if value < 0:
        raise ValueError(f"must be at least 0, not {show(value)}")
    if value > MAX_NUMBER:
        raise ValueError(f"must be at most {MAX_NUMBER:g}, not {show(value)}")
    return float(value)


def _depth(key: object) -> str:
    """Return the text of a depth, given as a whole number or as text of digits."""
    number = key
    if isinstance(key, str) and key.isascii() and key.isdecimal() and len(key) <= 4 and str(int(key)) == key:
        number = int(key)
    if _DEPTHS.problem(number) is not None:
        raise ValueError(f"{BY_DEPTH} must have depths in {_DEPTHS.low}..{_DEPTHS.high} flits, not {show(key)}")
    return str(number)


def _routing(key: object) -> str:
    if not isinstance(key, str) or key not in (*ROUTINGS, TABLE):
        raise ValueError(f"{BY_ROUTING} must have names among {', '.join((*ROUTINGS, TABLE))}, not {show(key)}")
    return key


def priced(price: Price, at: OperatingPoint) -> Priced:
    """Return a number at an operating point.

    Between two depths it lies on the line through their numbers, and the note says so. Outside the depths, and for a
    routing that is not named, there is none.
    """
    if not isinstance(price, dict):
        return Priced(price)
    if BY_ROUTING in price:
        table = price[BY_ROUTING]
        if at.routing in table:
            return Priced(table[at.routing])
        return Priced(None, f"numbers are for {', '.join(table)}, not for the routing {at.routing}")
    numbers = sorted((int(depth), number) for depth, number in price[BY_DEPTH].items())
    depths = [depth for depth, _ in numbers]
    above = bisect_right(depths, at.buffer_depth)
    if above and depths[above - 1] == at.buffer_depth:
        return Priced(numbers[above - 1][1])
    if above in (0, len(depths)):
        return Priced(None, f"numbers are for queues of {_span(depths)} flits, not of {at.buffer_depth}")
    (low, first), (high, last) = numbers[above - 1 : above + 1]
    number = first + (last - first) * (at.buffer_depth - low) / (high - low)
    return Priced(number, f"interpolated between queues of {low} and {high} flits")


def _span(depths: list[int]) -> str:
    return str(depths[0]) if len(depths) == 1 else f"{depths[0]} to {depths[-1]}"
