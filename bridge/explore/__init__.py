"""Exploration: which chips, mappings and network parameters are the best for a network, as a study of many trials.

A `Study` says what is run, what may vary, and what is wanted; `explore` runs its trials, in parallel if it is told to,
and returns the `Exploration` with the front of the best. Nothing here imports Optuna before a study is run.
"""

from typing import TYPE_CHECKING

from ..lazy_names import lazy_names

if TYPE_CHECKING:
    from .exploration import Exploration, explore
    from .study import Study

__all__ = ["Exploration", "Study", "explore"]

__getattr__ = lazy_names(__name__, {"Exploration": ".exploration", "Study": ".study", "explore": ".exploration"})


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
