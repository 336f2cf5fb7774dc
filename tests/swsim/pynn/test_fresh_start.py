"""After reset() nothing is left of the runs before, and after clear=True nothing of the data: for all that has a state.

``setup; reset; run`` and ``setup; run; reset; run`` are both in the second segment, in which the same random numbers
are drawn, so that whatever differs was left over.
"""

import numpy as np
import pytest

import synaptile.swsim as sim

TIMES = {"tau_plus": 12.0, "tau_minus": 15.0, "A_plus": 0.02, "A_minus": 0.025}
TRIPLET = {
    "tau_plus": 16.8,
    "tau_minus": 33.7,
    "tau_x": 101.0,
    "tau_y": 125.0,
    "A2_plus": 0.005,
    "A2_minus": 0.007,
    "A3_plus": 0.006,
    "A3_minus": 0.0002,
}
BOUNDS = {"w_min": 0.0, "w_max": 0.2}
TIMING = {
    "pairs": lambda: sim.SpikePairRule(**TIMES),
    "nearest": lambda: sim.NearestSpikePairRule(**TIMES),
    "triplets": lambda: sim.TripletRule(**TRIPLET),
    "reward": lambda: sim.RewardModulatedRule(**TIMES),
    "vogels": lambda: sim.Vogels2011Rule(tau=20.0, eta=0.05, rho=3.0),
}
DEPENDENCE = {
    "additive": lambda: sim.AdditiveWeightDependence(**BOUNDS),
    "multiplicative": lambda: sim.MultiplicativeWeightDependence(**BOUNDS),
    "mixed": lambda: sim.AdditivePotentiationMultiplicativeDepression(**BOUNDS),
    "gutig": lambda: sim.GutigWeightDependence(mu_plus=0.5, mu_minus=0.5, **BOUNDS),
}
RESOURCES = {"U": 0.3, "tau_rec": 30.0, "tau_facil": 50.0, "weight": 0.05, "delay": 1.5}


def plastic(timing, dependence="additive", fraction=0.4):
    return lambda: sim.STDPMechanism(
        TIMING[timing](), DEPENDENCE[dependence](), dendritic_delay_fraction=fraction, weight=0.05, delay=1.5
    )


def own():
    kind = sim.define_synapse(
        "Own",
        parameters={"tau": 20.0},
        variables={"x": 0.0, "count": 0.0},
        equations="dx/dt = -x / tau",
        on_pre="w = clip(w + 0.001 * x * random * exp(-since_pre / 50), 0, 0.1); x += 1; count += 1",
        on_post="w = clip(w - 0.002 * x, 0, 0.1)",
        transmit="w * (1 + 0.01 * count)",
        positive=["tau"],
    )
    return kind(weight=0.05, delay=1.5, dendritic_delay_fraction=0.4)


SYNAPSES = {
    "static": lambda: sim.StaticSynapse(weight=0.05, delay=1.5),
    "tsodyks markram": lambda: sim.TsodyksMarkramSynapse(**RESOURCES),
    "stochastic": lambda: sim.SimpleStochasticSynapse(p=0.4, weight=0.05, delay=1.5),
    "one site": lambda: sim.StochasticTsodyksMarkramSynapse(**RESOURCES),
    "five sites": lambda: sim.MultiQuantalSynapse(n=5, **RESOURCES),
    "own": own,
    **{f"{timing} additive": plastic(timing) for timing in TIMING},
    **{f"pairs {dependence}": plastic("pairs", dependence) for dependence in DEPENDENCE},
}
CELLS = {
    "IF_curr_exp": {"i_offset": 0.9, "tau_refrac": 2.0},
    "IF_cond_exp": {"i_offset": 0.9},
    "IF_cond_alpha": {"i_offset": 0.9},
    "IF_cond_exp_gsfa_grr": {"i_offset": 0.9},
    "EIF_cond_exp_isfa_ista": {"i_offset": 0.9},
    "HH_cond_exp": {"i_offset": 0.5},
    "GIF_cond_exp": {"i_offset": 0.9},
    "Izhikevich": {"i_offset": 0.01},
}
SOURCES = {
    "array": lambda: sim.SpikeSourceArray(spike_times=[5.0, 9.0, 20.0, 41.0]),
    "poisson": lambda: sim.SpikeSourcePoisson(rate=150.0),
    "refractory": lambda: sim.SpikeSourcePoissonRefractory(rate=150.0, tau_refrac=2.0),
    "gamma": lambda: sim.SpikeSourceGamma(alpha=2.0, beta=300.0),
}


