"""Standard cell types: PyNN's parameters, and the engine's models behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pyNN.parameters import ArrayParameter, Sequence
from pyNN.standardmodels import StandardCellType, build_translations, cells

from ...base.arrays import Index
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
from ..translations import identity_translations, same_names

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


class Cell:
    """Behaviour that a population needs of its cell type; mixed into PyNN's own classes.

    A standard cell type has the parameters of the engine's model under the same names and in the same units, unless it
    says otherwise in ``translations``.
    """

    translations: Any

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # PyNN's own types have none.
        if issubclass(cls, StandardCellType) and not cls.translations:
            cls.translations = identity_translations(cls)

    def build(self, parameters: Arrays, grid: TimeGrid) -> NeuronModel | SpikeSource:
        """Return the engine's model for parameters of shape (n,) each; ``ValueError`` if they break a rule."""
        raise NotImplementedError

    def update(self, model: Any, parameters: Arrays, index: Index, values: Mapping[str, npt.NDArray[Any]]) -> None:
        """Change parameters of some neurons, in the model and in ``parameters``; all or none."""
        parameters.update(self.changed(model, parameters, index, values))

    def changed(self, model: Any, parameters: Arrays, index: Index, values: Mapping[str, npt.NDArray[Any]]) -> Arrays:
        """Change parameters of some neurons in the model; return them for all neurons as they are then."""
        raise NotImplementedError

    def shown(self, name: str, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the values of a parameter as PyNN shows them, shape (n,)."""
        return values

    @classmethod
    def methods(cls) -> tuple[str, ...]:
        """Return the methods of integration to choose from, see `NeuronModel.METHODS`; here none."""
        return ()


class ModelCell(Cell):
    """A cell type with one of the engine's neuron models, from which follow its state variables and methods."""

    model: type[NeuronModel]
    recordable: Any

    fixed: ClassVar[Mapping[str, float]] = {}
    """Parameters of the model that the cell type does not have."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "model" in vars(cls) and "recordable" not in vars(cls):
            cls.recordable = ["spikes", *cls.model.STATE]

    @classmethod
    def methods(cls) -> tuple[str, ...]:
        """Return the methods of integration of the model."""
        return cls.model.METHODS if hasattr(cls, "model") else ()

    def build(self, parameters: Arrays, grid: TimeGrid) -> NeuronModel:
        """Return a neuron model with those parameters and the fixed ones."""
        size = len(next(iter(parameters.values())))
        return self.model(parameters | {name: np.full(size, value) for name, value in self.fixed.items()})

    def changed(self, model: Any, parameters: Arrays, index: Index, values: Mapping[str, npt.NDArray[Any]]) -> Arrays:
        """Change parameters in the model, and return its own arrays."""
        model.set_parameters(index, values)
        arrays: Arrays = model.parameters
        return arrays


class IF_curr_exp(ModelCell, cells.IF_curr_exp):  # noqa: N801
    """Leaky integrate-and-fire neuron with exponentially decaying synaptic currents, see `lif.CurrExp`."""

    model = CurrExp


class IF_curr_alpha(ModelCell, cells.IF_curr_alpha):  # noqa: N801
    """Leaky integrate-and-fire neuron with alpha-shaped synaptic currents, see `lif.CurrAlpha`."""

    model = CurrAlpha


class IF_curr_delta(ModelCell, cells.IF_curr_delta):  # noqa: N801
    """Leaky integrate-and-fire neuron with steps of the membrane potential, see `lif.CurrDelta`."""

    model = CurrDelta


class IF_cond_exp(ModelCell, cells.IF_cond_exp):  # noqa: N801
    """Leaky integrate-and-fire neuron with exponentially decaying conductances, see `lif.CondExp`."""

    model = CondExp


class IF_cond_alpha(ModelCell, cells.IF_cond_alpha):  # noqa: N801
    """Leaky integrate-and-fire neuron with alpha-shaped conductances, see `lif.CondAlpha`."""

    model = CondAlpha


class IF_cond_exp_gsfa_grr(ModelCell, cells.IF_cond_exp_gsfa_grr):  # noqa: N801
    """`IF_cond_exp` with adaptation and relative refractoriness, see `gif.Adapting`."""

    model = Adapting


class EIF_cond_exp_isfa_ista(ModelCell, cells.EIF_cond_exp_isfa_ista):  # noqa: N801
    """Adaptive exponential neuron, see `adex.AdEx`."""

    model = AdExCondExp


class EIF_cond_alpha_isfa_ista(ModelCell, cells.EIF_cond_alpha_isfa_ista):  # noqa: N801
    """Adaptive exponential neuron with alpha-shaped conductances, see `adex.AdEx`."""

    model = AdExCondAlpha


class HH_cond_exp(ModelCell, cells.HH_cond_exp):  # noqa: N801
    """Hodgkin-Huxley neuron, see `hodgkin_huxley.HodgkinHuxley`."""

    model = HodgkinHuxley
    # Without a unit Neo would not take them.
    units = {**cells.HH_cond_exp.units, "m": "dimensionless", "h": "dimensionless", "n": "dimensionless"}


class GIF_cond_exp(ModelCell, cells.GIF_cond_exp):  # noqa: N801
    """Generalised integrate-and-fire neuron, see `gif.GIF`."""

    model = GIF

    def build(self, parameters: Arrays, grid: TimeGrid) -> NeuronModel:
        """Return the model with vectors as rows; ``ValueError`` if the elements of a vector differ in number."""
        return super().build(_rows(parameters), grid)

    def changed(self, model: Any, parameters: Arrays, index: Index, values: Mapping[str, npt.NDArray[Any]]) -> Arrays:
        """Change parameters in the model; ``ValueError`` if a vector changes its number of elements."""
        rows = _rows(values)
        for name in GIF.VECTORS:
            if name in rows and rows[name].shape[1] != model.parameters[name].shape[1]:
                raise ValueError(
                    f"{name} must keep its {model.parameters[name].shape[1]} elements, not {rows[name].shape[1]}"
                )
        return super().changed(model, parameters, index, rows)

    def shown(self, name: str, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return vectors as PyNN's `ArrayParameter`, anything else as it is."""
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
    ) | same_names(name for name in cells.IF_facets_hardware1.default_parameters if name != "g_leak")
    model = CondExp
    fixed: ClassVar = {"cm": 0.2, "tau_refrac": 1.0, "e_rev_E": 0.0, "i_offset": 0.0}


