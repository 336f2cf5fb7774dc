"""The neuron models that run compiled: a line for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..neurons.izhikevich import Izhikevich9Coefficients, IzhikevichCoefficients
from ..neurons.lif import CondExpCoefficients, CurrDeltaCoefficients, CurrExpCoefficients
from .adex import adex
from .gif import gif
from .hodgkin_huxley import hodgkin_huxley
from .izhikevich import IzhikevichState, izhikevich, izhikevich_9
from .leaky import leaky_conductances, leaky_currents
from .lif import CondExpState, CurrDeltaState, CurrExpState, cond_exp, curr_delta, curr_exp
from .synapses.short_term import quantal, stochastic, tsodyks_markram
from .synapses.spike_timing import spike_timing

__all__ = ["CALLED", "FUNCTIONS", "KERNELS", "KINDS", "SOURCE", "SYNAPSES", "Kernel"]


@dataclass(frozen=True)
class Kernel:
    """The compiled form of a neuron model.

    Attributes
    ----------
    step
        The loop over the neurons of a population, ``step(coefficients, state, window, current, substeps)``, with a
        `network.Window`; ``current`` is None or an electrode current in nA for each of them.
    coefficients
        The named tuple of arrays that `NeuronModel.coefficients` returns; in ``step`` they are numbers where all
        neurons have the same.
    state
        The named tuple of state variables, called and ordered as in `NeuronModel.STATE`.
    """

    step: Callable[..., None]
    coefficients: type[Any]
    state: type[Any]


KERNELS: dict[str, Kernel] = {
    "curr_exp": Kernel(curr_exp, CurrExpCoefficients, CurrExpState),
    "curr_delta": Kernel(curr_delta, CurrDeltaCoefficients, CurrDeltaState),
    "cond_exp": Kernel(cond_exp, CondExpCoefficients, CondExpState),
    "izhikevich": Kernel(izhikevich, IzhikevichCoefficients, IzhikevichState),
    "izhikevich_9": Kernel(izhikevich_9, Izhikevich9Coefficients, IzhikevichState),
}
"""Those that are parts of the loop, by `NeuronModel.kernel`."""

FUNCTIONS: dict[str, Callable[[Any], None]] = {
    "adex": adex,
    "gif": gif,
    "hodgkin_huxley": hodgkin_huxley,
    "leaky_conductances": leaky_conductances,
    "leaky_currents": leaky_currents,
}
"""Those that the loop calls, of a frame each (see `frame`), by `NeuronModel.kernel`."""

SYNAPSES: dict[str, Callable[[Any], None]] = {
    "quantal": quantal,
    "spike_timing": spike_timing,
    "stochastic": stochastic,
    "tsodyks_markram": tsodyks_markram,
}
"""Those of synapses with a state, of a frame each (see `synapses.frame`), by `Dynamics.kernel`."""

SOURCE = 0
KINDS: Mapping[str, int] = {name: kind for kind, name in enumerate(KERNELS, SOURCE + 1)}
"""The number of each kernel in `network.BLOCK`; spike sources have the number `SOURCE`, and kernels that are called
`CALLED`."""

CALLED = -1
