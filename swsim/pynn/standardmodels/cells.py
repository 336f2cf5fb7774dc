"""Standard cell types: PyNN's parameters, and the engine's models behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pyNN.parameters import ArrayParameter, Sequence
from pyNN.standardmodels import build_translations, cells

from ...base.time_grid import TimeGrid
from ...neurons.adex import AdExCondAlpha, AdExCondExp
from ...neurons.gif import GIF, Adapting
from ...neurons.hodgkin_huxley import HodgkinHuxley
from ...neurons.izhikevich import Izhikevich as IzhikevichModel
from ...neurons.lif import CondAlpha, CondExp, CurrAlpha, CurrDelta, CurrExp
from ...neurons.model import NeuronModel
from ...sources.poisson import PoissonProcesses
from ...sources.renewal import GammaProcesses, InhomogeneousGammaProcesses, RefractoryPoissonProcesses, RenewalProcesses
from ...sources.spike_source import SpikeSource
from ...sources.spike_trains import SpikeTrains
from .. import simulator

__all__ = [
    "Cell",
    "EIF_cond_alpha_isfa_ista",
    "EIF_cond_exp_isfa_ista",
    "GIF_cond_exp",
    "HH_cond_exp",
    "IF_cond_alpha",
    "IF_cond_exp",
    "IF_cond_exp_gsfa_grr",
    "IF_curr_alpha",
    "IF_curr_delta",
    "IF_curr_exp",
    "IF_facets_hardware1",
    "Izhikevich",
    "ModelCell",
    "SpikeSourceArray",
    "SpikeSourceGamma",
    "SpikeSourceInhGamma",
    "SpikeSourcePoisson",
    "SpikeSourcePoissonRefractory",
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

    def shown(self, name: str, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Values of a parameter as PyNN shows them, shape (n,)."""
        return values

    @classmethod
    def methods(cls) -> tuple[str, ...]:
        """The methods of integration to choose from, see `NeuronModel.METHODS`; here none."""
        return ()


class ModelCell(Cell):
    """A cell type with one of the engine's neuron models, whose parameters have the same names."""

    model: ClassVar[type[NeuronModel]]

    fixed: ClassVar[Mapping[str, float]] = {}
    """Parameters of the model that the cell type does not have."""

    @classmethod
    def methods(cls) -> tuple[str, ...]:
        """See `Cell.methods`."""
        return cls.model.METHODS if hasattr(cls, "model") else ()

    def build(self, parameters: Arrays, grid: TimeGrid) -> NeuronModel:
        """The engine's model, see `Cell.build`."""
        size = len(next(iter(parameters.values())))
        return self.model(parameters | {name: np.full(size, value) for name, value in self.fixed.items()})

    def update(
        self, model: Any, parameters: Arrays, index: npt.NDArray[np.int64], values: Mapping[str, npt.NDArray[Any]]
    ) -> None:
        """Change parameters, see `Cell.update`."""
        model.set_parameters(index, values)
        for name, array in model.parameters.items():
            parameters[name] = array


class IF_curr_exp(ModelCell, cells.IF_curr_exp):  # noqa: N801
    """Leaky integrate-and-fire neuron with exponentially decaying synaptic currents, see `lif.CurrExp`."""

    translations = _untranslated(cells.IF_curr_exp)
    recordable = ["spikes", *CurrExp.STATE]
    model: ClassVar[type[NeuronModel]] = CurrExp


class IF_curr_alpha(ModelCell, cells.IF_curr_alpha):  # noqa: N801
    """Leaky integrate-and-fire neuron with alpha-shaped synaptic currents, see `lif.CurrAlpha`."""

    translations = _untranslated(cells.IF_curr_alpha)
    recordable = ["spikes", *CurrAlpha.STATE]
    model: ClassVar[type[NeuronModel]] = CurrAlpha


class IF_curr_delta(ModelCell, cells.IF_curr_delta):  # noqa: N801
    """Leaky integrate-and-fire neuron with steps of the membrane potential, see `lif.CurrDelta`."""

    translations = _untranslated(cells.IF_curr_delta)
    recordable = ["spikes", *CurrDelta.STATE]
    model: ClassVar[type[NeuronModel]] = CurrDelta


