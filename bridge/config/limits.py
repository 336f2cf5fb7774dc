"""What a chip can do of a network besides its size: the block ``limits``, and which of it a run may break."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

from pydantic import BeforeValidator

from synaptile.rtl.parameter import documented

from ..errors import show
from .blocks import LIMITS, RELAXABLE
from .schema import Validated, asks

__all__ = ["Limits", "parse_relax"]

_MOST_DELAY = 2**31 - 1
_RANGE = re.compile(r"\s*([0-9]{1,12})\s*(?:,|\.\.)\s*([0-9]{1,12})\s*")


def _cells(value: object) -> object:
    if value is None:
        return None
    if isinstance(value, str):
        value = [name.strip() for name in value.split(",")]
    if isinstance(value, list | tuple) and value and all(isinstance(name, str) and name for name in value):
        return tuple(value)
    raise ValueError(f"must be a list of cell types such as [IF_curr_exp], not {show(value)}")


def _delays(value: object) -> object:
    if value is None:
        return None
    if isinstance(value, str) and (match := _RANGE.fullmatch(value)):
        value = int(match[1]), int(match[2])
    if isinstance(value, list | tuple) and len(value) == 2 and all(type(end) is int for end in value):
        low, high = value
        if 0 <= low <= high <= _MOST_DELAY:
            return low, high
    raise ValueError(f"must be the shortest and the longest in steps such as [1, 15], not {show(value)}")


class Limits(Validated, frozen=True):
    """What a chip can do of a network besides its size; what is None is not known."""

    may_be_unset: ClassVar[bool] = True

    cells: Annotated[tuple[str, ...] | None, BeforeValidator(_cells)] = None
    delays: Annotated[tuple[int, int] | None, BeforeValidator(_delays)] = None
    fan_in: Annotated[int | None, asks(LIMITS["fan_in"])] = None
    fan_out: Annotated[int | None, asks(LIMITS["fan_out"])] = None
    axons_out: Annotated[int | None, asks(LIMITS["axons_out"])] = None
    synapses: Annotated[int | None, asks(LIMITS["synapses"])] = None


Limits.__doc__ = documented(Limits.__doc__, LIMITS, "Attributes")


def parse_relax(value: object) -> object:
    """("fan_in", "delays") of "fan-in,delays", or of a list; raises ``ValueError`` with the rule and the value."""
    names = value.split(",") if isinstance(value, str) else value
    if not (isinstance(names, list | tuple) and all(isinstance(name, str) for name in names)):
        raise ValueError(f"must be some of {', '.join(RELAXABLE)}, not {show(value)}")
    found = [name.strip().replace("-", "_") for name in names if name.strip()]
    for name in found:
        if name not in RELAXABLE:
            raise ValueError(f"must be some of {', '.join(RELAXABLE)}, not {show(name)}")
    return tuple(name for name in RELAXABLE if name in found)
