"""Every cell type through PyNN: parameters there and back, initial values, recording, reset."""

import numpy as np
import pytest
from pyNN import errors
from pyNN.parameters import ArrayParameter, Sequence

import synaptile.swsim as sim

NEURONS = [
    "EIF_cond_alpha_isfa_ista", "EIF_cond_exp_isfa_ista", "GIF_cond_exp", "HH_cond_exp", "IF_cond_alpha", "IF_cond_exp",
    "IF_cond_exp_gsfa_grr", "IF_curr_alpha", "IF_curr_delta", "IF_curr_exp", "IF_facets_hardware1", "Izhikevich",
]  # fmt: skip
SOURCES = ["SpikeSourceGamma", "SpikeSourcePoisson", "SpikeSourcePoissonRefractory"]


@pytest.fixture(autouse=True)
def _setup():
    sim.setup(timestep=0.1)


def signals(population):
    return {s.name: s.magnitude for s in population.get_data().segments[-1].analogsignals}


class TestNeurons:
    @pytest.mark.parametrize("name", NEURONS)
    def test_parameters_come_back(self, name):
        cell = getattr(sim, name)
        p = sim.Population(3, cell())
        for parameter, default in cell.default_parameters.items():
            value = p.get(parameter)
            if isinstance(default, ArrayParameter):
                assert value.value.tolist() == list(default.value)
                continue
            assert value == pytest.approx(default)
            p[1:2].set(**{parameter: default + 0.25})
            assert p.get(parameter) == pytest.approx([default, default + 0.25, default])

    @pytest.mark.parametrize("name", NEURONS)
    def test_everything_recordable_is_recorded_and_begins_with_its_initial_value(self, name):
        cell = getattr(sim, name)
        p = sim.Population(2, cell())
        wanted = [variable for variable in cell.recordable if variable != "spikes"]
        assert set(wanted) == set(p.model.state)
        p.record(cell.recordable)
        sim.run(1.0)
        found = signals(p)
        assert set(found) == set(wanted)
        for variable, values in found.items():
            assert values.shape == (11, 2)
            assert (values[0] == cell.default_initial_values.get(variable, 0.0)).all()

    @pytest.mark.parametrize("name", NEURONS)
    def test_excitation_fires_and_a_reset_repeats_it(self, name):
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=np.arange(5.0, 60.0, 1.0)))
        p = sim.Population(2, getattr(sim, name)(), initial_values={"v": -65.0})
        weight = {True: 0.1, False: 5.0}[p.celltype.conductance_based]
        sim.Projection(source, p, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight, delay=0.5))
        p.record("spikes")
        sim.run(80.0)
        sim.reset()
        sim.run(80.0)
        first, again = ([train.magnitude.tolist() for train in s.spiketrains] for s in p.get_data().segments)
        assert all(len(train) > 1 for train in first)
        if name == "GIF_cond_exp":
            assert first != again
            assert first[0] != first[1]
        else:
            assert first == again
            assert first[0] == first[1]
            assert first[0][0] > 5.5

    @pytest.mark.parametrize("name", ["IF_curr_alpha", "IF_cond_alpha", "EIF_cond_alpha_isfa_ista"])
    def test_what_is_on_its_way_in_a_receptor_is_gone_after_a_reset(self, name):
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[0.5]))
        p = sim.Population(1, getattr(sim, name)())
        sim.Projection(source, p, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=0.1))
        variable = "isyn_exc" if "curr" in name else "gsyn_exc"
        p.record(variable)
        sim.run(1.0)
        assert signals(p)[variable][-1] > 0
        sim.reset()
        source.set(spike_times=[])
        sim.run(1.0)
        assert (signals(p)[variable] == 0).all()

    def test_facets_is_a_conductance_neuron_with_fixed_parameters(self):
        p = sim.Population(1, sim.IF_facets_hardware1(g_leak=25.0))
        q = sim.Population(1, sim.IF_cond_exp(
            cm=0.2, tau_m=8.0, tau_refrac=1.0, e_rev_E=0.0, e_rev_I=-80.0, tau_syn_E=30.0, tau_syn_I=30.0,
            v_reset=-80.0, v_rest=-65.0, v_thresh=-55.0,
        ))  # fmt: skip
        for cells in (p, q):
            cells.inject(sim.DCSource(amplitude=0.5))
            cells.record(["v", "spikes"])
        sim.run(50.0)
        assert (signals(p)["v"] == signals(q)["v"]).all()
        assert p.mean_spike_count() > 1
        p.set(g_leak=50.0)
        assert p.get("g_leak") == 50.0
        assert p.model.parameters["tau_m"][0] == pytest.approx(4.0)

    def test_vectors_of_the_generalised_neuron(self):
        p = sim.Population(2, sim.GIF_cond_exp(tau_eta=ArrayParameter([2.0, 5.0]), a_eta=ArrayParameter([0.1, 0.2])))
        p[0:1].set(a_eta=ArrayParameter([0.3, 0.4]))
        values = p.get("a_eta")
        assert [v.value.tolist() for v in values] == [[0.3, 0.4], [0.1, 0.2]]
        with pytest.raises(errors.InvalidParameterValueError, match=r"a_eta must keep its 2 elements, not 1$"):
            p.set(a_eta=ArrayParameter([0.3]))
        with pytest.raises(errors.InvalidParameterValueError, match=r"a_eta must have as many elements as tau_eta"):
            sim.Population(2, sim.GIF_cond_exp(a_eta=ArrayParameter([1.0])))
        q = sim.Population(2, sim.GIF_cond_exp())
        p.record("i_eta")
        q.record("i_eta")
        sim.run(1.0)

    def test_bad_value_is_refused_with_its_name(self):
        with pytest.raises(errors.InvalidParameterValueError, match=r"tau_w must be positive and finite, not -1$"):
            sim.Population(2, sim.EIF_cond_exp_isfa_ista(tau_w=[1.0, -1.0]))
        assert sim.state.network.populations == []


