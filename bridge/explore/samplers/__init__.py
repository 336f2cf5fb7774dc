"""How the points of trials are chosen: the samplers by name.

A sampler is a function of the study, the trials of all batches before, and the numbers of a batch. It has no state of
its own and takes its random numbers from the study's seed and those numbers, so that a study that was interrupted, or
had any number of workers, has the same points as one that was not.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

__all__ = ["SAMPLERS", "Sampler"]


@dataclass(frozen=True)
class Sampler:
    """A sampler.

    Attributes
    ----------
    summary
        A line about it.
    batch
        Trials that it chooses together, unless a study says otherwise.
    place
        Its module here and its function there, as ``module.function``; imported when a study is run.
    """

    summary: str
    batch: int
    place: str

    @property
    def propose(self) -> Any:
        """The function: (study, trials before, numbers of the batch) to a list of `proposals.Proposal`."""
        module, function = self.place.split(".")
        return getattr(import_module(f".{module}", __package__), function)


SAMPLERS: dict[str, Sampler] = {
    "nsga2": Sampler("generations of a genetic algorithm for several objectives", 20, "optuna_samplers.nsga2"),
    "tpe": Sampler("where a Parzen estimator of the good trials is high", 10, "optuna_samplers.tpe"),
    "swarm": Sampler("particles drawn to the best points that they and others found", 20, "swarm.swarm"),
    "random": Sampler("anywhere", 100, "proposals.anywhere"),
    "grid": Sampler("every point, in order", 100, "proposals.grid"),
}
"""The samplers by name."""
