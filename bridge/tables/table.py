"""A table, and what of a run the tables are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from synaptile.swsim.trace import Trace

from ..config import ChipConfig
from ..engines.base import Activity, Deliveries, Packets
from ..limits.tile_clocks import ComputeReport
from ..mapping import MappedNetwork, Network
from ..mapping import Mapping as TileMapping
from ..metrics import Metrics, RunData
from ..metrics.on_chip import OnChipLog, OnChipRunData

__all__ = ["Column", "Table", "TabledRun", "data_of", "owners"]

Column = npt.NDArray[Any]


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes
    ----------
    name, row
        Its name, and what a row is, in the singular.
    columns
        By name, each of shape (rows,).
    units
        The unit of each column that has one.
    """

    name: str
    row: str
    columns: Mapping[str, Column]
    units: Mapping[str, str]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


class TabledRun(Protocol):
    """What is taken of a `ChipRun`."""

    @property
    def config(self) -> ChipConfig:
        """The chip."""

    @property
    def trace(self) -> Trace:
        """Spikes and synapses."""

    @property
    def mapping(self) -> TileMapping:
        """Where the neurons were."""

    @property
    def packets(self) -> Packets:
        """What was sent."""

    @property
    def deliveries(self) -> Deliveries:
        """What arrived."""

    @property
    def activity(self) -> Activity:
        """What the circuit counted."""

    @property
    def log(self) -> OnChipLog | None:
        """On-chip, what was seen of the cores."""

    @property
    def metrics(self) -> Metrics:
        """The figures computed from these."""

    @property
    def compute(self) -> ComputeReport | None:
        """What the work of the tiles took; None if that is no time."""


def data_of(run: TabledRun) -> RunData:
    """Return what the metrics of a run were computed from."""
    trace = run.trace
    network = Network.of(trace.neurons, trace.pre, trace.post, populations=trace.populations)
    parts = (run.deliveries, run.packets, run.activity, MappedNetwork(network, run.mapping), trace, run.config)
    if run.log is None:
        # Where work takes time, packets may be created in a later step than that of their spike.
        return RunData(*parts, fired=None if run.compute is None else run.deliveries.stamp)
    return OnChipRunData(*parts, starts=None if run.config.tick == "fixed" else run.log.starts, log=run.log)


def owners(trace: Trace) -> tuple[Column, Column]:
    """Return the label of each neuron's population, "" without one, and its number there, shape (neurons,)."""
    population, index = np.full(trace.neurons, "", object), np.arange(trace.neurons)
    for one in trace.populations:
        population[one.start : one.stop] = one.label
        index[one.start : one.stop] -= one.start
    return population, index
