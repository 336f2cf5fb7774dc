"""Populations as the engine has them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..neurons.model import NeuronModel, merge
from ..sources.spike_source import SpikeSource

__all__ = ["ModelBank", "PopulationBlock", "banks"]


@dataclass(frozen=True)
class PopulationBlock:
    """A population: neurons ``start`` (inclusive) to ``stop`` (exclusive) and their model."""

    start: int
    stop: int
    model: NeuronModel | SpikeSource


@dataclass(frozen=True)
class ModelBank:
    """All neurons of one model, over all blocks: their ids, and their index in arrays of all neurons."""

    model: NeuronModel
    index: slice | npt.NDArray[np.int64]
    neurons: npt.NDArray[np.int32]


def banks(blocks: Sequence[PopulationBlock]) -> list[ModelBank]:
    """Return the neurons of all blocks by model; the blocks' models become windows on those of the banks."""
    by_kind: dict[Hashable, list[tuple[PopulationBlock, NeuronModel]]] = {}
    for block in blocks:
        if isinstance(block.model, NeuronModel):
            by_kind.setdefault(block.model.kind, []).append((block, block.model))
    return [_bank(members) for members in by_kind.values()]


def _bank(members: Sequence[tuple[PopulationBlock, NeuronModel]]) -> ModelBank:
    neurons = np.concatenate([np.arange(block.start, block.stop, dtype=np.int32) for block, _ in members])
    contiguous = len(neurons) == neurons[-1] - neurons[0] + 1
    index = slice(int(neurons[0]), int(neurons[-1]) + 1) if contiguous else neurons.astype(np.int64)
    return ModelBank(merge([model for _, model in members]), index, neurons)
