"""Population, PopulationView and Assembly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from pyNN import common, errors
from pyNN.parameters import ArrayParameter, LazyArray, ParameterSpace, simplify

from ..base.random_streams import streams
from ..neurons.model import NeuronModel
from ..sources.spike_source import SpikeSource
from . import simulator
from .integration_methods import choose_method
from .recording import Recorder
from .seeding import new_rng, seed_all, seed_rng
from .standardmodels.cells import Cell
from .unavailable import refuse_other

__all__ = ["Assembly", "Population", "PopulationView"]


class Assembly(common.Assembly):
    """Neurons of several populations."""

    _simulator = simulator

    @property
    def receptor_types(self) -> list[str]:
        """The receptors that all neurons have, in the order of the first population (PyNN's own has no order)."""
        others = [population.celltype.receptor_types for population in self.populations[1:]]
        return [
            name
            for name in self.populations[0].celltype.receptor_types
            if all(name in receptors for receptors in others)
        ]

    def sample(self, n: int, rng: Any = None) -> Assembly:
        """An assembly of n neurons chosen at random, without repetition."""
        if not 1 <= n <= self.size:
            raise ValueError(f"n must lie in 1..{self.size}, not {n}")
        rng = new_rng() if rng is None else rng
        chosen: Assembly = self[rng.permutation(np.arange(self.size))[:n]]
        return chosen


class _Neurons:
    """The common ground of a population and a view of one; parameters and states are those of the population itself."""

    _simulator = simulator
    size: int
    label: str

    def _root(self) -> Population:
        raise NotImplementedError

    def _index(self) -> npt.NDArray[np.int64]:
        """Indices of the neurons in the root population."""
        raise NotImplementedError

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)

    def _get_parameters(self, *names: str) -> Any:
        celltype = self._root().celltype
        if not celltype.computed_parameters_include(names):
            return self._get_native_parameters(*names)
        native = self._get_native_parameters(*celltype.get_native_names(*names))
        return celltype.reverse_translate(native)

    def _get_native_parameters(self, *names: str) -> Any:
        root = self._root()
        for name in names:
            if name not in root.parameters:
                raise errors.NonExistentParameterError(
                    name, type(root.celltype).__name__, root.celltype.get_parameter_names()
                )
        index = self._index()
        values = {name: root.celltype.shown(name, root.parameters[name][index]) for name in names}
        schema = root.celltype.get_schema()
        return ParameterSpace(
            {name: simplify(value) for name, value in values.items()},
            # Names of the engine's own are in no schema.
            schema if schema.keys() >= values.keys() else None,
            (self.size,),
        )

    def _set_parameters(self, parameter_space: Any) -> None:
        root = self._root()
        simulator.state.network.require_present(root)
        seed_all(parameter_space)
        parameter_space.evaluate(simplify=False)
        values = {name: _per_cell(value, self.size) for name, value in parameter_space.items()}
        try:
            root.celltype.update(root.model, root.parameters, self._index(), values)
        except ValueError as error:
            raise errors.InvalidParameterValueError(f"{root.label}: {error}") from None
        simulator.state.parameters_changed()

    def initialize(self, **initial_values: Any) -> None:
        """Set state variables now and whenever the network is reset; values as for PyNN's populations.

        Raises ``pyNN.errors.NonExistentParameterError`` for a variable that the cell type does not have.
        """
        root = self._root()
        if initial_values:
            simulator.state.network.require_present(root)
        values = {name: LazyArray(value, shape=(self.size,), dtype=float) for name, value in initial_values.items()}
        seed_all(values)
        for variable, value in values.items():
            root.set_initial(variable, _per_cell(value.evaluate(simplify=False), self.size), self._index())

    def get_spikes_array(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
        """Ids and times (ms) of the recorded spikes of these neurons since the last reset, in the order of time.

        Shape (spikes,) each; the ids cannot be written to. Unlike `get_data` it makes no Neo objects. Raises
        ``pyNN.errors.NothingToWriteError`` if the spikes are not recorded.
        """
        recorder: Recorder = self._root().recorder
        return recorder.spikes_array(self._index())

    def sample(self, n: int, rng: Any = None) -> PopulationView:
        """A view of n neurons chosen at random, without repetition."""
        if not 1 <= n <= self.size:
            raise ValueError(f"n must lie in 1..{self.size}, not {n}")
        rng = new_rng() if rng is None else rng
        return self._get_view(rng.permutation(np.arange(self.size))[:n])


class PopulationView(_Neurons, common.PopulationView):
    """Some neurons of a population."""

    _assembly_class = Assembly

    def _root(self) -> Population:
        root: Population = self.grandparent
        return root

    def _index(self) -> npt.NDArray[np.int64]:
        return self.all_cells.astype(np.int64) - int(self._root().first_id)

    @property
    def initial_values(self) -> dict[str, Any]:
        """Initial values of these neurons, by state variable."""
        values = self._root().initial_values
        return {name: LazyArray(simplify(value.evaluate()[self._index()])) for name, value in values.items()}


class Population(_Neurons, common.Population):
    """Neurons of one type.

    Attributes
    ----------
    model
        The engine's neurons or spike sources.
    parameters
        Array of shape (size,) for each parameter of the cell type.
    """

    _recorder_class = Recorder
    _assembly_class = Assembly

    def __init__(
        self,
        size: Any,
        cellclass: Any,
        cellparams: Mapping[str, Any] | None = None,
        structure: Any = None,
        initial_values: Mapping[str, Any] | None = None,
        label: str | None = None,
    ) -> None:
        _check_size(size)
        if not (isinstance(cellclass, Cell) or (isinstance(cellclass, type) and issubclass(cellclass, Cell))):
            refuse_other("cellclass", cellclass, "a cell type such as sim.IF_curr_exp")
        for parameter, value in (("cellparams", cellparams), ("initial_values", initial_values)):
            if not isinstance(value, Mapping | None):
                raise TypeError(f"{parameter} must be a mapping from names to values, not {value!r}")
        if not isinstance(label, str | None):
            raise TypeError(f"label must be a text, not {label!r}")
        seed_rng(getattr(structure, "rng", None))
        super().__init__(
            size,
            cellclass,
            cellparams if isinstance(cellclass, Cell) else (cellparams or {}),
            structure,
            initial_values or {},
            # PyNN's own numbers count all populations of the process, which is not repeatable.
            label or f"population{len(simulator.state.network.populations)}",
        )

    def _root(self) -> Population:
        return self

    def _index(self) -> npt.NDArray[np.int64]:
        return np.arange(self.size)

    def _create_cells(self) -> None:
        state = simulator.state
        first = state.network.neurons
        self.all_cells = np.empty(self.size, dtype=object)
        self.all_cells[:] = [simulator.ID.of(first + i, self) for i in range(self.size)]
        self._mask_local = np.ones(self.size, dtype=bool)
        parameter_space = self.celltype.native_parameters
        parameter_space.shape = (self.size,)
        seed_all(parameter_space)
        parameter_space.evaluate(simplify=False)
        self.parameters: dict[str, npt.NDArray[Any]] = {
            name: _per_cell(value, self.size) for name, value in parameter_space.items()
        }
        try:
            self.model: NeuronModel | SpikeSource = self.celltype.build(self.parameters, state.grid)
            if isinstance(self.model, NeuronModel):
                choose_method(self.model, self.celltype)
        except ValueError as error:
            raise errors.InvalidParameterValueError(f"{self.label}: {error}") from None
        if isinstance(self.model, NeuronModel):
            self.parameters = self.model.parameters
            self.model.stream[:] = streams(state.population_seed(first), self.size)
        else:
            self.model.restart(state.population_seed(first))
        state.network.populations.append(self)
        state.network_changed()

    def set_initial(self, variable: str, values: npt.NDArray[np.float64], index: npt.NDArray[np.int64]) -> None:
        """Set a state variable of some neurons, now and for every reset."""
        known = self.model.state if isinstance(self.model, NeuronModel) else {}
        if variable not in known:
            raise errors.NonExistentParameterError(variable, type(self.celltype).__name__, list(known))
        if not np.isfinite(values).all():
            raise errors.InvalidParameterValueError(f"{self.label}: initial {variable} must be finite")
        initial = np.zeros(self.size)
        if variable in self.initial_values:
            initial = self.initial_values[variable].evaluate(simplify=False).copy()
        initial[index] = values
        # Drawn once: a reset goes back to these very numbers.
        self.initial_values[variable] = LazyArray(simplify(initial), shape=(self.size,), dtype=float)
        known[variable][index] = values
        simulator.state.states_changed(self, variable, values, index)

    def restart(self) -> None:
        """Go back to the initial state."""
        if isinstance(self.model, SpikeSource):
            self.model.restart(simulator.state.population_seed(int(self.first_id)))
            return
        self.model.restart()
        self.model.stream[:] = streams(simulator.state.population_seed(int(self.first_id)), self.size)
        for variable, value in self.initial_values.items():
            self.model.state[variable][:] = value.evaluate(simplify=False)


def _check_size(size: Any) -> None:
    """Check the size of a population, which may have one for each dimension of its structure."""
    for part in size if isinstance(size, tuple) and size else (size,):
        if isinstance(part, bool) or not isinstance(part, int | np.integer):
            whole = isinstance(part, float | np.floating) and part == np.floor(part)
            hint = f"; write {int(part)}" if whole and np.isfinite(part) else ""
            raise TypeError(f"size must be a whole number, or a tuple of such, not {size!r}{hint}")
        if part < 1:
            raise ValueError(f"size must be at least 1, not {size}")


def _per_cell(value: Any, size: int) -> npt.NDArray[Any]:
    """An evaluated parameter as one value per cell; evaluation makes those of a single cell a bare value."""
    array = np.empty(1, dtype=object) if isinstance(value, ArrayParameter) else np.atleast_1d(value)
    if isinstance(value, ArrayParameter):
        array[0] = value
    return np.broadcast_to(array, (size,)).copy()
