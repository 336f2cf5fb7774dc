"""``setup(integration=...)``: the method of each cell type."""

import re

import numpy as np
import pytest
from pyNN import errors

import synaptile.swsim as sim

METHODS = {
    "EIF_cond_alpha_isfa_ista": ("adaptive", "rk4"),
    "EIF_cond_exp_isfa_ista": ("adaptive", "rk4"),
    "GIF_cond_exp": ("exponential euler", "rk4", "adaptive"),
    "HH_cond_exp": ("adaptive", "rk4", "exponential euler"),
    "IF_cond_alpha": ("exponential euler", "rk4", "adaptive"),
    "IF_cond_exp": ("exponential euler", "rk4", "adaptive"),
    "IF_cond_exp_gsfa_grr": ("exponential euler", "rk4", "adaptive"),
    "IF_curr_alpha": ("exact",),
    "IF_curr_delta": ("exact",),
    "IF_curr_exp": ("exact",),
    "IF_facets_hardware1": ("exponential euler", "rk4", "adaptive"),
    "Izhikevich": ("euler", "rk4"),
    "Izhikevich9": ("euler", "rk4"),
}
CHOICES = [(name, method) for name, methods in METHODS.items() for method in methods]
WEIGHTS = {"IF_cond_alpha": 0.1, "IF_curr_alpha": 3.0, "IF_curr_delta": 2.0, "Izhikevich": 5.0, "Izhikevich9": 5.0}
ALL = f"({', '.join([*METHODS, 'PointNeuron'])})"


def driven(name, steps=(40.0,), n=5, **setup):
    """Spikes and potentials of some cells of a type, driven by the same noise, run in those stretches of ms."""
    sim.setup(timestep=0.1, seed=5, **setup)
    cells = neurons(name, n)
    for stretch in steps:
        sim.run(stretch)
    return recorded(cells)


def neurons(name, n=5):
    noise = sim.Population(20, sim.SpikeSourcePoisson(rate=60.0))
    cells = sim.Population(n, getattr(sim, name)(), initial_values={"v": -65.0}, label=name)
    weight = WEIGHTS.get(name, 0.01 if cells.celltype.conductance_based else 0.3)
    sim.Projection(noise, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight, delay=0.5))
    cells.record(["v", "spikes"])
    return cells


def recorded(cells):
    segment = cells.get_data().segments[-1]
    return segment.analogsignals[0].magnitude, [train.magnitude.tolist() for train in segment.spiketrains]


def test_every_cell_type_is_tried_here():
    found = {
        name: getattr(sim, name).methods()
        for name in sim.__all__
        if isinstance(getattr(sim, name), type) and hasattr(getattr(sim, name), "methods")
    }
    assert {name: methods for name, methods in found.items() if methods} == METHODS | {
        "PointNeuron": ("exact", "exponential euler", "rk4", "adaptive")
    }


@pytest.mark.parametrize("name", METHODS)
def test_to_name_the_default_changes_nothing(name):
    v, spikes = driven(name)
    assert np.ptp(v) > 0.1
    again, same = driven(name, integration={name: METHODS[name][0]})
    assert (again == v).all()
    assert same == spikes


@pytest.mark.parametrize(("name", "method"), [(name, method) for name, method in CHOICES if method != METHODS[name][0]])
def test_another_method_gives_other_digits_and_the_same_neuron(name, method):
    v, _ = driven(name, [3.0])
    other, _ = driven(name, [3.0], integration={name: method})
    assert (other != v).any()
    np.testing.assert_allclose(other, v, rtol=0, atol=0.3)


@pytest.mark.parametrize(("name", "method"), CHOICES)
def test_the_same_bits_however_run_is_split(name, method):
    v, spikes = driven(name, integration={name: method})
    again, same = driven(name, [0.1, 7.3, 12.6, 20.0], integration={name: method})
    assert (again == v).all()
    assert same == spikes
    if name != "GIF_cond_exp":
        assert any(spikes)


