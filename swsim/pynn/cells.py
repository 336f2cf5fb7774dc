"""Standard cell types: PyNN's parameters, and the engine's models behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pyNN.parameters import Sequence
from pyNN.standardmodels import build_translations, cells

from ..grid import TimeGrid
from ..izhikevich import Izhikevich as IzhikevichModel
from ..leaky import CondExp, CurrDelta, CurrExp
from ..neurons import NeuronModel
from ..sources import PoissonProcesses, SpikeSource, SpikeTrains

__all__ = [
    "Cell",
    "IF_cond_exp",
    "IF_curr_delta",
    "IF_curr_exp",
    "Izhikevich",
    "SpikeSourceArray",
    "SpikeSourcePoisson",
]

Arrays = dict[str, npt.NDArray[Any]]


def _untranslated(celltype: type) -> dict[str, Any]:
    """The engine uses PyNN's names and units."""
    names: Mapping[str, Any] = celltype.default_parameters  # type: ignore[attr-defined]
    return build_translations(*((name, name) for name in names))


class Cell:
    """What a population needs of its cell type; mixed into PyNN's own classes."""

    def build(self, parameters: Arrays, grid: TimeGrid) -> NeuronModel | SpikeSource:
        """The engine's model for parameters of shape (n,) each; ``ValueError`` if they break a rule."""
        raise NotImplementedError

    def update(
        self, model: Any, parameters: Arrays, index: npt.NDArray[np.int64], values: Mapping[str, npt.NDArray[Any]]
    ) -> None:
        """Change parameters of some neurons, in the model and in ``parameters``; all or none."""
        raise NotImplementedError


class _Neuron(Cell):
    model: ClassVar[type[NeuronModel]]

    def build(self, parameters: Arrays, grid: TimeGrid) -> NeuronModel:
        return self.model(parameters)

    def update(
        self, model: Any, parameters: Arrays, index: npt.NDArray[np.int64], values: Mapping[str, npt.NDArray[Any]]
    ) -> None:
        model.set_parameters(index, values)
        for name, array in model.parameters.items():
            parameters[name] = array


class IF_curr_exp(_Neuron, cells.IF_curr_exp):  # noqa: N801
    """Leaky integrate-and-fire neuron with exponentially decaying synaptic currents, see `leaky.CurrExp`."""

    translations = _untranslated(cells.IF_curr_exp)
    recordable = ["spikes", *CurrExp.STATE]
    model: ClassVar[type[NeuronModel]] = CurrExp


class IF_curr_delta(_Neuron, cells.IF_curr_delta):  # noqa: N801
    """Leaky integrate-and-fire neuron with steps of the membrane potential, see `leaky.CurrDelta`."""

    translations = _untranslated(cells.IF_curr_delta)
    recordable = ["spikes", *CurrDelta.STATE]
    model: ClassVar[type[NeuronModel]] = CurrDelta


class IF_cond_exp(_Neuron, cells.IF_cond_exp):  # noqa: N801
    """Leaky integrate-and-fire neuron with exponentially decaying conductances, see `leaky.CondExp`."""

    translations = _untranslated(cells.IF_cond_exp)
    recordable = ["spikes", *CondExp.STATE]
    model: ClassVar[type[NeuronModel]] = CondExp


class Izhikevich(_Neuron, cells.Izhikevich):
    """Izhikevich's neuron, see `izhikevich.Izhikevich`."""

    translations = _untranslated(cells.Izhikevich)
    recordable = ["spikes", *IzhikevichModel.STATE]
    model: ClassVar[type[NeuronModel]] = IzhikevichModel


class SpikeSourcePoisson(Cell, cells.SpikeSourcePoisson):
    """Poisson spike source on the time grid, see `sources.PoissonProcesses`."""

    translations = _untranslated(cells.SpikeSourcePoisson)

    def build(self, parameters: Arrays, grid: TimeGrid) -> PoissonProcesses:
        """The engine's model, see `Cell.build`."""
        return PoissonProcesses(grid, **parameters)

    def update(
        self, model: Any, parameters: Arrays, index: npt.NDArray[np.int64], values: Mapping[str, npt.NDArray[Any]]
    ) -> None:
        """Change parameters, see `Cell.update`."""
        changed = {name: array.copy() for name, array in parameters.items()}
        for name, value in values.items():
            changed[name][index] = value
        model.set_parameters(**changed)
        parameters.update(changed)


class SpikeSourceArray(Cell, cells.SpikeSourceArray):
    """Spike source with given times (ms), see `sources.SpikeTrains`.

    A time is moved to the nearest grid point; a spike at time 0 is emitted before the first step. Times that have
    passed when they are set are never emitted.
    """

    translations = _untranslated(cells.SpikeSourceArray)

    def build(self, parameters: Arrays, grid: TimeGrid) -> SpikeTrains:
        """The engine's model, see `Cell.build`."""
        trains = _own(parameters["spike_times"])
        model = SpikeTrains(grid, [train.value for train in trains])
        parameters["spike_times"] = trains
        return model

    def update(
        self, model: Any, parameters: Arrays, index: npt.NDArray[np.int64], values: Mapping[str, npt.NDArray[Any]]
    ) -> None:
        """Change parameters, see `Cell.update`."""
        trains = _own(values["spike_times"])
        model.set_trains(index, [train.value for train in trains])
        parameters["spike_times"][index] = trains


def _own(trains: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Copies, so that nobody changes the trains from outside."""
    copies = np.empty(len(trains), dtype=object)
    for i, train in enumerate(trains):
        copies[i] = Sequence(np.array(train.value, dtype=np.float64))
    return copies
