"""Every synapse type through PyNN: parameters there and back, reset, recorded weights, the trace."""

import numpy as np
import pytest
from pyNN import errors
from pyNN.parameters import Sequence

import synaptile.swsim as sim


@pytest.fixture(autouse=True)
def _setup():
    sim.setup(timestep=0.1, seed=3)


def stdp(timing=None, dependence=None, **kwargs):
    return sim.STDPMechanism(
        timing or sim.SpikePairRule(A_plus=0.05, A_minus=0.05),
        dependence or sim.AdditiveWeightDependence(w_min=0.0, w_max=0.1),
        **({"weight": 0.02, "delay": 0.5} | kwargs),
    )


TYPES = {
    "TsodyksMarkram": (lambda: sim.TsodyksMarkramSynapse(weight=0.02, delay=0.5), {"U": 0.3, "tau_rec": 50.0}),
    "SimpleStochastic": (lambda: sim.SimpleStochasticSynapse(weight=0.02, delay=0.5), {"p": 0.3}),
    "StochasticTM": (lambda: sim.StochasticTsodyksMarkramSynapse(weight=0.02, delay=0.5), {"U": 0.3, "tau_facil": 5.0}),
    "MultiQuantal": (lambda: sim.MultiQuantalSynapse(weight=0.02, delay=0.5, n=3), {"n": 5, "tau_rec": 50.0}),
    "Pair": (stdp, {"tau_plus": 30.0, "w_max": 0.2, "dendritic_delay_fraction": 0.0}),
    "Gutig": (lambda: stdp(dependence=sim.GutigWeightDependence(w_max=0.1)), {"mu_plus": 0.1, "A_minus": 0.5}),
    "Vogels": (lambda: stdp(sim.Vogels2011Rule(eta=0.001)), {"rho": 7.0, "eta": 0.002}),
    "Multiplicative": (lambda: stdp(dependence=sim.MultiplicativeWeightDependence()), {"w_min": -0.1}),
    "Mixed": (lambda: stdp(dependence=sim.AdditivePotentiationMultiplicativeDepression()), {"w_max": 0.5}),
}  # fmt: skip


def network(synapse, n=5, cell=None):
    trains = [Sequence(np.arange(1.0 + i, 200.0, 7.0 + i)) for i in range(n)]
    pre = sim.Population(n, sim.SpikeSourceArray(spike_times=trains))
    post = sim.Population(4, cell or sim.IF_cond_exp())
    driver = sim.Population(4, sim.SpikeSourceArray(spike_times=np.arange(4.0, 200.0, 11.0)))
    sim.Projection(driver, post, sim.OneToOneConnector(), sim.StaticSynapse(weight=1.0, delay=0.1))
    post.record("spikes")
    return sim.Projection(pre, post, sim.AllToAllConnector(), synapse), post


def spikes(post):
    return [train.magnitude.tolist() for train in post.get_data().segments[-1].spiketrains]