def parts(synapse, cell="IF_cond_exp", source="poisson"):
    sim.setup(timestep=0.5, seed=11)
    sources = sim.Population(8, SOURCES[source]())
    cells = sim.Population(5, getattr(sim, cell)(**CELLS[cell]))
    projection = sim.Projection(sources, cells, sim.AllToAllConnector(), SYNAPSES[synapse]())
    cells.record(["spikes", cells.celltype.recordable[1]])
    sources.record("spikes")
    sim.ACSource(amplitude=0.1, offset=0.05, frequency=40.0, start=5.0, stop=45.0).inject_into(cells[:2])
    sim.StepCurrentSource(times=[3.0, 40.0], amplitudes=[0.1, -0.1]).inject_into(cells[3:])
    if not projection.is_static:
        projection.record_weights(2.0)
    return sources, cells, projection


def run(projection, duration=60.0):
    half = sim.get_current_time() + duration / 2
    sim.run_until(half)
    if projection.synapse_type.takes_reward:
        projection.reward(0.5)
    sim.run_until(half + duration / 2)


def results(sources, cells, projection):
    """All that the last segment has left behind."""
    trace = sim.get_trace()
    found = {
        "neuron": trace.spike_neuron,
        "step": trace.spike_step,
        "weight": np.array(projection.get("weight", format="list", with_address=False)),
    }
    for name, population in (("sources", sources), ("cells", cells)):
        segment = population.get_data().segments[-1]
        found[f"{name} times"] = np.concatenate([train.magnitude for train in segment.spiketrains])
        for signal in segment.analogsignals:
            found[f"{name} {signal.name}"] = signal.magnitude
            found[f"{name} {signal.name} from"] = np.array(signal.t_start.magnitude)
    if not projection.is_static:
        found["recorded weights"] = projection.get_recorded_weights().magnitude
        for variable in projection.dynamics().variables():
            found[variable] = projection.column(variable)
    return found


def assert_equal(one, other):
    assert one.keys() == other.keys()
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)


def assert_fresh_after_reset(synapse, **kinds):
    fresh = parts(synapse, **kinds)
    sim.reset()
    run(fresh[2])
    expected = results(*fresh)
    assert len(expected["neuron"]) > 20
    for before in (77.0, 20.5):  # a longer run than the next, and one whose last spikes would still be due in it
        used = parts(synapse, **kinds)
        run(used[2], before)
        sim.reset()
        run(used[2])
        assert_equal(results(*used), expected)


@pytest.mark.parametrize("synapse", SYNAPSES)
def test_synapses(synapse):
    assert_fresh_after_reset(synapse)


@pytest.mark.parametrize("cell", CELLS)
def test_cells(cell):
    assert_fresh_after_reset("static", cell=cell)


@pytest.mark.parametrize("source", SOURCES)
def test_sources(source):
    assert_fresh_after_reset("five sites", source=source)


class TestClear:
    """Data are taken out in the middle of a run, and others recorded from there."""

    def two_halves(self, clear, more=(), record=("v", "spikes")):
        sim.setup(timestep=0.5, seed=4)
        cells = sim.Population(3, sim.IF_cond_exp(i_offset=0.9))
        cells.record(list(record))
        sim.run(30.0)
        first = cells.get_data(clear=clear).segments[-1]
        for variable in more:
            cells.record(variable)
        sim.run(30.0)
        return first, cells.get_data().segments[-1]

    @pytest.mark.parametrize("more", [(), ("gsyn_exc",), ("gsyn_exc", "gsyn_inh"), ("spikes",)])
    def test_what_comes_after_is_the_second_half(self, more):
        record = ("v",) if more == ("spikes",) else ("v", "spikes")
        _, whole = self.two_halves(False, record=("v", "spikes", "gsyn_exc", "gsyn_inh"))
        _, second = self.two_halves(True, more, record)
        names = {"v", *more} - {"spikes"}
        assert {signal.name for signal in second.analogsignals} == names
        for signal in second.analogsignals:
            entire = next(other for other in whole.analogsignals if other.name == signal.name)
            assert float(signal.t_start) == 30.0
            np.testing.assert_array_equal(signal.magnitude, entire.magnitude[60:])
        for train, entire in zip(second.spiketrains, whole.spiketrains, strict=True):
            np.testing.assert_array_equal(train.magnitude, entire.magnitude[entire.magnitude > 30.0])

    def test_clear_twice_and_reset(self):
        sim.setup(timestep=0.5, seed=4)
        cells = sim.Population(3, sim.IF_cond_exp(i_offset=0.9))
        cells.record(["v", "spikes"])
        lengths, starts = [], []
        for _ in range(3):
            sim.run(10.0)
            (signal,) = cells.get_data(clear=True).segments[-1].analogsignals
            lengths.append(len(signal))
            starts.append(float(signal.t_start))
        assert (lengths, starts) == ([21, 21, 21], [0.0, 10.0, 20.0])
        sim.reset()
        cells.record("gsyn_exc")
        sim.run(10.0)
        signals = cells.get_data().segments[-1].analogsignals
        assert {(signal.name, len(signal), float(signal.t_start)) for signal in signals} == {
            ("v", 21, 0.0),
            ("gsyn_exc", 21, 0.0),
        }