class TestSources:
    @pytest.mark.parametrize("name", SOURCES)
    def test_rate_start_and_reset(self, name):
        p = sim.Population(40, getattr(sim, name)(start=100.0))
        p.set(**({"beta": 200.0} if name == "SpikeSourceGamma" else {"rate": 100.0}))
        p.record("spikes")
        sim.run(1100.0)
        sim.reset()
        sim.run(1100.0)
        first, second = (segment.spiketrains for segment in p.get_data().segments)
        assert sum(len(train) for train in first) == pytest.approx(4000, abs=300)
        assert min(train.magnitude.min() for train in first) >= 100.0
        assert first[0].magnitude.tolist() != second[0].magnitude.tolist()

    def test_inhomogeneous_gamma(self):
        p = sim.Population(20, sim.SpikeSourceInhGamma(
            a=Sequence([2.0, 2.0]), b=Sequence([0.05, 0.005]), tbins=Sequence([0.0, 500.0])
        ))  # fmt: skip
        p.record("spikes")
        sim.run(1000.0)
        times = np.concatenate([train.magnitude for train in p.get_data().segments[0].spiketrains])
        assert (times > 500).sum() == pytest.approx(1000, abs=150)
        assert (times < 500).sum() == pytest.approx(100, abs=40)
        assert p.get("a").value.tolist() == [2.0, 2.0]
        p[0:1].set(b=Sequence([1.0, 1.0]))
        assert p[0].b.value.tolist() == [1.0, 1.0]
        with pytest.raises(errors.InvalidParameterValueError, match=r"b must be positive and finite, not 0$"):
            p.set(b=Sequence([0.0, 1.0]))

    def test_silenced_in_the_middle_of_a_run(self):
        p = sim.Population(5, sim.SpikeSourceGamma(alpha=4.0, beta=1000.0))
        p.record("spikes")
        sim.run(100.0)
        p[2:3].set(duration=0.0)
        sim.run(100.0)
        last = [train.magnitude.max() for train in p.get_data().segments[0].spiketrains]
        assert last[2] <= 100.0
        assert min(last[:2] + last[3:]) > 150.0