class TestEveryType:
    @pytest.mark.parametrize("name", TYPES)
    def test_parameters(self, name):
        make, values = TYPES[name]
        prj, _ = network(make())
        for parameter, value in values.items():
            before = prj.get(parameter, format="array")
            assert (before == before[0, 0]).all()
            assert before[0, 0] != value
            prj.set(**{parameter: value})
            assert (prj.get(parameter, format="array") == value).all()
            matrix = np.where(np.eye(5, 4) > 0, value, before[0, 0]).astype(type(value))
            prj.set(**{parameter: matrix})
            assert (prj.get(parameter, format="array") == matrix).all()
            assert getattr(prj[0], parameter) == value
            setattr(prj[0], parameter, before[0, 0])
            assert prj.get(parameter, format="array")[0, 0] == before[0, 0]

    @pytest.mark.parametrize("name", TYPES)
    def test_acts_repeats_after_setup_and_does_not_depend_on_how_the_run_is_split(self, name):
        def run(*times):
            sim.setup(timestep=0.1, seed=3)
            prj, post = network(TYPES[name][0]())
            for time in times:
                sim.run(time)
            return spikes(post), prj.get("weight", format="list")

        assert run(200.0) == run(60.05, 0.05, 139.9)

    @pytest.mark.parametrize("name", TYPES)
    def test_reset(self, name):
        prj, post = network(TYPES[name][0]())
        before = prj.get("weight", format="list")
        sim.run(200.0)
        first = spikes(post)
        changed = prj.get("weight", format="list") != before
        assert changed == isinstance(prj.synapse_type, sim.STDPMechanism)
        sim.reset()
        assert prj.get("weight", format="list") == before
        sim.run(200.0)
        if name not in ("SimpleStochastic", "StochasticTM", "MultiQuantal"):
            assert spikes(post) == first

    def test_bad_parameters_make_no_connections(self):
        for make, message in (
            (lambda: sim.TsodyksMarkramSynapse(U=2.0), "U must be in 0..1, not 2"),
            (lambda: stdp(sim.SpikePairRule(tau_plus=-1.0)), "tau_plus must be positive and finite, not -1"),
            (lambda: stdp(dependence=sim.AdditiveWeightDependence(w_min=1, w_max=0)), "w_max must be at least w_min"),
        ):
            count = len(sim.state.network.projections)
            with pytest.raises(errors.InvalidParameterValueError, match=message):
                network(make())
            assert len(sim.state.network.projections) == count + 1

    def test_a_bad_value_is_not_set(self):
        prj, _ = network(TYPES["SimpleStochastic"][0]())
        with pytest.raises(errors.InvalidParameterValueError, match=r"p must be in 0..1, not 1.5$"):
            prj.set(p=1.5)
        assert (prj.get("p", format="array") == 0.5).all()


class TestTsodyksMarkram:
    @pytest.mark.parametrize("cell", ["IF_curr_exp", "IF_cond_alpha", "IF_curr_delta", "Izhikevich"])
    def test_first_spike_acts_with_the_used_share(self, cell):
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 3.0]))
        full, depressed = (sim.Population(1, getattr(sim, cell)()) for _ in range(2))
        sim.Projection(source, full, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01))
        synapse = sim.TsodyksMarkramSynapse(weight=0.02, U=0.5, tau_rec=1e9)
        sim.Projection(source, depressed, sim.AllToAllConnector(), synapse)
        for p in (full, depressed):
            p.record("v")
        sim.run(5.0)
        a, b = (p.get_data().segments[0].analogsignals[0].magnitude[:, 0] for p in (full, depressed))
        assert (a[:31] == b[:31]).all()
        assert a[11] != a[0] or a[12] != a[0]
        assert b[-1] < a[-1]

    def test_initial_use(self):
        prj, _ = network(TYPES["TsodyksMarkram"][0]())
        prj.initialize(u=0.25)
        assert (prj.dynamics().state["u"] == 0.25).all()
        sim.run(20.0)
        sim.reset()
        assert (prj.dynamics().state["u"] == 0.25).all()
        with pytest.raises(errors.NonExistentParameterError):
            prj.initialize(q=1.0)


