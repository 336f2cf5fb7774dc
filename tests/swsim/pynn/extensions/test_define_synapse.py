"""Synapse types from rules as a script uses them."""

import re
from pathlib import Path

import numpy as np
import pytest
from pyNN import errors

import synaptile.swsim as sim

PAGE = Path(__file__).parents[4] / "docs" / "models.md"
TIMES = {"tau_plus": 20.0, "tau_minus": 25.0, "A_plus": 0.01, "A_minus": 0.012}


def own_pair(**changes):
    definition = {
        "parameters": TIMES | {"w_min": 0.0, "w_max": 0.1},
        "variables": {"x": 0.0, "y": 0.0},
        "equations": "dx/dt = -x / tau_plus\ndy/dt = -y / tau_minus",
        "on_pre": "w = clip(w - A_minus * y * (w_max - w_min), w_min, w_max); x += 1",
        "on_post": "w = clip(w + A_plus * x * (w_max - w_min), w_min, w_max); y += 1",
        "positive": ["tau_plus", "tau_minus"],
    }
    return sim.define_synapse("OwnPair", **(definition | changes))


def network(synapse, connector=None, receptor="excitatory", *, stops=(300.0,), seed=3):
    """Random trains through plastic synapses; the projection and all weights in the end."""
    sim.setup(timestep=0.5, seed=seed)
    random = np.random.default_rng(1)
    trains = [np.unique(random.uniform(1, 290, 25).round(0)) for _ in range(12)]
    sources = sim.Population(12, sim.SpikeSourceArray(spike_times=[sim.Sequence(t) for t in trains]))
    cells = sim.Population(9, sim.IF_curr_exp(i_offset=np.linspace(0.8, 1.6, 9)))
    cells.record("spikes")
    connector = connector or sim.AllToAllConnector()
    prj = sim.Projection(sources, cells, connector, synapse, receptor_type=receptor)
    for stop in stops:
        sim.run_until(stop)
    return prj, np.array(prj.get("weight", format="list", with_address=False)), cells.get_spikes_array()


@pytest.mark.parametrize("fraction", [0.0, 0.4, 1.0])
@pytest.mark.parametrize(("receptor", "weight"), [("excitatory", 0.05), ("inhibitory", -0.05)])
def test_a_pair_rule_gives_exactly_the_weights_of_spike_pair_rule(receptor, weight, fraction):
    given = {"weight": weight, "delay": 2.5, "dendritic_delay_fraction": fraction}
    own = network(own_pair()(**given), receptor=receptor)
    theirs = network(
        sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(**TIMES),
            weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=0.1),
            **given,
        ),
        receptor=receptor,
    )
    np.testing.assert_array_equal(own[1], theirs[1])
    np.testing.assert_array_equal(own[2][1], theirs[2][1])
    assert len(np.unique(own[1])) > 80
    assert (np.sign(own[1]) == np.sign(weight)).all()


def test_a_short_term_rule_gives_the_input_of_tsodyks_and_markram():
    values = {"U": 0.2, "tau_rec": 100.0, "tau_facil": 80.0}
    own = sim.define_synapse(
        "OwnShort",
        parameters=values | {"tau_syn": 5.0},
        variables={"u": 0.0, "y": 0.0, "z": 0.0},
        equations="du/dt = -u / tau_facil",
        on_pre="""
            flow = (exp(-since_pre / tau_rec) - exp(-since_pre / tau_syn)) * tau_rec / (tau_rec - tau_syn)
            z = z * exp(-since_pre / tau_rec) + y * flow
            y *= exp(-since_pre / tau_syn)
            u += U * (1 - u)
            used = u * (1 - y - z)
            y += used
        """,
        transmit="w * used",
    )
    traces = []
    for synapse in (own(weight=0.5, **values), sim.TsodyksMarkramSynapse(weight=0.5, **values)):
        sim.setup(timestep=0.1)
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 10.0, 30.0, 31.0, 90.0]))
        cell = sim.Population(1, sim.IF_curr_exp(tau_syn_E=5.0))
        cell.record("v")
        sim.Projection(source, cell, sim.AllToAllConnector(), synapse)
        sim.run(120.0)
        traces.append(cell.get_data().segments[0].analogsignals[0].magnitude)
    assert np.ptp(traces[0]) > 0.05
    np.testing.assert_allclose(traces[0], traces[1], rtol=1e-12)


def test_splitting_changes_nothing_and_the_seed_much():
    synapse = own_pair(on_pre="w = clip(w - A_minus * y * random, w_min, w_max); x += 1")
    whole = network(synapse(weight=0.05, delay=1.0))
    split = network(synapse(weight=0.05, delay=1.0), stops=(17.5, 100.0, 100.5, 300.0))
    np.testing.assert_array_equal(whole[1], split[1])
    assert (network(synapse(weight=0.05, delay=1.0), seed=4)[1] != whole[1]).any()