def test_a_reset_repeats_and_the_next_setup_forgets():
    sim.setup(timestep=0.1, integration={"IF_cond_exp": "adaptive"})
    cells = neurons("IF_cond_exp")
    cells[0:1].inject(sim.DCSource(amplitude=1.0))
    cells.set(tau_refrac=1.0)
    source = sim.state.network.populations[0]
    source.set(rate=0.0)
    sim.run(30.0)
    first = recorded(cells)
    sim.reset()
    sim.run(30.0)
    again = recorded(cells)
    assert (first[0] == again[0]).all()
    assert first[1] == again[1]
    assert first[1][0]
    sim.setup()
    assert sim.Population(1, sim.IF_cond_exp()).model.method == "exponential euler"


def test_only_the_named_cell_type_has_the_method_in_a_mixed_network():
    # Two cell types of one model: that of unlike methods lies in an array of its own.
    apart = {"IF_cond_exp": "rk4", "HH_cond_exp": "exponential euler"}
    names = ["IF_cond_exp", "IF_facets_hardware1", "HH_cond_exp", "IF_cond_exp", "Izhikevich"]
    sim.setup(timestep=0.1, seed=5, integration=apart)
    built = [neurons(name) for name in names]
    assert [cells.model.method for cells in built] == [
        "rk4", "exponential euler", "exponential euler", "rk4", "euler",
    ]  # fmt: skip
    sim.run(40.0)
    mixed = [recorded(cells) for cells in built]
    for chosen in ({}, apart):
        sim.setup(timestep=0.1, seed=5, integration=chosen)
        alone = [neurons(name) for name in names]
        sim.run(40.0)
        for name, cells, (v, spikes) in zip(names, alone, mixed, strict=True):
            other, trains = recorded(cells)
            alike = bool(chosen) or name not in apart
            assert (other == v).all() == alike, name
            assert not alike or trains == spikes


def test_new_parameters_take_effect():
    sim.setup(timestep=0.1, integration={"IF_cond_exp": "rk4"})
    changed = sim.Population(1, sim.IF_cond_exp(), initial_values={"v": -60.0})
    fresh = sim.Population(1, sim.IF_cond_exp(tau_m=7.0, v_rest=-70.0, cm=0.5), initial_values={"v": -60.0})
    sim.run(0.0)
    changed.set(tau_m=7.0, v_rest=-70.0, cm=0.5)
    for cells in (changed, fresh):
        cells.record("v")
    sim.run(10.0)
    assert (recorded_v(changed) == recorded_v(fresh)).all()
    assert recorded_v(fresh)[-1, 0] < -67.0


def recorded_v(cells):
    return cells.get_data().segments[-1].analogsignals[0].magnitude


def test_a_type_derived_from_a_cell_type_has_its_method():
    class Mine(sim.IF_cond_exp):
        default_parameters = sim.IF_cond_exp.default_parameters | {"tau_m": 10.0}

    sim.setup(integration={"IF_cond_exp": "rk4"})
    assert sim.Population(1, Mine()).model.method == "rk4"


class TestPointNeuron:
    @pytest.mark.parametrize(
        ("membrane", "receptor", "method"),
        [
            (sim.LIF, sim.CurrExpPostSynapticResponse, "exact"),
            (sim.LIF, sim.BetaPSR, "rk4"),
            (sim.LIF, sim.AlphaPSR, "adaptive"),
            (sim.AdExp, sim.ExpPSR, "adaptive"),
            (sim.AdExp, sim.ExpPSR, "rk4"),
        ],
    )
    def test_has_the_methods_of_its_membrane(self, membrane, receptor, method):
        sim.setup(integration={"PointNeuron": method})
        assert sim.Population(2, sim.PointNeuron(membrane(), A=receptor())).model.method == method
        sim.run(1.0)

    def test_is_the_standard_cell_with_two_receptors(self):
        sim.setup(timestep=0.1, integration={"PointNeuron": "rk4", "IF_cond_exp": "rk4"})
        composed = sim.PointNeuron(sim.LIF(), excitatory=sim.ExpPSR(), inhibitory=sim.ExpPSR(e_syn=-70.0))
        p = sim.Population(1, composed, initial_values={"v": -65.0})
        q = sim.Population(1, sim.IF_cond_exp(), initial_values={"v": -65.0})
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 4.0]))
        for cells in (p, q):
            sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.02, delay=0.5))
            cells.record("v")
        sim.run(10.0)
        assert (recorded_v(p) == recorded_v(q)).all()
        assert np.ptp(recorded_v(p)) > 1.0

    def test_a_method_that_its_membrane_does_not_have_is_refused_when_it_is_built(self):
        sim.setup(integration={"PointNeuron": "exponential euler"})
        composed = sim.PointNeuron(sim.AdExp(), A=sim.ExpPSR())
        message = "cells: integration of PointNeuron must be 'adaptive' or 'rk4', not 'exponential euler'"
        with pytest.raises(errors.InvalidParameterValueError, match=f"^{re.escape(message)}$"):
            sim.Population(2, composed, label="cells")
        assert sim.state.network.populations == []
        assert sim.Population(1, sim.IF_cond_exp()).first_id == 0
        sim.run(1.0)


