"""Particle swarm for several objectives: a sampler whose whole state is in the trials.

Each batch is one move of the swarm. A particle keeps part of its velocity and is drawn to the best point that it has
found itself and to one of the best of all (Kennedy and Eberhart, ICNN 1995; for several objectives, a leader drawn from
the front, Coello Coello and Lechuga, CEC 2002). The coefficients are those of Clerc and Kennedy (IEEE Trans. Evol.
Comput. 6, 2002), with which it converges.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..front import front
from ..trial import State, Trial
from .proposals import Proposal, generator, random_point

if TYPE_CHECKING:
    from ..study import Study

__all__ = ["swarm"]

INERTIA, PULL = 0.7298, 1.4962
_FASTEST = 0.5
_MUTATE = 0.05
"""Part of the coordinates that are drawn anew: with choices the swarm would stand still early."""

_PLACE, _VELOCITY = "swarm:place", "swarm:velocity"

Floats = npt.NDArray[np.float64]


def swarm(study: Study, before: Sequence[Trial], numbers: range) -> list[Proposal]:
    """Move each particle once."""
    size, dimensions = study.batch_size, study.dimensions
    leaders = front(before, study.wanted)
    proposals = []
    for number in numbers:
        random = generator(study, number)
        own = before[number % size :: size]
        if not own:
            point = random_point(study, random)
            place = np.array([one.place(point[one.name]) for one in dimensions])
            velocity = np.zeros(len(dimensions))
        else:
            place, velocity = _moved(study, own, leaders, random)
        point = {one.name: one.at(float(at)) for one, at in zip(dimensions, place, strict=True)}
        proposals.append(Proposal(point, {_PLACE: place.tolist(), _VELOCITY: velocity.tolist()}))
    return proposals


def _moved(
    study: Study, own: Sequence[Trial], leaders: Sequence[Trial], random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return the next place in 0..1 of each coordinate, and the velocity, of a particle with these trials."""
    place, velocity = _place(own[-1]), np.asarray(own[-1].notes[_VELOCITY])
    best = _place(_best(study, own))
    leader = _place(leaders[int(random.integers(len(leaders)))]) if leaders else best
    to_own, to_leader = random.random((2, len(place)))
    velocity = INERTIA * velocity + PULL * to_own * (best - place) + PULL * to_leader * (leader - place)
    velocity = velocity.clip(-_FASTEST, _FASTEST)
    moved = place + velocity
    anew = random.random(len(place)) < _MUTATE
    moved = np.where(anew, random.random(len(place)), moved)
    outside = (moved < 0) | (moved > 1)
    return moved.clip(0, 1), np.where(outside, -0.5 * velocity, velocity)


def _place(trial: Trial) -> Floats:
    return np.asarray(trial.notes[_PLACE])


def _best(study: Study, own: Sequence[Trial]) -> Trial:
    """Return the best of a particle's trials: the newest of its front, else that which breaks the least."""
    best = front([trial.with_(same_as=None) for trial in own], study.wanted)
    if best:
        return max(best, key=lambda trial: trial.number)
    done = [trial for trial in own if trial.state is State.DONE]
    return min(done or own, key=lambda trial: (trial.violation, trial.number))
