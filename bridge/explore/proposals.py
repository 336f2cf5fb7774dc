"""How the points of trials are chosen: the samplers by name.

A sampler is a function of the study, the trials of all batches before, and the numbers of a batch. It has no state of
its own and takes its random numbers from the study's seed and those numbers, so that a study that was interrupted, or
had any number of workers, has the same points as one that was not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from .space import Point
from .trial import Trial

if TYPE_CHECKING:
    from .study import Study

__all__ = ["SAMPLERS", "Proposal", "Propose", "Sampler", "batch_of", "generator"]


@dataclass(frozen=True)
class Proposal:
    """The point of a trial, and what the sampler has to remember of it, as JSON types."""

    point: Point
    notes: Mapping[str, Any] = field(default_factory=dict)


Propose = Callable[["Study", Sequence[Trial], range], list[Proposal]]


@dataclass(frozen=True)
class Sampler:
    """A sampler: a line about it, trials that it chooses together, and where its function is.

    ``module`` is imported when a study is run.
    """

    summary: str
    batch: int
    module: str
    function: str

    @property
    def propose(self) -> Propose:
        """The function."""
        found: Propose = getattr(import_module(self.module, __package__), self.function)
        return found


SAMPLERS: dict[str, Sampler] = {
    "nsga2": Sampler("generations of a genetic algorithm for several objectives", 20, ".optuna_samplers", "nsga2"),
    "tpe": Sampler("where a Parzen estimator of the good trials is high", 10, ".optuna_samplers", "tpe"),
    "swarm": Sampler("particles drawn to the best points that they and others found", 20, ".swarm", "swarm"),
    "random": Sampler("anywhere", 100, ".proposals", "anywhere"),
    "grid": Sampler("every point, in order", 100, ".proposals", "grid"),
}
"""The samplers by name."""


def generator(study: Study, number: int) -> np.random.Generator:
    """Return random numbers that depend on the study's seed and a trial's number only."""
    return np.random.default_rng([study.seed, number])


def anywhere(study: Study, before: Sequence[Trial], numbers: range) -> list[Proposal]:
    """Choose points at random."""
    return [Proposal(random_point(study, generator(study, number))) for number in numbers]


def random_point(study: Study, random: np.random.Generator) -> dict[str, Any]:
    """Return a point anywhere in the space."""
    return {one.name: one.at(float(random.random())) for one in study.dimensions}


def grid(study: Study, before: Sequence[Trial], numbers: range) -> list[Proposal]:
    """Take the next points of the grid."""
    return [Proposal(point) for point in islice(study.grid(), numbers.start, numbers.stop)]


def batch_of(study: Study, trials: Sequence[Trial], first: int) -> list[Proposal]:
    """Return the proposals of the batch that begins with trial ``first``, whole whatever the number of trials is.

    Only trials before it are looked at.
    """
    last = first + study.batch_size
    if study.sampler == "grid":
        last = min(last, study.size)
    return SAMPLERS[study.sampler].propose(study, trials[:first], range(first, last))