class TestRefused:
    @pytest.mark.parametrize(
        ("integration", "error", "message"),
        [
            ("rk4", TypeError, "integration must be a mapping from names of cell types to methods, not 'rk4'"),
            (
                [("HH_cond_exp", "rk4")],
                TypeError,
                "integration must be a mapping from names of cell types to methods, not [('HH_cond_exp', 'rk4')]",
            ),
            *(
                (
                    {name: "rk4"},
                    ValueError,
                    f"integration must name cell types that have methods to choose from {ALL}, not {name!r}",
                )
                for name in ("IF_cond", "SpikeSourcePoisson", "FixedPointLIF", "AdExp", "NativeCell", 3)
            ),
            (
                {"HH_cond_exp": "rk4", "IF_cond_exp": "RK4"},
                ValueError,
                "integration of IF_cond_exp must be 'exponential euler', 'rk4' or 'adaptive', not 'RK4'",
            ),
            ({"IF_curr_exp": "rk4"}, ValueError, "integration of IF_curr_exp must be 'exact', not 'rk4'"),
            ({"Izhikevich": None}, ValueError, "integration of Izhikevich must be 'euler' or 'rk4', not None"),
            ({"HH_cond_exp": ["rk4"]}, ValueError, "integration of HH_cond_exp must be 'adaptive', 'rk4' or "
             "'exponential euler', not ['rk4']"),
            (
                {"PointNeuron": "euler"},
                ValueError,
                "integration of PointNeuron must be 'exact', 'exponential euler', 'rk4' or 'adaptive', not 'euler'",
            ),
        ],
    )  # fmt: skip
    def test_before_the_old_network_is_forgotten(self, integration, error, message):
        sim.setup(timestep=0.25)
        cells = sim.Population(3, sim.IF_cond_exp())
        with pytest.raises(error, match=f"^{re.escape(message)}$"):
            sim.setup(timestep=0.5, integration=integration)
        assert sim.get_time_step() == 0.25
        assert sim.state.network.populations == [cells]
        assert sim.run(1.0) == 1.0

    def test_a_step_that_is_too_long_for_rk4_is_no_result(self):
        sim.setup(timestep=1.0, integration={"IF_cond_exp": "rk4"})
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
        cells = sim.Population(1, sim.IF_cond_exp(v_thresh=1e300, tau_syn_E=50.0))
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1e4, delay=1.0))
        message = "rk4 diverges in steps of 1 ms; take a shorter timestep, or another method"
        with pytest.raises(FloatingPointError, match=f"^{re.escape(message)}$"):
            sim.run(100.0)
        sim.reset()
        sim.run(1.0)


class TestCompiled:
    @pytest.mark.parametrize("name", ["IF_cond_exp", "Izhikevich", "IF_curr_exp"])
    def test_only_with_the_default(self, name, monkeypatch):
        monkeypatch.setenv("SYNAPTILE_NUMBA", "1")
        for method in METHODS[name]:
            driven(name, [5.0], integration={name: method})
            assert (sim.state.engine._compiled is not None) == (method == METHODS[name][0])

    def test_a_choice_for_cells_that_are_not_there_does_not_matter(self, monkeypatch):
        monkeypatch.setenv("SYNAPTILE_NUMBA", "1")
        driven("IF_cond_exp", [5.0], integration={"HH_cond_exp": "rk4"})
        assert sim.state.engine._compiled is not None


def test_the_trace_says_what_was_chosen():
    sim.setup(integration={"HH_cond_exp": "rk4", "IF_cond_exp": "adaptive"})
    assert sim.get_trace().meta["integration"] == {"HH_cond_exp": "rk4", "IF_cond_exp": "adaptive"}
    sim.setup()
    assert "integration" not in sim.get_trace().meta
