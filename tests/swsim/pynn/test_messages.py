"""What is said of values of the wrong kind, and of populations of a network that is gone."""

import re

import pytest
from pyNN import errors, standardmodels

import synaptile.swsim as sim


@pytest.fixture(autouse=True)
def _network():
    sim.setup(timestep=0.1)


def cells(n=2):
    return sim.Population(n, sim.IF_cond_exp())


@pytest.mark.parametrize("value", ["IF_curr_exp", None, 3, int, sim.Line, sim.StaticSynapse])
def test_cellclass(value):
    kind = sim.UnavailableError if value is sim.StaticSynapse else TypeError
    with pytest.raises(kind) as found:
        sim.Population(2, value)
    if kind is TypeError:
        assert str(found.value) == f"cellclass must be a cell type such as sim.IF_curr_exp, not {value!r}"


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (2.0, "size must be a whole number, or a tuple of such, not 2.0; write 2"),
        (2.5, "size must be a whole number, or a tuple of such, not 2.5"),
        ("2", "size must be a whole number, or a tuple of such, not '2'"),
        (None, "size must be a whole number, or a tuple of such, not None"),
        (True, "size must be a whole number, or a tuple of such, not True"),
        ((2, 2.5), "size must be a whole number, or a tuple of such, not (2, 2.5)"),
        ((), "size must be a whole number, or a tuple of such, not ()"),
        (float("nan"), "size must be a whole number, or a tuple of such, not nan"),
        (0, "size must be at least 1, not 0"),
        ((3, -1), "size must be at least 1, not (3, -1)"),
    ],
)
def test_size(size, message):
    with pytest.raises((TypeError, ValueError), match=f"^{re.escape(message)}$"):
        sim.Population(size, sim.IF_cond_exp())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cellparams": 3}, "cellparams must be a mapping from names to values, not 3"),
        ({"initial_values": [("v", 1)]}, "initial_values must be a mapping from names to values, not [('v', 1)]"),
        ({"label": 3}, "label must be a text, not 3"),
    ],
)
def test_other_parameters_of_a_population(options, message):
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        sim.Population(2, sim.IF_cond_exp, **options)


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ({"pre": "p"}, errors.ConnectionError, "presynaptic_population must be a Population, .*, not 'p'"),
        ({"post": None}, errors.ConnectionError, "postsynaptic_population must be a Population, .*, not None"),
        (
            {"connector": "all"},
            TypeError,
            r"connector must be a connector such as sim.AllToAllConnector\(\), not 'all'",
        ),
        ({"connector": sim.AllToAllConnector}, TypeError, r"connector must be a connector such as .*, not <class"),
        (
            {"synapse": "StaticSynapse"},
            TypeError,
            "synapse_type must be a synapse type such as .*, not 'StaticSynapse'",
        ),
        ({"synapse": 0.5}, TypeError, "synapse_type must be a synapse type such as .*, not 0.5"),
        (
            {"synapse": standardmodels.synapses.StaticSynapse(delay=1.0)},
            sim.UnavailableError,
            "use synaptile.swsim.StaticSynapse",
        ),
        ({"receptor_type": 1}, TypeError, "receptor_type must be a text such as 'excitatory', not 1"),
        ({"receptor_type": "inhib"}, errors.ConnectionError, "inhib"),
        ({"space": "plane"}, TypeError, "space must be a Space, not 'plane'"),
    ],
)
def test_projection(given, kind, message):
    whole = {"pre": cells(), "post": cells(), "connector": sim.AllToAllConnector(), "synapse": None} | given
    sides = [whole.pop(name) for name in ("pre", "post", "connector", "synapse")]
    with pytest.raises(kind, match=message):
        sim.Projection(*sides, **whole)
    assert sim.get_trace().synapses == 0


GONE = {
    "get_data": lambda p: p.get_data(),
    "get_data of a view": lambda p: p[:1].get_data("v"),
    "get_data of an assembly": lambda p: (p + p[:1]).get_data("v"),
    "write_data": lambda p: p.write_data("never.pkl"),
    "get_spike_counts": lambda p: p.get_spike_counts(),
    "get_spikes_array": lambda p: p.get_spikes_array(),
    "record": lambda p: p.record("gsyn_exc"),
    "set": lambda p: p.set(tau_m=5.0),
    "initialize": lambda p: p.initialize(v=-60.0),
    "Projection": lambda p: sim.Projection(p, cells(), sim.AllToAllConnector()),
}


@pytest.mark.parametrize("what", GONE)
@pytest.mark.parametrize("again", [False, True])
def test_a_population_of_a_network_that_setup_has_replaced(what, again):
    old = cells()
    old.record(["v", "spikes"])
    sim.run(1.0)
    sim.setup(timestep=0.1)
    if again:
        cells()
        sim.run(1.0)
    with pytest.raises(
        RuntimeError, match=r"^population 'population0' belongs to a network that setup\(\) has replaced$"
    ):
        GONE[what](old)
