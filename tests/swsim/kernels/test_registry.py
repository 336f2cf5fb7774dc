"""Every model that runs compiled has a kernel, and both name the same coefficients and variables in the same order."""

import importlib
import pkgutil

import numpy as np
import pytest

from synaptile.swsim import neurons
from synaptile.swsim.kernels.registry import COEFFICIENTS, KERNELS, KINDS, SOURCE, VARIABLES
from synaptile.swsim.neurons.model import NeuronModel

PARAMETERS = {
    "v_rest": -65.0, "cm": 0.5, "tau_m": 10.0, "tau_refrac": 1.5, "i_offset": 0.4, "v_reset": -68.0, "v_thresh": -55.0,
    "tau_syn_E": 3.0, "tau_syn_I": 7.0, "e_rev_E": 0.0, "e_rev_I": -80.0, "a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0,
    "C": 100.0, "k": 0.7, "v_r": -60.0, "v_t": -40.0, "v_peak": 35.0,
}  # fmt: skip


def models():
    for module in pkgutil.iter_modules(neurons.__path__):
        found = vars(importlib.import_module(f"{neurons.__name__}.{module.name}"))
        for value in found.values():
            own = isinstance(value, type) and issubclass(value, NeuronModel) and value.__module__.endswith(module.name)
            if own and value.kernel is not None:
                yield value


MODELS = list(models())


def test_every_kernel_is_that_of_one_model():
    assert sorted(model.kernel for model in MODELS) == sorted(KERNELS)
    assert SOURCE not in KINDS.values()
    assert len(set(KINDS.values())) == len(KERNELS)


@pytest.mark.parametrize("model", MODELS)
def test_names_and_their_order_are_the_model_s(model):
    kernel = KERNELS[model.kernel]
    assert kernel.state._fields == model.STATE
    made = model({name: np.full(3, PARAMETERS[name]) for name in model.PARAMETERS})
    made.prepare(1.0)
    found = made.coefficients()
    assert type(found) is kernel.coefficients
    assert all(np.shape(values) in ((), (3,)) and np.isfinite(values).all() for values in found)
    assert len(found) <= COEFFICIENTS
    assert len(model.STATE) <= VARIABLES
    assert made.substeps == (2 if "izhikevich" in model.kernel else 1)


def test_a_model_without_a_kernel_says_so():
    from synaptile.swsim.neurons.lif import CurrAlpha

    model = CurrAlpha(PARAMETERS)
    assert not model.has_kernel
    with pytest.raises(NotImplementedError, match=r"^CurrAlpha has no kernel$"):
        model.coefficients()
