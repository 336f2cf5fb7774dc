import numpy as np
import pytest

import synaptile.swsim as sim


def test_neurons_are_numbered_over_all_populations():
    sim.setup()
    a, b = sim.Population(2, sim.IF_curr_exp()), sim.Population(3, sim.SpikeSourceArray())
    assert [int(cell) for cell in [*a, *b]] == [0, 1, 2, 3, 4]
    assert (a[1].parent, b[0].parent) == (a, b)
    assert [p.label for p in sim.get_trace().populations] == ["population0", "population1"]


def test_populations_of_a_replaced_network_are_refused():
    sim.setup()
    old = sim.Population(2, sim.IF_curr_exp(), label="old")
    old.record(["spikes", "v"])
    sim.run(1.0)
    sim.setup()
    new = sim.Population(2, sim.IF_curr_exp())
    message = r"^population 'old' belongs to a network that setup\(\) has replaced$"
    for pre, post in ((old, new), (new, old[0:1]), (new + old, new)):
        with pytest.raises(RuntimeError, match=message):
            sim.Projection(pre, post, sim.AllToAllConnector())
    sim.run(1.0)
    for variable in ("spikes", "v"):
        with pytest.raises(RuntimeError, match=message):
            old.get_data(variable)


def test_populations_of_one_model_are_integrated_as_each_would_be_alone():
    def signals(currents, together):
        found = []
        for group in [currents] if together else [[current] for current in currents]:
            sim.setup(timestep=0.1)
            populations = []
            for current in group:
                populations.append(sim.Population(2, sim.IF_curr_exp(i_offset=[current, 2 * current], tau_refrac=3.0)))
                sim.Population(1, sim.IF_cond_exp(i_offset=current))
            for population in populations:
                population.record("v")
            sim.run(30.0)
            sim.Population(1, sim.IF_curr_exp())
            sim.run(30.0)
            found += [population.get_data().segments[0].analogsignals[0].magnitude for population in populations]
        return found

    for merged, alone in zip(signals([0.5, 1.0, 2.0], True), signals([0.5, 1.0, 2.0], False), strict=True):
        np.testing.assert_array_equal(merged, alone)
        assert merged.shape == (601, 2)