class IF_cond_exp(ModelCell, cells.IF_cond_exp):  # noqa: N801
    """Leaky integrate-and-fire neuron with exponentially decaying conductances, see `lif.CondExp`."""

    translations = _untranslated(cells.IF_cond_exp)
    recordable = ["spikes", *CondExp.STATE]
    model: ClassVar[type[NeuronModel]] = CondExp


class IF_cond_alpha(ModelCell, cells.IF_cond_alpha):  # noqa: N801
    """Leaky integrate-and-fire neuron with alpha-shaped conductances, see `lif.CondAlpha`."""

    translations = _untranslated(cells.IF_cond_alpha)
    recordable = ["spikes", *CondAlpha.STATE]
    model: ClassVar[type[NeuronModel]] = CondAlpha


class IF_cond_exp_gsfa_grr(ModelCell, cells.IF_cond_exp_gsfa_grr):  # noqa: N801
    """`IF_cond_exp` with adaptation and relative refractoriness, see `gif.Adapting`."""

    translations = _untranslated(cells.IF_cond_exp_gsfa_grr)
    recordable = ["spikes", *Adapting.STATE]
    model: ClassVar[type[NeuronModel]] = Adapting


class EIF_cond_exp_isfa_ista(ModelCell, cells.EIF_cond_exp_isfa_ista):  # noqa: N801
    """Adaptive exponential neuron, see `adex.AdEx`."""

    translations = _untranslated(cells.EIF_cond_exp_isfa_ista)
    recordable = ["spikes", *AdExCondExp.STATE]
    model: ClassVar[type[NeuronModel]] = AdExCondExp


class EIF_cond_alpha_isfa_ista(ModelCell, cells.EIF_cond_alpha_isfa_ista):  # noqa: N801
    """Adaptive exponential neuron with alpha-shaped conductances, see `adex.AdEx`."""

    translations = _untranslated(cells.EIF_cond_alpha_isfa_ista)
    recordable = ["spikes", *AdExCondAlpha.STATE]
    model: ClassVar[type[NeuronModel]] = AdExCondAlpha


class HH_cond_exp(ModelCell, cells.HH_cond_exp):  # noqa: N801
    """Hodgkin-Huxley neuron, see `hodgkin_huxley.HodgkinHuxley`."""

    translations = _untranslated(cells.HH_cond_exp)
    recordable = ["spikes", *HodgkinHuxley.STATE]
    model: ClassVar[type[NeuronModel]] = HodgkinHuxley
    # Without a unit Neo would not take them.
    units = {**cells.HH_cond_exp.units, "m": "dimensionless", "h": "dimensionless", "n": "dimensionless"}


