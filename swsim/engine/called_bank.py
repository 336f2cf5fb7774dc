"""The neurons of one model, step by step by its kernel, where the compiled loop cannot run the whole network."""

from __future__ import annotations

import numpy as np

from ..base.arrays import Floats, Ints
from ..kernels.cache import called
from ..kernels.network import Neurons
from ..neurons.model import NeuronModel

__all__ = ["CalledBank"]

_NONE = np.empty(0)


class CalledBank:
    """A model with a kernel of those that are called, in the place of `NeuronModel.advance`.

    Parameters
    ----------
    model
        The model, prepared; it keeps its variables.
    receptors
        The number of rows of what arrives.
    """

    def __init__(self, model: NeuronModel, receptors: int) -> None:
        self._model = model
        self._function = called(model.kernel) if model.kernel is not None else model.own_kernel()
        self._call = self._function.ctypes
        n = model.size
        self._neurons = Neurons(
            coefficients=np.empty((len(model.coefficients()), n)),
            states=np.empty((len(model.variables), n)),
            refractory_steps=np.zeros(n, np.int32),
            refractory=np.zeros(n, np.int32),
            fired=np.zeros(n, np.uint8),
        )
        self._arriving = np.empty((receptors, n))
        self._current = np.empty(n)
        self.prepare()

    @staticmethod
    def can_run(model: NeuronModel) -> bool:
        """Return whether a model has such a kernel, and that is faster than `NeuronModel.advance`."""
        few = model.max_compiled is None or model.size <= model.max_compiled
        return model.has_kernel and few and (model.kernel is None or model.effort > 1)

    def prepare(self) -> None:
        """Take the parameters, which `NeuronModel.prepare` has seen."""
        from ..kernels.frame import frame_of

        model, neurons = self._model, self._neurons
        for row, values in zip(neurons.coefficients, model.coefficients(), strict=True):
            row[:] = values
        neurons.refractory_steps[:] = model.refractory_steps
        block = {"substeps": model.substeps, "method": model.method_number, "receptors": model.own_receptors}
        # For steps without electrodes, and for those with.
        self._frames = [frame_of(block, neurons, self._arriving, current) for current in (_NONE, self._current)]
        self._addresses = [np.ctypeslib.as_ctypes(frame) for frame in self._frames]

    def advance(self, arriving: Floats, current: Floats | None) -> Ints:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        model, neurons = self._model, self._neurons
        variables = list(model.variables.values())
        for row, values in zip(neurons.states, variables, strict=True):
            row[:] = values
        neurons.refractory[:] = model.refractory
        self._arriving[:] = arriving
        if current is not None:
            self._current[:] = current
        self._call(self._addresses[current is not None])
        for row, values in zip(neurons.states, variables, strict=True):
            values[:] = row
        model.refractory[:] = neurons.refractory
        model.require_finite()
        return neurons.fired.nonzero()[0]