class TestPlasticity:
    def test_one_pair(self):
        pre = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
        post = sim.Population(1, sim.IF_cond_exp(tau_refrac=2.0))
        kick = sim.Population(1, sim.SpikeSourceArray(spike_times=[9.0]))
        sim.Projection(kick, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=5.0, delay=0.1))
        prj = sim.Projection(pre, post, sim.AllToAllConnector(), stdp(weight=0.001, delay=0.5))
        post.record("spikes")
        sim.run(30.0)
        (time,) = spikes(post)[0][:1]
        expected = sum(0.05 * 0.1 * np.exp(-(t + 0.5 - 5.0) / 20.0) for t in spikes(post)[0])
        assert time > 9.0
        assert prj.get("weight", format="list", with_address=False) == [pytest.approx(0.001 + expected)]

    def test_new_weights_between_runs_are_those_that_act(self):
        prj, _ = network(stdp(weight=0.0))
        sim.run(50.0)
        prj.set(weight=0.05)
        assert (prj.get("weight", format="array") == 0.05).all()
        sim.run(150.0)
        assert (prj.get("weight", format="array") != 0.05).any()
        sim.reset()
        assert (prj.get("weight", format="array") == 0.05).all()

    def test_the_trace_has_the_weights_of_now(self):
        prj, _ = network(stdp())
        sim.run(200.0)
        trace = sim.get_trace()
        assert trace.synapses == 24
        assert trace.weight[4:].tolist() == prj.get("weight", format="list", with_address=False)

    def test_inhibitory_currents(self):
        pre = sim.Population(3, sim.SpikeSourceArray(spike_times=np.arange(1.0, 100.0, 5.0)))
        post = sim.Population(2, sim.IF_curr_exp(i_offset=3.0))
        synapse = stdp(sim.Vogels2011Rule(eta=0.01, rho=1.0), sim.AdditiveWeightDependence(w_max=1.0), weight=-0.1)
        prj = sim.Projection(pre, post, sim.AllToAllConnector(), synapse, receptor_type="inhibitory")
        sim.run(100.0)
        weights = prj.get("weight", format="array")
        assert (weights < -0.1).all()
        assert (weights >= -1.0).all()

    def test_incomplete_mechanisms(self):
        with pytest.raises(errors.InvalidModelError, match=r"^weight_dependence must be one of synaptile's, not None$"):
            sim.STDPMechanism(sim.SpikePairRule())
        with pytest.raises(errors.InvalidModelError, match=r"^voltage_dependence must be None"):
            stdp(voltage_dependence=object())
        with pytest.raises(
            errors.InvalidParameterValueError, match=r"^dendritic_delay_fraction must be in 0..1, not 2$"
        ):
            stdp(dendritic_delay_fraction=2)


class TestRecordedWeights:
    def test_samples(self):
        prj, _ = network(stdp())
        first = prj.get("weight", format="list", with_address=False)
        prj.record_weights(sampling_interval=0.5)
        sim.run(100.0)
        middle = prj.get("weight", format="list", with_address=False)
        sim.run(100.0)
        signal = prj.get_recorded_weights()
        assert signal.shape == (401, 20)
        assert signal.magnitude[0].tolist() == first
        assert signal.magnitude[200].tolist() == middle
        assert signal.magnitude[-1].tolist() == prj.get("weight", format="list", with_address=False)
        assert len(np.unique(signal.magnitude[:, 0])) > 5
        assert str(signal.dimensionality) == "uS"
        assert signal.times[1].rescale("ms").magnitude == pytest.approx(0.5)
        assert signal.array_annotations["presynaptic_index"].tolist() == prj.column("presynaptic_index").tolist()

    def test_from_now_on_and_anew_after_a_reset(self):
        prj, _ = network(sim.StaticSynapse(weight=0.25))
        with pytest.raises(errors.NothingToWriteError, match=r"has no recorded weights: call record_weights"):
            prj.get_recorded_weights()
        sim.run(1.0)
        prj.record_weights()
        sim.run(1.0)
        assert prj.get_recorded_weights().shape == (11, 20)
        assert prj.get_recorded_weights().t_start.rescale("ms").magnitude == pytest.approx(1.0)
        sim.reset()
        sim.run(0.5)
        assert prj.get_recorded_weights().shape == (6, 20)
        with pytest.raises(ValueError, match=r"^sampling_interval must be a positive multiple of the time step"):
            prj.record_weights(0.15)


