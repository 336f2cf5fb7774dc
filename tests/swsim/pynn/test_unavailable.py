import pytest
from pyNN import errors
from pyNN.standardmodels import StandardModelType, cells, electrodes, ion_channels, receptors, synapses

import synaptile.swsim as sim

CELLS = ", ".join(
    (
        "AdExp", "EIF_cond_alpha_isfa_ista", "EIF_cond_exp_isfa_ista", "GIF_cond_exp", "HH_cond_exp", "IF_cond_alpha",
        "IF_cond_exp", "IF_cond_exp_gsfa_grr", "IF_curr_alpha", "IF_curr_delta", "IF_curr_exp", "IF_facets_hardware1",
        "Izhikevich", "LIF", "PointNeuron", "SpikeSourceArray", "SpikeSourceGamma", "SpikeSourceInhGamma",
        "SpikeSourcePoisson", "SpikeSourcePoissonRefractory",
    )
)  # fmt: skip


def standard_names():
    for module in (cells, synapses, electrodes, receptors, ion_channels):
        for name, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, StandardModelType) and value.__module__ == module.__name__:
                yield name


def test_every_standard_model_is_there_by_name():
    assert all(hasattr(sim, name) for name in standard_names())
    assert set(standard_names()) <= set(dir(sim))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "MultiCompartmentNeuron",
            f"MultiCompartmentNeuron is not available in synaptile yet; available cell types: {CELLS}",
        ),
        (
            "PassiveLeak",
            "PassiveLeak is not available in synaptile yet; available ion channels: none",
        ),
    ],
)
def test_use_says_what_there_is(name, message):
    with pytest.raises(sim.UnavailableError, match=f"^{message}$") as caught:
        getattr(sim, name)(any_parameter=1)
    assert isinstance(caught.value, NotImplementedError)
    assert isinstance(caught.value, errors.NoModelAvailableError)


def test_foreign_model_in_a_population():
    sim.setup()
    with pytest.raises(sim.UnavailableError, match=f"^MultiCompartmentNeuron is not available .*: {CELLS}$"):
        sim.Population(1, cells.MultiCompartmentNeuron)
    with pytest.raises(sim.UnavailableError, match=r"^IF_curr_exp of pyNN.standardmodels.cells is not a model of "):
        sim.Population(1, cells.IF_curr_exp())
    with pytest.raises(sim.UnavailableError, match=r"^MultiCompartmentNeuron is not available"):
        sim.Population(1, sim.MultiCompartmentNeuron)


def test_unknown_names_are_unknown():
    with pytest.raises(AttributeError, match=r"^module 'synaptile.swsim' has no attribute 'Foo'$"):
        _ = sim.Foo


def test_list_standard_models():
    assert sim.list_standard_models() == [name for name in CELLS.split(", ") if name not in ("AdExp", "LIF")]
