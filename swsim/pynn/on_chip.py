"""The network of a script as hardware that runs its neurons takes it, and whether it has changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..neurons.model import NeuronModel
from ..onchip import OnChipNetwork, OnChipPopulation, OnChipProjection
from ..synapses.edge_list import Synapses
from ..trace import PopulationSlice
from .interfaces import ElectrodeLike, PopulationLike, ProjectionLike

__all__ = ["changed_on_chip", "kinds_of", "on_chip_network"]


def on_chip_network(
    dt: float,
    seed: int,
    slices: Sequence[PopulationSlice],
    populations: Sequence[PopulationLike],
    projections: Sequence[ProjectionLike],
    electrodes: Sequence[ElectrodeLike],
) -> OnChipNetwork:
    """Return a network as it stands now, with the present states as the initial ones."""
    parts = [(n, part.synapses()) for n, part in enumerate(projections) if not part.is_electrical]
    none = [Synapses.none()]

    def joined(name: str) -> npt.NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in (*none, *(part for _, part in parts))])

    return OnChipNetwork(
        dt=dt,
        populations=[_population(where, made) for where, made in zip(slices, populations, strict=True)],
        pre=joined("pre"),
        post=joined("post"),
        weight=joined("weight"),
        delay=joined("delay"),
        receptor=joined("receptor"),
        projection=np.repeat([n for n, _ in parts], [len(part) for _, part in parts]),
        projections=[
            OnChipProjection(
                label=part.label,
                synapse_type=type(part.synapse_type).__name__,
                static=part.is_static,
                electrical=part.is_electrical,
                connections=len(part),
            )
            for part in projections
        ],
        records=_records(slices, populations),
        electrodes=kinds_of(electrodes),
        seed=seed,
    )


def kinds_of(electrodes: Sequence[ElectrodeLike]) -> tuple[str, ...]:
    """Return the kinds of the electrodes that inject a current into some neuron."""
    return tuple(type(electrode).__name__ for electrode in electrodes if any(True for _ in electrode.waveforms()))


def _population(where: PopulationSlice, population: PopulationLike) -> OnChipPopulation:
    model = population.model
    if isinstance(model, NeuronModel):
        return OnChipPopulation(where, model.parameters, model.state)
    return OnChipPopulation(where)


def _records(
    slices: Sequence[PopulationSlice], populations: Sequence[PopulationLike]
) -> Mapping[str, npt.NDArray[np.bool_]]:
    neurons = slices[-1].stop if slices else 0
    records: dict[str, npt.NDArray[np.bool_]] = {}
    for population in populations:
        for variable, ids in population.recorder.recorded.items():
            mask = records.setdefault(variable.name, np.zeros(neurons, bool))
            mask[np.fromiter((int(cell) for cell in ids), np.int64)] = True
    return records


def changed_on_chip(before: OnChipNetwork, now: OnChipNetwork) -> str | None:
    """Return what of a network is no longer as it was, in a few words for a message; None if nothing is.

    States are not looked at: they go on. What is recorded may change, too.
    """
    same = np.array_equal
    if before.slices != now.slices:
        return "neurons"
    if not (same(before.pre, now.pre) and same(before.post, now.post)) or before.projections != now.projections:
        return "connections"
    if before.electrodes != now.electrodes:
        return "electrodes"
    for name in ("weight", "delay", "receptor"):
        different = getattr(before, name) != getattr(now, name)
        if different.any():
            label = now.projections[now.projection[different][0]].label
            return f"{name}s of projection {label!r}"
    for old, new in zip(before.populations, now.populations, strict=True):
        for name, values in new.parameters.items():
            if not same(values, old.parameters[name]):
                return f"{name} of population {new.where.label!r}"
    return None