def test_resetting_begins_anew():
    projection, weights, _ = network(own_pair()(weight=0.05, delay=1.0))
    sim.reset()
    assert set(projection.get("weight", format="list", with_address=False)) == {0.05}
    sim.run(300.0)
    np.testing.assert_array_equal(projection.get("weight", format="list", with_address=False), weights)
    assert (weights != 0.05).all()


def test_parameters_like_those_of_any_synapse_type():
    synapse = own_pair()(weight=sim.RandomDistribution("uniform", (0.01, 0.02)), delay=1.0, A_plus=0.0, A_minus=0.0)
    prj, weights, _ = network(synapse, connector=sim.FixedProbabilityConnector(0.5))
    assert (weights >= 0.01).all()
    assert len(np.unique(weights)) == len(weights) == len(prj)
    prj.set(A_plus=0.02, tau_plus=7.0)
    assert prj.get(["A_plus", "tau_plus"], format="list", with_address=False)[0] == (0.02, 7.0)
    sim.run(200.0)
    assert (np.array(prj.get("weight", format="list", with_address=False)) != weights).any()
    assert prj[0].tau_plus == 7.0


def test_variables_can_be_initialized():
    echo = sim.define_synapse("Echo", parameters={}, variables={"x": 1.0}, on_pre="w = x; x += 1")
    sim.setup(timestep=1.0)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0, 3.0]))
    cells = sim.Population(2, sim.IF_curr_delta())
    prj = sim.Projection(source, cells, sim.OneToOneConnector(), echo())
    prj.initialize(x=[[3.0, 0.0], [0.0, 5.0]])
    sim.run(2.0)
    assert prj.get("weight", format="list", with_address=False) == [3.0, 5.0]
    sim.run(3.0)
    assert prj.get("weight", format="list", with_address=False) == [4.0, 6.0]
    with pytest.raises(errors.NonExistentParameterError):
        prj.initialize(y=1.0)


def test_variables_can_be_looked_at():
    trace = sim.define_synapse(
        "Trace",
        parameters={"tau": 20.0, "end": 0.5},
        variables={"x": 0.0, "y": 0.25, "n": 0.0},
        equations="dx/dt = -x / tau; dy/dt = (end - y) / tau",
        on_pre="x += 1; n += 1",
    )
    sim.setup(timestep=1.0)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[sim.Sequence([10.0]), sim.Sequence([10.0, 14.0])]))
    prj = sim.Projection(source, sim.Population(1, sim.IF_curr_exp()), sim.AllToAllConnector(), trace(tau=[[20], [30]]))
    sim.run(15.0)
    for _ in range(2):  # looking changes nothing
        x, y, n = (np.array(prj.get(name, format="list", with_address=False)) for name in ("x", "y", "n"))
        np.testing.assert_allclose(x, [np.exp(-5 / 20), np.exp(-5 / 30) + np.exp(-1 / 30)], rtol=1e-12)
        np.testing.assert_allclose(y, 0.5 - 0.25 * np.exp(-15 / np.array([20.0, 30.0])), rtol=1e-12)
        assert n.tolist() == [1, 2]
    assert prj.get("x", format="array")[:, 0].tolist() == x.tolist()
    with pytest.raises(errors.NonExistentParameterError):
        prj.get("z", format="list")


def test_what_is_wrong_is_said_with_exceptions_of_pynn():
    with pytest.raises(errors.InvalidModelError, match=r"^on_pre: 'q \+ 1' uses 'q', which is none of "):
        own_pair(on_pre="w = q + 1")
    with pytest.raises(errors.InvalidModelError, match=r"^threshold: 'q' uses 'q', which is none of v$"):
        sim.define_cell("C", equations="dv/dt = 0", threshold="q", reset="v = 0", parameters={})
    with pytest.raises(errors.NonExistentParameterError):
        own_pair()(tau=3.0)
    for change, message in (
        ({"tau_plus": 0.0}, "tau_plus must be positive and finite, not 0"),
        ({"dendritic_delay_fraction": 2.0}, "dendritic_delay_fraction must be in 0..1, not 2"),
    ):
        with pytest.raises(errors.InvalidParameterValueError, match=message):
            network(own_pair()(delay=1.0, **change))
    prj, _, _ = network(own_pair()(weight=0.05, delay=1.0))
    with pytest.raises(errors.InvalidParameterValueError, match="tau_minus must be positive and finite, not -1"):
        prj.set(tau_minus=-1.0)
    assert set(prj.get("tau_minus", format="list", with_address=False)) == {25.0}


def test_the_examples_of_the_page_run():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert sum("define_synapse(" in block for block in blocks) >= 1
    assert sum("define_cell(" in block for block in blocks) >= 2
    for block in blocks:
        space = {}
        exec(compile(block, str(PAGE), "exec"), space)
        sim.run(100.0)
        assert sim.get_current_time() == 100.0