class Izhikevich(ModelCell, cells.Izhikevich):
    """Izhikevich's neuron, see `izhikevich.Izhikevich`."""

    model = IzhikevichModel


class SpikeSourcePoisson(Cell, cells.SpikeSourcePoisson):
    """Poisson spike source on the time grid, see `poisson.PoissonProcesses`."""

    def build(self, parameters: Arrays, grid: TimeGrid) -> PoissonProcesses:
        """Return Poisson processes."""
        return PoissonProcesses(grid, **parameters)

    def changed(self, model: Any, parameters: Arrays, index: Index, values: Mapping[str, npt.NDArray[Any]]) -> Arrays:
        """Give the processes all parameters; those that stay the same go on as they are."""
        changed = _replaced(parameters, index, values)
        model.set_parameters(**changed)
        return changed


class _Renewal(Cell):
    model: type[RenewalProcesses]

    def build(self, parameters: Arrays, grid: TimeGrid) -> RenewalProcesses:
        """Return renewal processes."""
        return self.model(grid, **_plain(parameters))

    def changed(self, model: Any, parameters: Arrays, index: Index, values: Mapping[str, npt.NDArray[Any]]) -> Arrays:
        """Give the processes all parameters, those of ``index`` new ones."""
        changed = _replaced(parameters, index, values)
        model.set_parameters(index, **_plain(changed))
        return changed


class SpikeSourcePoissonRefractory(_Renewal, cells.SpikeSourcePoissonRefractory):
    """Poisson spike source with dead time, see `renewal.RefractoryPoissonProcesses`."""

    model = RefractoryPoissonProcesses


class SpikeSourceGamma(_Renewal, cells.SpikeSourceGamma):
    """Gamma process as spike source, see `renewal.GammaProcesses`."""

    model = GammaProcesses


class SpikeSourceInhGamma(_Renewal, cells.SpikeSourceInhGamma):
    """Inhomogeneous gamma process as spike source, see `renewal.InhomogeneousGammaProcesses`."""

    model = InhomogeneousGammaProcesses


class SpikeSourceArray(Cell, cells.SpikeSourceArray):
    """Spike source with given times (ms), see `spike_trains.SpikeTrains`.

    A time is moved to the nearest grid point, where several spikes of a source stay several; a spike at time 0 is
    emitted before the first step. Times that have passed when they are set are never emitted. With
    ``setup(spike_precision="off_grid")`` recorded times are those given, and a spike takes effect from the grid point
    at or after its time.
    """

    def build(self, parameters: Arrays, grid: TimeGrid) -> SpikeTrains:
        """Return spike trains, and replace those in ``parameters`` by copies."""
        trains = _copies(parameters["spike_times"])
        model = SpikeTrains(grid, [train.value for train in trains], off_grid=simulator.state.off_grid)
        parameters["spike_times"] = trains
        return model

    def changed(self, model: Any, parameters: Arrays, index: Index, values: Mapping[str, npt.NDArray[Any]]) -> Arrays:
        """Give the model copies of the trains."""
        trains = _copies(values["spike_times"])
        model.set_trains(index, [train.value for train in trains])
        return _replaced(parameters, index, {"spike_times": trains})


def _replaced(parameters: Arrays, index: Index, values: Mapping[str, npt.NDArray[Any]]) -> Arrays:
    """Return copies of all parameters, with new values for some neurons."""
    changed = {name: array.copy() for name, array in parameters.items()}
    for name, value in values.items():
        changed[name][index] = value
    return changed


def _copies(trains: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return copies, so that the trains cannot be changed from outside."""
    copies = np.empty(len(trains), dtype=object)
    for i, train in enumerate(trains):
        copies[i] = Sequence(np.array(train.value, dtype=np.float64))
    return copies


def _plain(parameters: Mapping[str, npt.NDArray[Any]]) -> Arrays:
    """Return histograms as lists of arrays, anything else as it is."""
    return {
        name: values if values.dtype != object else [np.asarray(histogram.value) for histogram in values]  # type: ignore[misc]
        for name, values in parameters.items()
    }


def _rows(parameters: Mapping[str, npt.NDArray[Any]]) -> Arrays:
    """Return vectors of all neurons as one array of shape (n, elements); ``ValueError`` if their numbers differ."""
    rows = dict(parameters)
    for name in GIF.VECTORS:
        if name in rows and rows[name].dtype == object:
            vectors = [np.atleast_1d(np.asarray(vector.value, np.float64)) for vector in rows[name]]
            lengths = sorted({len(vector) for vector in vectors})
            if len(lengths) > 1:
                raise ValueError(f"{name} must have as many elements in all neurons, not {lengths}")
            rows[name] = np.stack(vectors)
    return rows
