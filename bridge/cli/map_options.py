"""What the options of ``synaptile map`` say, for the search for one mapping and for a front."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .common import UsageError, notify
from .foreign import given_trace

if TYPE_CHECKING:
    from synaptile.swsim.trace import Trace

__all__ = ["listed", "mapped_network", "pairs", "time_limit", "usage"]

_MAX_SECONDS = 86_400.0


def time_limit(args: argparse.Namespace) -> float | None:
    """Return the seconds of ``--time-limit``; None if it was not given. Raises `UsageError`."""
    limit: float | None = args.time_limit
    if limit is not None and not 0 < limit <= _MAX_SECONDS:
        raise UsageError(f"--time-limit must lie in 0..{_MAX_SECONDS:g} seconds and not be 0, not {limit:g}")
    return limit


def mapped_network(args: argparse.Namespace) -> Trace:
    """Return the trace; if it has no spikes, neurons count by connections, which is said."""
    trace = given_trace(args)
    if not trace.spikes and args.by == "spikes":
        notify("the trace has no spikes: every neuron counts one")
        args.by = "connections"
    return trace


def usage(error: ValueError) -> Exception:
    """Return the error as one of use, unless it is of the input."""
    from ..errors import ConfigError, MappingError

    return error if isinstance(error, ConfigError | MappingError) else UsageError(str(error))


def listed(option: str, text: str | None, known: list[str]) -> list[str] | None:
    """Return the names of an option; None if it was not given."""
    if text is None:
        return None
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in known:
            raise UsageError(f"{option} must be of {', '.join(known)}, not {name!r}")
    return list(dict.fromkeys(names))


def pairs(option: str, texts: Iterable[str], default: float | None = None) -> Iterable[tuple[str, float]]:
    """Yield the names and numbers of an option's ``NAME=NUMBER``; ``default`` is that of a name alone."""
    for text in texts:
        name, equals, number = text.rpartition("=")
        if not equals:
            if default is None:
                raise UsageError(f"{option} must be NAME=NUMBER, not {text!r}")
            yield text, default
            continue
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if math.isnan(value):
            raise UsageError(f"{option} must be NAME=NUMBER, not {text!r}")
        yield name, value
