"""The base of all neuron models: one array per parameter and state variable, rules, and merging of populations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats, Ints
from ..base.parameter_rules import Rule, require_method

__all__ = ["NeuronModel", "merge"]


Model = TypeVar("Model", bound="NeuronModel")


class NeuronModel(ABC):
    """n neurons of one model.

    Parameters
    ----------
    parameters
        One array of shape (n,) for each of `PARAMETERS`.

    Attributes
    ----------
    parameters, state, hidden
        The arrays by name. They are only ever written in place: after `merge` or `move_to` they are windows on larger
        arrays.
    method
        How they are integrated, one of `METHODS`; see `choose`.
    stream
        A key of shape (n,) for each neuron's own random numbers, see `random_streams.uniform`; zero until it is set.
    """

    PARAMETERS: ClassVar[tuple[str, ...]]
    STATE: ClassVar[tuple[str, ...]]
    """Variables that may be initialised and recorded."""
    HIDDEN: ClassVar[tuple[str, ...]] = ()
    """Further variables, which begin at 0."""
    RULES: ClassVar[tuple[Rule, ...]] = ()
    METHODS: ClassVar[tuple[str, ...]] = ()
    """The methods of integration, the default first; none where there is nothing to choose."""
    kernel: ClassVar[str | None] = None
    """The name of its compiled form in `registry.KERNELS` or `registry.FUNCTIONS`, if it has one; see `own_kernel`."""
    every_method: ClassVar[bool] = False
    """Whether the kernel has all of `METHODS`, which it counts in that order, and not the first only."""
    max_compiled: ClassVar[int | None] = None
    """The largest number of neurons for which its kernel is not slower than NumPy, which vectorises; None for any."""
    effort: ClassVar[int] = 1
    """How many times as long NumPy takes for a step of one neuron as for one of `lif`, roughly."""

    refractory_steps: Ints | int = 0
    """The length of the refractory period, shape (n,), for kernels; after `prepare`."""
    substeps: int = 1
    """The substeps of a step, for kernels; after `prepare`."""

    def __init__(self, parameters: Mapping[str, npt.ArrayLike]) -> None:
        self.parameters = {name: np.array(parameters[name], dtype=np.float64, ndmin=1) for name in self.PARAMETERS}
        self.check(self.parameters)
        self.size = len(self.parameters[self.PARAMETERS[0]])
        self.state = {name: np.zeros(self.size) for name in self.STATE}
        self.hidden = {name: np.zeros(self.hidden_shape(name)) for name in self.HIDDEN}
        self.refractory = np.zeros(self.size, np.int64)
        self.stream = np.zeros(self.size, np.uint64)
        self.method = self.METHODS[0] if self.METHODS else None

    def choose(self, method: str, what: str = "integration") -> None:
        """Integrate by that method from the next `prepare` on.

        Raises ``ValueError`` if it is none of `METHODS`, in which ``what`` is the name of the choice.
        """
        require_method(what, method, self.METHODS)
        self.method = method

    def hidden_shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a hidden variable; its first dimension is the neuron."""
        return (self.size,)

    @property
    def receptors(self) -> int:
        """The number of rows of ``arriving`` that `advance` needs."""
        return 2

    @property
    def method_number(self) -> int:
        """The number of `method` among `METHODS`, for kernels."""
        return self.METHODS.index(self.method) if self.method is not None else 0

    @property
    def own_receptors(self) -> int:
        """The number of rows of ``arriving`` that mean something, for kernels that are called."""
        return 2

    @property
    def has_kernel(self) -> bool:
        """True if it has a kernel for its method of integration."""
        return self.kernel is not None and (self.every_method or self.method in (None, *self.METHODS[:1]))

    def own_kernel(self) -> Any:
        """Return a kernel that is not in the registries, with its ``address``, see `kernels.frame`; None for none."""
        return None

    def coefficients(self) -> tuple[Any, ...]:
        """Return what the model's kernel calculates with, row by row; after `prepare`.

        For one of `registry.KERNELS` it is the named tuple there.
        """
        raise NotImplementedError(f"{type(self).__name__} has no kernel")

    @property
    def variables(self) -> dict[str, Floats]:
        """All variables, hidden ones last, in the order in which kernels have them; one for each column of the latter.

        Shape (n,) each, and written to in place likewise.
        """
        found: dict[str, Floats] = dict(self.state)
        for name, values in self.hidden.items():
            if values.ndim == 1:
                found[name] = values
            else:
                for k in range(values.shape[1]):
                    column: Floats = values[:, k]
                    found[f"{name} {k}"] = column
        return found

    def move_to(self, rows: Floats) -> None:
        """Keep `variables` in the first rows of an array, shape (rows, n), from now on."""
        for row, values in zip(rows, self.variables.values(), strict=False):
            row[:] = values
        next_row = 0
        for arrays in (self.state, self.hidden):
            for name, values in arrays.items():
                columns = 1 if values.ndim == 1 else values.shape[1]
                own = rows[next_row : next_row + columns]
                moved: Floats = own[0] if values.ndim == 1 else own.T
                arrays[name] = moved
                next_row += columns

    def twin(self) -> Self:
        """Return neurons of their own with the same parameters, states and random numbers, after `settle`."""
        twin = type(self)(self.parameters)
        twin.method = self.method
        for name in self.STATE:
            twin.state[name][:] = self.state[name]
        for name in self.HIDDEN:
            twin.hidden[name][:] = self.hidden[name]
        twin.refractory[:] = self.refractory
        twin.stream[:] = self.stream
        return twin

    @property
    def kind(self) -> Hashable:
        """Models of equal kind can be merged."""
        return type(self), self.method

    def settle(self) -> None:
        """Bring `refractory` up to date after `advance`; a model that keeps it up to date does nothing."""
        return

    def require_finite(self) -> None:
        """Raise what `advance` does where it finds that a method diverges, after steps by a kernel, which cannot."""
        return

    def restart(self) -> None:
        """Forget what happened; the state variables are left to be initialised."""
        self.refractory[:] = 0
        for array in self.hidden.values():
            array[:] = 0.0

    @classmethod
    def check(cls, parameters: Mapping[str, Any]) -> None:
        """Raise ``ValueError`` naming the first rule of the model that the parameters break."""
        for rule in cls.RULES:
            rule(parameters)

    def set_parameters(self, index: npt.NDArray[np.int64] | slice, values: Mapping[str, npt.ArrayLike]) -> None:
        """Set parameters of some neurons; all or none. Takes effect at the next `prepare`."""
        changed = {name: array.copy() for name, array in self.parameters.items()}
        for name, value in values.items():
            changed[name][index] = value
        self.check(changed)
        for name in values:
            self.parameters[name][:] = changed[name]

    @abstractmethod
    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters and time step (in ms) only."""

    @abstractmethod
    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.int64]:
        """Take the state from one grid point to the next.

        Parameters
        ----------
        arriving
            Weights of the spikes that act at the new grid point, shape (receptors, n): excitatory and inhibitory, or
            in the order of the model's receptors; further rows are ignored.
        current
            Electrode current during the step in nA, shape (n,), or None for no electrodes.

        Returns
        -------
        The indices of the neurons that fire at the new grid point, ascending.
        """


def merge(models: Sequence[Model]) -> Model:
    """Return one model of all their neurons, in that order; the given models become windows on it."""
    merged = type(models[0])(
        {name: np.concatenate([model.parameters[name] for model in models]) for name in models[0].PARAMETERS}
    )
    merged.method = models[0].method
    start = 0
    for model in models:
        window = slice(start, start + model.size)
        for name in model.STATE:
            merged.state[name][window] = model.state[name]
            model.state[name] = merged.state[name][window]
        for name in model.HIDDEN:
            merged.hidden[name][window] = model.hidden[name]
            model.hidden[name] = merged.hidden[name][window]
        for name in model.PARAMETERS:
            model.parameters[name] = merged.parameters[name][window]
        merged.refractory[window] = model.refractory
        model.refractory = merged.refractory[window]
        merged.stream[window] = model.stream
        model.stream = merged.stream[window]
        start += model.size
    return merged