class TestElectrical:
    def test_two_cells_share_a_current(self):
        a = sim.Population(1, sim.IF_curr_exp(v_thresh=1e6))
        b = sim.Population(1, sim.IF_curr_exp(v_thresh=1e6))
        sim.Projection(a, b, sim.AllToAllConnector(), sim.ElectricalSynapse(weight=0.05))
        a.inject(sim.DCSource(amplitude=0.5))
        for p in (a, b):
            p.record("v")
        sim.run(400.0)
        first, second = (p.get_data().segments[0].analogsignals[0].magnitude[-1, 0] + 65 for p in (a, b))
        # g_leak = 0.05 uS: two equal resistors and one between them.
        assert first == pytest.approx(0.5 / 0.05 * 2 / 3, rel=1e-3)
        assert second == pytest.approx(0.5 / 0.05 / 3, rel=1e-3)
        assert sim.get_trace().synapses == 0

    def test_hodgkin_huxley_cells_through_their_gap_receptor(self):
        cells = sim.Population(2, sim.HH_cond_exp())
        cells[0].inject(sim.DCSource(amplitude=0.5))
        synapse = sim.ElectricalSynapse(weight=0.01)
        prj = sim.Projection(
            cells[0:1], cells[1:2], sim.AllToAllConnector(), synapse, receptor_type="source_section.gap"
        )
        cells.record("v")
        sim.run(20.0)
        v = cells.get_data().segments[0].analogsignals[0].magnitude
        assert prj.get("weight", format="list") == [(0, 0, 0.01)]
        assert v[:, 0].max() > 0
        assert v[:, 1].max() > -64

    def test_refusals(self):
        source, cells = sim.Population(1, sim.SpikeSourceArray()), sim.Population(1, sim.HH_cond_exp())
        with pytest.raises(errors.ConnectionError, match=r"^an electrical synapse needs a neuron on both sides"):
            sim.Projection(source, cells, sim.AllToAllConnector(), sim.ElectricalSynapse(weight=0.1))
        with pytest.raises(errors.ConnectionError, match=r"^receptor_type source_section.gap is for ElectricalSynapse"):
            sim.Projection(
                source, cells, sim.AllToAllConnector(), sim.StaticSynapse(), receptor_type="source_section.gap"
            )


class TestOffGrid:
    def test_recorded_times_are_those_given(self):
        sim.setup(timestep=0.5, spike_precision="off_grid")
        source = sim.Population(2, sim.SpikeSourceArray(spike_times=[Sequence([0.3, 1.0, 2.2]), Sequence([0.7])]))
        source.record("spikes")
        sim.run(2.0)
        source[0:1].set(spike_times=[2.2, 2.9])
        sim.run(2.0)
        assert spikes(source) == [[0.3, 1.0, 2.2, 2.9], [0.7]]
        assert sim.get_trace().spike_step.tolist() == [1, 2, 2, 5, 6]
        with pytest.raises(ValueError, match=r"^spike_precision must be 'on_grid' or 'off_grid', not 'fine'$"):
            sim.setup(spike_precision="fine")


def test_a_type_derived_from_a_static_or_electrical_one_is_of_its_kind():
    class Named(sim.StaticSynapse):
        pass

    class Gap(sim.ElectricalSynapse):
        pass

    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_curr_exp(i_offset=[2.0, 0.0]))
    static = sim.Projection(cells[0:1], cells[1:2], sim.AllToAllConnector(), Named(weight=0.5, delay=1.0))
    gap = sim.Projection(cells[0:1], cells[1:2], sim.AllToAllConnector(), Gap(weight=0.01))
    assert (static.is_static, static.is_electrical, gap.is_static, gap.is_electrical) == (True, False, False, True)
    cells.record("v")
    sim.run(20.0)
    assert cells.get_data().segments[0].analogsignals[0].magnitude[-1, 1] > -64.9


@pytest.mark.parametrize(
    "synapse",
    [sim.StaticSynapse(), sim.TsodyksMarkramSynapse(weight=0.1)],
    ids=lambda synapse: type(synapse).__name__,
)
def test_synapses_without_a_reward_refuse_one(synapse):
    sim.setup()
    cells = sim.Population(2, sim.IF_curr_exp())
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), synapse, label="these")
    with pytest.raises(TypeError, match=r"^these must have an STDPMechanism with RewardModulatedRule to be rewarded$"):
        projection.reward(1.0)
