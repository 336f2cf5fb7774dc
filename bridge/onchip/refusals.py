"""What has no form in gates, told before anything is computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from synaptile.rtl.core.params import DELAY_SLOTS
from synaptile.swsim.onchip import OnChipNetwork

from ..errors import MappingError
from .cells import CELLS, MODELS, nearest

__all__ = ["check_delays", "check_network", "common_model"]

_LONGEST = DELAY_SLOTS - 1


def check_network(network: OnChipNetwork) -> None:
    """Raise `MappingError` for the first thing of a network that has no form in gates."""
    for problem in _problems(network):
        raise MappingError(problem)


def _problems(network: OnChipNetwork) -> Iterator[str]:
    for where in network.slices:
        if not where.is_source and where.celltype not in CELLS:
            yield (
                f"population {where.label!r}: the cell type {where.celltype} has no form in gates; the nearest that "
                f"has is {nearest(where.celltype)} ({', '.join(CELLS)} have one)"
            )
    if network.electrodes:
        yield (
            f"electrodes have no form on-chip, and this network has {', '.join(sorted(set(network.electrodes)))}; "
            f"use the cells' constant input instead"
        )
    for projection in network.projections:
        if projection.electrical and projection.connections:
            yield f"projection {projection.label!r}: gap junctions ({projection.synapse_type}) have no form on-chip"
        elif not projection.static and projection.connections:
            yield (
                f"projection {projection.label!r}: {projection.synapse_type} has no form on-chip, where synapses keep "
                f"their weights; use StaticSynapse"
            )
    if network.is_source.all():
        yield "the network has no neurons that compute: on-chip needs at least one"
    for variable, mask in network.records.items():
        for where in network.slices:
            if where.is_source or variable == "spikes" or not mask[where.start : where.stop].any():
                continue
            shown = CELLS[where.celltype].readable
            if variable not in shown:
                yield (
                    f"population {where.label!r}: {variable} of {where.celltype} cannot be recorded on-chip; "
                    f"spikes and {', '.join(shown)} can"
                )


def check_delays(network: OnChipNetwork, later: npt.NDArray[np.int64], delay: npt.NDArray[np.int64]) -> None:
    """Raise `MappingError` for the first synapse whose delay on the chip is none that an event can have.

    ``later``, shape (neurons,): by how many ticks events act later on each neuron than in software; ``delay``, shape
    (synapses,): the delays on the chip.
    """
    bad = np.flatnonzero((delay < 1) | (delay > _LONGEST))
    if not len(bad):
        return
    synapse = int(bad[0])
    post, steps = int(network.post[synapse]), int(network.delay[synapse])
    more = int(later[post])
    why = " (on-chip an event for these cells takes a tick more)" if more else ""
    label = network.projections[network.projection[synapse]].label
    raise MappingError(
        f"projection {label!r}: delay must lie in {max(0, 1 - more)}..{_LONGEST - more} steps on-chip{why}, "
        f"not {steps} ({steps * network.dt:g} ms)"
    )


def common_model(
    labels: Sequence[str], celltypes: Sequence[str], permitted: Sequence[Sequence[str]], asked: str
) -> str:
    """Return the smallest neuron model that computes the cells of all populations.

    Parameters
    ----------
    labels, celltypes, permitted
        Of each population: its label, its cell type, and the models that compute it.
    asked
        The model that the chip is to have, or "auto".

    Raises
    ------
    MappingError
        If no model, or not the one asked for, computes them all.
    """
    models = [model for model in MODELS if asked in ("auto", model)]
    for label, celltype, own in zip(labels, celltypes, permitted, strict=True):
        if not set(own) & set(models):
            if asked != "auto":
                raise MappingError(
                    f"population {label!r}: {celltype} needs core.neuron {' or '.join(own)}, not {asked}"
                )
            other = next(i for i, them in enumerate(permitted) if not set(own) & set(them))
            raise MappingError(
                f"all neurons of a chip are of one model: population {label!r} ({celltype}) needs {' or '.join(own)}, "
                f"and population {labels[other]!r} ({celltypes[other]}) needs {' or '.join(permitted[other])}"
            )
        left = [model for model in models if model in own]
        models = left
    return models[0]
