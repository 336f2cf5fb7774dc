"""Points of trials, chosen at random or in order, and the batch that is run next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from ..space import Point
from ..trial import Trial
from . import SAMPLERS

if TYPE_CHECKING:
    from ..study import Study

__all__ = ["Proposal", "anywhere", "batch_of", "generator", "grid", "random_point"]


@dataclass(frozen=True)
class Proposal:
    """The point of a trial, and what the sampler has to remember of it, as JSON types."""

    point: Point
    notes: Mapping[str, Any] = field(default_factory=dict)


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
    found: list[Proposal] = SAMPLERS[study.sampler].propose(study, trials[:first], range(first, last))
    return found