class TestPointNeuron:
    def test_is_the_standard_cell_with_two_receptors(self):
        composed = sim.PointNeuron(
            sim.LIF(tau_m=10.0), excit=sim.ExpPSR(tau_syn=2.0, e_syn=0.0), inhib=sim.ExpPSR(tau_syn=7.0, e_syn=-75.0)
        )
        p = sim.Population(2, composed, initial_values={"v": -65.0})
        q = sim.Population(2, sim.IF_cond_exp(tau_m=10.0, tau_syn_E=2.0, tau_syn_I=7.0, e_rev_I=-75.0))
        source = sim.Population(2, sim.SpikeSourceArray(spike_times=[Sequence([5.0, 9.0]), Sequence([7.0])]))
        for cells, receptors in ((p, ("excit", "inhib")), (q, ("excitatory", "inhibitory"))):
            for i, receptor in enumerate(receptors):
                synapse = sim.StaticSynapse(weight=0.02, delay=0.5)
                sim.Projection(source[i : i + 1], cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
        p.record(["v", "excit.gsyn", "inhib.gsyn"])
        q.record(["v", "gsyn_exc", "gsyn_inh"])
        sim.run(20.0)
        ours, theirs = signals(p), signals(q)
        assert (ours["v"] == theirs["v"]).all()
        assert (ours["inhib.gsyn"] == theirs["gsyn_inh"]).all()
        assert ours["excit.gsyn"].max() > 0.02

    def test_each_of_many_receptors_gets_its_own(self):
        shapes = {
            "A": sim.BetaPSR(tau_rise=0.5, tau_decay=3.0), "B": sim.ExpPSR(), "C": sim.AlphaPSR(), "D": sim.ExpPSR(),
        }  # fmt: skip
        p = sim.Population(1, sim.PointNeuron(sim.AdExp(), **shapes))
        other = sim.Population(1, sim.IF_curr_exp())
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
        sim.Projection(source, p, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01), receptor_type="C")
        sim.Projection(source, p, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01), receptor_type="A")
        sim.Projection(source, other, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01))
        p.record([f"{label}.gsyn" for label in shapes])
        sim.run(20.0)
        peaks = {name: values.max() for name, values in signals(p).items()}
        assert peaks == pytest.approx({"A.gsyn": 0.01, "B.gsyn": 0.0, "C.gsyn": 0.01, "D.gsyn": 0.0}, rel=1e-3)

    def test_parameters_and_initial_values_by_dotted_names(self):
        p = sim.Population(3, sim.PointNeuron(sim.LIF(), X=sim.AlphaPSR(tau_syn=[1.0, 2.0, 3.0])))
        assert p.get("X.tau_syn").tolist() == [1.0, 2.0, 3.0]
        p[1:].set(**{"X.tau_syn": 4.0})
        assert p.get("X.tau_syn").tolist() == [1.0, 4.0, 4.0]
        assert p.get(["tau_m", "X.e_syn"]) == [20.0, 0.0]
        p.initialize(**{"X.gsyn": 0.5})
        assert p.model.state["X.gsyn"].tolist() == [0.5] * 3
        with pytest.raises(errors.InvalidParameterValueError, match=r"X.tau_syn must be positive and finite, not 0$"):
            p.set(**{"X.tau_syn": 0.0})
        with pytest.raises(errors.NonExistentParameterError):
            p.set(**{"Y.tau_syn": 1.0})

    def test_currents(self):
        p = sim.Population(1, sim.PointNeuron(sim.LIF(), X=sim.CurrExpPostSynapticResponse(tau_syn=3.0)))
        q = sim.Population(1, sim.IF_curr_exp(tau_syn_E=3.0))
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
        for cells in (p, q):
            sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5))
            cells.record("v")
        sim.run(10.0)
        assert (signals(p)["v"] == signals(q)["v"]).all()

    @pytest.mark.parametrize(
        ("make", "error", "message"),
        [
            (lambda: sim.PointNeuron(sim.IF_curr_exp()), TypeError, "the membrane must be synaptile's LIF or AdExp"),
            (lambda: sim.PointNeuron(sim.LIF(), A=sim.LIF()), TypeError, "A must be one of synaptile's postsynaptic"),
            (lambda: sim.PointNeuron(sim.LIF()), errors.InvalidModelError, "must have at least one receptor"),
        ],
    )
    def test_wrong_parts(self, make, error, message):
        with pytest.raises(error, match=message):
            make()

    def test_mixture_is_refused(self):
        with pytest.raises(errors.InvalidModelError, match=r"^receptors of a PointNeuron must be all currents or all "):
            sim.PointNeuron(sim.LIF(), A=sim.ExpPSR(), B=sim.CurrExpPostSynapticResponse())
