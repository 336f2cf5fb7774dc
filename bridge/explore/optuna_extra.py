"""Optuna, which is asked for only where a study is run; and what varies, as it has it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .space import Choice, Dimension

if TYPE_CHECKING:
    from .study import Study

__all__ = ["distributions", "library", "optuna"]


def library(name: str, extra: str) -> Any:
    """Import an optional library; raises ``ModuleNotFoundError`` with the extra to install."""
    try:
        return import_module(name)
    except ModuleNotFoundError:
        first = name.partition(".")[0]
        raise ModuleNotFoundError(f"exploration needs {first}: pip install 'synaptile[{extra}]'", name=first) from None


def optuna() -> Any:
    """Optuna, told to log nothing."""
    found = library("optuna", "explore")
    found.logging.set_verbosity(found.logging.ERROR)
    return found


def distributions(study: Study) -> dict[str, Any]:
    """Return the space as Optuna has it."""
    return {one.name: _distribution(one) for one in study.dimensions}


def _distribution(one: Dimension) -> Any:
    found = optuna().distributions
    if isinstance(one, Choice):
        return found.CategoricalDistribution(one.values)
    if one.whole:
        step = 1 if one.step is None else int(one.step)
        # Optuna wants the last of the steps as the highest.
        high = one.low + (one.high - one.low) // step * step
        return found.IntDistribution(int(one.low), int(high), log=one.log, step=step)
    if one.step is not None:
        levels = one.levels or ()
        return found.FloatDistribution(one.low, float(levels[-1]), step=one.step)
    return found.FloatDistribution(one.low, one.high, log=one.log)
