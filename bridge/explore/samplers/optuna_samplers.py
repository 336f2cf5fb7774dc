"""Optuna's samplers, asked for a batch at a time.

Optuna sees a study of its own in memory, with the trials of the batches before and no others. Trials that were refused
or failed are in it as such that break a constraint most of all, so that samplers keep away from what led to them.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..optuna_extra import distributions, optuna
from ..trial import State, Trial
from .proposals import Proposal

if TYPE_CHECKING:
    from ..study import Study

__all__ = ["nsga2", "tpe"]

_CONSTRAINTS = "constraints"
_WORST = 1e12
"""Violation of a trial that has no result."""

_GENERATION = "NSGAIISampler:generation"


def nsga2(study: Study, before: Sequence[Trial], numbers: range) -> list[Proposal]:
    """The next generation of NSGA-II (Deb et al., IEEE Trans. Evol. Comput. 6, 2002)."""
    sampler = optuna().samplers.NSGAIISampler(population_size=study.batch_size, seed=_seed(study, numbers))
    mirror = _mirror(study, before, sampler)
    for generation in range(1, numbers.start // study.batch_size + 1):  # each from the last: none is deep
        sampler.get_parent_population(mirror, generation)
    return _asked(study, mirror, numbers)


def tpe(study: Study, before: Sequence[Trial], numbers: range) -> list[Proposal]:
    """Points by the tree-structured Parzen estimator, for several objectives (Ozaki et al., GECCO 2020)."""
    sampler = optuna().samplers.TPESampler(seed=_seed(study, numbers))
    return _asked(study, _mirror(study, before, sampler), numbers)


def _seed(study: Study, numbers: range) -> int:
    return (study.seed * 1_000_003 + numbers.start) % 2**32


def _mirror(study: Study, before: Sequence[Trial], sampler: Any) -> Any:
    """Return Optuna's study of the trials before."""
    library = optuna()
    directions = ["minimize" if one.best == "min" else "maximize" for one in study.wanted]
    mirror = library.create_study(directions=directions, sampler=sampler)
    spread = {one.name: [trial.values[one.name] for trial in before if trial.values] for one in study.wanted}
    worst = [max((one.sign * value for value in spread[one.name]), default=0.0) * one.sign for one in study.wanted]
    spaces = distributions(study)
    trials = []
    for trial in before:
        done = trial.state is State.DONE
        values = [trial.values[one.name] for one in study.wanted] if done else worst
        broken = [min(value, _WORST) for value in trial.violations.values()] if done else []
        trials.append(
            library.trial.create_trial(
                params=dict(trial.point),
                distributions=spaces,
                values=values,
                system_attrs={**trial.notes, _CONSTRAINTS: [0.0 if done else _WORST, *broken]},
            )
        )
    mirror.add_trials(trials)
    return mirror


def _asked(study: Study, mirror: Any, numbers: range) -> list[Proposal]:
    proposals = []
    spaces = distributions(study)
    for _ in numbers:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is experimental, which is not the user's business
            trial = mirror.ask(spaces)
        frozen = mirror.get_trials(deepcopy=False)[trial.number]
        # In the order of the space, whatever the sampler's was.
        point = {one.name: frozen.params[one.name] for one in study.dimensions}
        notes = {key: value for key, value in frozen.system_attrs.items() if key == _GENERATION}
        proposals.append(Proposal(point, notes))
    return proposals
