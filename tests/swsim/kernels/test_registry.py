"""Every model that runs compiled has a kernel, and both name the same coefficients and variables in the same order."""

import importlib
import itertools
import pkgutil

import numpy as np
import pytest

from synaptile.swsim import neurons
from synaptile.swsim.kernels import cache
from synaptile.swsim.kernels.cache import called
from synaptile.swsim.kernels.registry import CALLED, FUNCTIONS, KERNELS, KINDS, SOURCE
from synaptile.swsim.neurons.model import NeuronModel
from synaptile.swsim.neurons.point_neuron import ReceptorCoefficients

PARAMETERS = {
    "v_rest": -65.0, "cm": 0.5, "tau_m": 10.0, "tau_refrac": 1.5, "i_offset": 0.4, "v_reset": -68.0, "v_thresh": -55.0,
    "tau_syn_E": 3.0, "tau_syn_I": 7.0, "e_rev_E": 0.0, "e_rev_I": -80.0, "a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0,
    "C": 100.0, "k": 0.7, "v_r": -60.0, "v_t": -40.0, "v_peak": 35.0,
    "v_spike": -40.0, "delta_T": 2.0, "tau_w": 144.0, "gbar_Na": 20.0, "gbar_K": 6.0, "g_leak": 0.01, "v_offset": -63.0,
    "tau_sfa": 40.0, "e_rev_sfa": -75.0, "q_sfa": 15.0, "tau_rr": 2.0, "e_rev_rr": -75.0, "q_rr": 1500.0,
    "e_rev_Na": 50.0, "e_rev_K": -90.0, "e_rev_leak": -65.0,
    "delta_v": 1.0, "v_t_star": -50.0, "lambda0": 1.0, "tau_eta": [[2.0, 5.0]] * 3, "a_eta": [[1.0, 2.0]] * 3,
    "tau_gamma": [[4.0]] * 3, "a_gamma": [[1.0]] * 3,
}  # fmt: skip

WHOLE = {
    "bits": 16, "leak_shift": 4, "bias": 0, "v_thresh": 1024, "v_reset": 0, "subtract": 0, "refractory": 0,
}  # fmt: skip


def models():
    for module in pkgutil.iter_modules(neurons.__path__):
        found = vars(importlib.import_module(f"{neurons.__name__}.{module.name}"))
        for value in found.values():
            own = isinstance(value, type) and issubclass(value, NeuronModel) and value.__module__.endswith(module.name)
            # A membrane without receptors is the base of others.
            if own and value.kernel is not None and (value.kernel in KERNELS or value.RECEPTORS):
                yield value


MODELS = list(models())


def test_every_kernel_is_that_of_a_model():
    inlined = [model.kernel for model in MODELS if model.kernel in KERNELS]
    assert sorted(inlined) == sorted(KERNELS)
    assert {model.kernel for model in MODELS} == {*KERNELS, *FUNCTIONS}
    assert not {*KERNELS} & {*FUNCTIONS}
    assert not {SOURCE, CALLED} & {*KINDS.values()}
    assert len(set(KINDS.values())) == len(KERNELS)


@pytest.mark.parametrize("model", [model for model in MODELS if model.kernel in KERNELS])
def test_names_and_their_order_are_the_model_s(model):
    kernel = KERNELS[model.kernel]
    assert kernel.state._fields == model.STATE
    made = model({name: np.full(3, PARAMETERS[name]) for name in model.PARAMETERS})
    made.prepare(1.0)
    found = made.coefficients()
    assert type(found) is kernel.coefficients
    assert all(np.shape(values) in ((), (3,)) and np.isfinite(values).all() for values in found)
    assert made.substeps == (2 if "izhikevich" in model.kernel else 1)


@pytest.mark.parametrize("model", [model for model in MODELS if model.kernel in FUNCTIONS])
def test_the_coefficients_of_kernels_that_are_called(model):
    """They begin with those that the model names, and go on with nine for each receptor."""
    given = {name: PARAMETERS[name] for name in model.PARAMETERS}
    made = model({name: np.full(3, value) if np.ndim(value) == 0 else value for name, value in given.items()})
    found = []
    for method in model.METHODS or (None,):
        if method is not None:
            made.choose(method)
        made.prepare(0.5)
        assert made.has_kernel == (model.every_method or method in (None, model.METHODS[0]))
        found.append(made.coefficients())
    for values in found:
        assert all(np.shape(value) in ((), (3,)) and np.isfinite(value).all() for value in values)
        assert len(values) == len(found[0]) > len(ReceptorCoefficients._fields) * made.own_receptors
    columns = [
        [name] if made.hidden[name].ndim == 1 else [f"{name} {k}" for k in range(made.hidden[name].shape[1])]
        for name in model.HIDDEN
    ]
    drawn = ["stream"] if model.kernel == "gif" else []
    assert list(made.variables) == [*model.STATE, *itertools.chain(*columns), *drawn]


def test_a_model_without_a_kernel_says_so():
    from synaptile.swsim.neurons.fixed_point import FixedPointLIF

    model = FixedPointLIF(WHOLE)
    assert not model.has_kernel
    with pytest.raises(NotImplementedError, match=r"^FixedPointLIF has no kernel$"):
        model.coefficients()


@pytest.mark.parametrize("kernel", FUNCTIONS)
def test_kernels_that_are_called_come_out_of_the_cache(kernel, capsys):
    first = called(kernel)
    assert called(kernel) is first
    capsys.readouterr()
    again = called.__wrapped__(kernel)
    assert again.cache_hits == 1
    assert capsys.readouterr().err == ""


def test_a_kernel_that_has_to_be_compiled_is_announced(monkeypatch, capsys):
    monkeypatch.setattr(cache, "_remove_outdated", lambda function: [])
    called.__wrapped__("adex")
    assert capsys.readouterr().err == "synaptile: compiling the kernel adex, once (about 4 s)\n"