class GIF_cond_exp(ModelCell, cells.GIF_cond_exp):  # noqa: N801
    """Generalised integrate-and-fire neuron, see `gif.GIF`."""

    translations = _untranslated(cells.GIF_cond_exp)
    recordable = ["spikes", *GIF.STATE]
    model: ClassVar[type[NeuronModel]] = GIF

    def build(self, parameters: Arrays, grid: TimeGrid) -> NeuronModel:
        """The engine's model, see `Cell.build`; ``ValueError`` if the elements of a vector differ in number."""
        return GIF(_rows(parameters))

    def update(
        self, model: Any, parameters: Arrays, index: npt.NDArray[np.int64], values: Mapping[str, npt.NDArray[Any]]
    ) -> None:
        """Change parameters, see `Cell.update`; the number of elements stays."""
        rows = _rows(values)
        for name in GIF.VECTORS:
            if name in rows and rows[name].shape[1] != model.parameters[name].shape[1]:
                raise ValueError(
                    f"{name} must keep its {model.parameters[name].shape[1]} elements, not {rows[name].shape[1]}"
                )
        super().update(model, parameters, index, rows)

    def shown(self, name: str, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Vectors as PyNN's `ArrayParameter`, see `Cell.shown`."""
        if name not in GIF.VECTORS:
            return values
        vectors = np.empty(len(values), dtype=object)
        for i, row in enumerate(values):
            vectors[i] = ArrayParameter(row.copy())
        return vectors


class IF_facets_hardware1(ModelCell, cells.IF_facets_hardware1):  # noqa: N801
    """`IF_cond_exp` with 0.2 nF, a refractory period of 1 ms and excitation that reverses at 0 mV."""

    translations = build_translations(
        ("g_leak", "tau_m", "0.2 * 1000.0 / g_leak", "0.2 * 1000.0 / tau_m"),
        *((name, name) for name in cells.IF_facets_hardware1.default_parameters if name != "g_leak"),
    )
    recordable = ["spikes", *CondExp.STATE]
    model: ClassVar[type[NeuronModel]] = CondExp
    fixed: ClassVar = {"cm": 0.2, "tau_refrac": 1.0, "e_rev_E": 0.0, "i_offset": 0.0}


class Izhikevich(ModelCell, cells.Izhikevich):
    """Izhikevich's neuron, see `izhikevich.Izhikevich`."""

    translations = _untranslated(cells.Izhikevich)
    recordable = ["spikes", *IzhikevichModel.STATE]
    model: ClassVar[type[NeuronModel]] = IzhikevichModel


class SpikeSourcePoisson(Cell, cells.SpikeSourcePoisson):
    """Poisson spike source on the time grid, see `poisson.PoissonProcesses`."""

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


class _Renewal(Cell):
    model: ClassVar[type[RenewalProcesses]]

    def build(self, parameters: Arrays, grid: TimeGrid) -> RenewalProcesses:
        """The engine's model, see `Cell.build`."""
        return self.model(grid, **_plain(parameters))

    def update(
        self, model: Any, parameters: Arrays, index: npt.NDArray[np.int64], values: Mapping[str, npt.NDArray[Any]]
    ) -> None:
        """Change parameters, see `Cell.update`."""
        changed = {name: array.copy() for name, array in parameters.items()}
        for name, value in values.items():
            changed[name][index] = value
        model.set_parameters(index, **_plain(changed))
        parameters.update(changed)


class SpikeSourcePoissonRefractory(_Renewal, cells.SpikeSourcePoissonRefractory):
    """Poisson spike source with dead time, see `renewal.RefractoryPoissonProcesses`."""

    translations = _untranslated(cells.SpikeSourcePoissonRefractory)
    model: ClassVar[type[RenewalProcesses]] = RefractoryPoissonProcesses


class SpikeSourceGamma(_Renewal, cells.SpikeSourceGamma):
    """Gamma process as spike source, see `renewal.GammaProcesses`."""

    translations = _untranslated(cells.SpikeSourceGamma)
    model: ClassVar[type[RenewalProcesses]] = GammaProcesses


class SpikeSourceInhGamma(_Renewal, cells.SpikeSourceInhGamma):
    """Inhomogeneous gamma process as spike source, see `renewal.InhomogeneousGammaProcesses`."""

    translations = _untranslated(cells.SpikeSourceInhGamma)
    model: ClassVar[type[RenewalProcesses]] = InhomogeneousGammaProcesses


class SpikeSourceArray(Cell, cells.SpikeSourceArray):
    """Spike source with given times (ms), see `spike_source.SpikeTrains`.

    A time is moved to the nearest grid point; a spike at time 0 is emitted before the first step. Times that have
    passed when they are set are never emitted. With ``setup(spike_precision="off_grid")`` recorded times are those
    given, and a spike takes effect from the grid point at or after its time.
    """

    translations = _untranslated(cells.SpikeSourceArray)

    def build(self, parameters: Arrays, grid: TimeGrid) -> SpikeTrains:
        """The engine's model, see `Cell.build`."""
        trains = _own(parameters["spike_times"])
        model = SpikeTrains(grid, [train.value for train in trains], off_grid=simulator.state.off_grid)
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


def _plain(parameters: Mapping[str, npt.NDArray[Any]]) -> Arrays:
    """Histograms as lists of arrays, anything else as it is."""
    return {
        name: values if values.dtype != object else [np.asarray(histogram.value) for histogram in values]  # type: ignore[misc]
        for name, values in parameters.items()
    }


def _rows(parameters: Mapping[str, npt.NDArray[Any]]) -> Arrays:
    """Vectors of all neurons as one array of shape (n, elements); ``ValueError`` if their numbers differ."""
    rows = dict(parameters)
    for name in GIF.VECTORS:
        if name in rows and rows[name].dtype == object:
            vectors = [np.atleast_1d(np.asarray(vector.value, np.float64)) for vector in rows[name]]
            lengths = sorted({len(vector) for vector in vectors})
            if len(lengths) > 1:
                raise ValueError(f"{name} must have as many elements in all neurons, not {lengths}")
            rows[name] = np.stack(vectors)
    return rows
