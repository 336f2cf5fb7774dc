"""Sources that fire several times in a step, as a script sees them: on the compiled path, in NumPy, and on hardware."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.fake_chip import FakeChip

import synaptile.swsim as sim

MEMBRANE = {"tau_m": 10.0, "tau_syn_E": 0.5, "cm": 0.25, "v_rest": 0.0, "v_reset": 0.0, "v_thresh": 1e3}


@pytest.fixture(params=["0", "1"], ids=["numpy", "compiled"])
def path(request, monkeypatch):
    monkeypatch.setenv("SYNAPTILE_NUMBA", request.param)


def trains(population):
    return [train.magnitude.tolist() for train in population.get_data("spikes").segments[0].spiketrains]


def signal(population, name):
    found = population.get_data(name).segments[0].filter(name=name)[0]
    return found.magnitude


def driven(rate, weight, n, duration, cell, **initial):
    """Cells with a Poisson source each; the signal ``v`` every ms, without the first 50 ms."""
    sim.setup(timestep=0.1, seed=2)
    noise = sim.Population(n, sim.SpikeSourcePoisson(rate=rate))
    cells = sim.Population(n, cell, initial_values=initial)
    sim.Projection(noise, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=weight, delay=0.1))
    cells.record("v", sampling_interval=1.0)
    sim.run(duration)
    return signal(cells, "v")[50:]


@pytest.mark.usefixtures("path")
class TestPoisson:
    @pytest.mark.parametrize("rate", [500.0, 5000.0, 12_800.0, 200_000.0])
    def test_mean_and_variance_of_the_potential_are_those_of_campbell_s_theorem(self, rate):
        # Mean: rate times the integral of the response to a spike; variance: rate times that of its square.
        weight, tau_m, tau_s, cm, n = 100.0 / rate, 10.0, 0.5, 0.25, 200
        mean = weight * rate / 1000.0 * tau_s * tau_m / cm
        v = driven(rate, weight, n, 400.0, sim.IF_curr_exp(**MEMBRANE), v=mean)
        peak = weight * tau_s * tau_m / (cm * (tau_m - tau_s))
        square = peak**2 * (tau_m / 2 + tau_s / 2 - 2 * tau_m * tau_s / (tau_m + tau_s))
        theory = np.sqrt(rate / 1000.0 * square)
        # Potentials are correlated over tau_m: some 10 independent ones in 350 ms of each cell.
        assert v.mean() == pytest.approx(mean, abs=4.5 * theory / np.sqrt(10 * n))
        assert v.std() == pytest.approx(theory, rel=4.5 / np.sqrt(2 * 10 * n))

    @pytest.mark.parametrize("mean", [0.01, 0.5, 1.28, 20.0])
    def test_recorded_counts_have_a_fano_factor_of_1(self, mean):
        sim.setup(timestep=0.1, seed=3)
        noise = sim.Population(60, sim.SpikeSourcePoisson(rate=mean * 10_000.0))
        noise.record("spikes")
        sim.run(200.0)
        steps = [np.rint(np.array(train) * 10).astype(int) for train in trains(noise)]
        counts = np.array([np.bincount(train, minlength=2001)[1:] for train in steps])
        for bins in (counts, counts.reshape(60, 400, 5).sum(axis=2)):
            fano, expected = bins.var() / bins.mean(), bins.mean()
            assert fano == pytest.approx(1.0, abs=4.5 * np.sqrt((2 + 1 / expected) / bins.size))
        assert list(noise.get_spike_counts().values()) == counts.sum(axis=1).tolist()
        assert noise.mean_spike_count() == counts.sum() / 60
        assert sim.get_trace().spike_counts().tolist() == counts.sum(axis=1).tolist()

    def test_a_neuron_below_threshold_fires_by_its_fluctuations(self):
        # 8 kHz, and a mean 1.5 mV below threshold: with a Bernoulli draw per step it would all but never fire.
        sim.setup(timestep=0.1, seed=4)
        weight = 13.5 * 0.25 / (8.0 * 0.5 * 10.0)
        cell = sim.IF_curr_exp(**MEMBRANE | {"v_thresh": 15.0, "tau_refrac": 2.0})
        noise = sim.Population(100, sim.SpikeSourcePoisson(rate=8000.0))
        cells = sim.Population(100, cell, initial_values={"v": 10.0})
        sim.Projection(noise, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=weight, delay=0.1))
        cells.record("spikes")
        sim.run(1000.0)
        assert 5.0 < cells.mean_spike_count() < 16.0


def everything(path, *, edges=(40.0,), threads=1, hardware=None, monkeypatch=None):
    """All kinds of sources on all kinds of synapses; spikes, potentials and weights in the end."""
    monkeypatch.setenv("SYNAPTILE_NUMBA", path)
    sim.setup(timestep=0.5, seed=5, threads=threads, hardware=hardware)
    random = np.random.default_rng(1)
    sources = [
        sim.Population(3, sim.SpikeSourcePoisson(rate=6000.0)),
        sim.Population(3, sim.SpikeSourcePoissonRefractory(rate=4000.0, tau_refrac=0.1)),
        sim.Population(3, sim.SpikeSourceGamma(alpha=2.0, beta=9000.0)),
        sim.Population(3, sim.SpikeSourceInhGamma(a=[2.0, 1.0], b=[1e-4, 2e-4], tbins=[0.0, 20.0])),
        sim.Population(3, sim.SpikeSourceArray(
            spike_times=[sim.Sequence(np.sort(random.integers(0, 60, 90)) * 0.5) for _ in range(3)]
        )),
    ]  # fmt: skip
    synapses = [
        sim.StaticSynapse(weight=0.02, delay=1.0),
        sim.TsodyksMarkramSynapse(U=0.1, tau_rec=20.0, tau_facil=10.0, weight=0.02, delay=1.0),
        sim.SimpleStochasticSynapse(p=0.4, weight=0.02, delay=1.5),
        sim.MultiQuantalSynapse(U=0.3, n=4, tau_rec=10.0, tau_facil=5.0, weight=0.02, delay=0.5),
        sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(A_plus=0.02, A_minus=0.01),
            weight_dependence=sim.MultiplicativeWeightDependence(w_max=0.1),
            weight=0.02, delay=2.0, dendritic_delay_fraction=0.5,
        ),
        sim.define_synapse(
            "Own", parameters={"tau": 5.0, "gain": 0.1}, variables={"x": 0.0}, equations="dx/dt = -x / tau",
            on_pre="x += 1", transmit="w * gain * x * (0.5 + random)",
        )(weight=0.02, delay=1.0),
    ]  # fmt: skip
    if path == "1" and threads > 1:
        # The compiled loop, of which threads are a part, is for synapses without a state.
        synapses = synapses[:1]
    cells = sim.Population(6, sim.IF_curr_exp(tau_refrac=1.0))
    cells.record("v")
    for source in sources:
        source.record("spikes")
    projections = [
        sim.Projection(source, cells, sim.AllToAllConnector(), synapse) for source in sources for synapse in synapses
    ]
    for edge in edges:
        sim.run_until(edge)
    weights = [projection.get("weight", format="array") for projection in projections]
    return sim.get_trace(), [trains(source) for source in sources], signal(cells, "v"), np.array(weights)


def assert_same(ours, theirs):
    for name in ("spike_step", "spike_neuron", "weight"):
        np.testing.assert_array_equal(getattr(ours[0], name), getattr(theirs[0], name))
    assert ours[1] == theirs[1]
    np.testing.assert_array_equal(ours[2], theirs[2])
    np.testing.assert_array_equal(ours[3], theirs[3])


@pytest.fixture(scope="module")
def reference():
    with pytest.MonkeyPatch.context() as monkeypatch:
        return everything("0", monkeypatch=monkeypatch)


class TestWholeNetworks:
    def test_all_sources_fire_several_times_in_a_step_and_cells_fire(self, reference):
        trace, recorded, _, _ = reference
        for number, source in enumerate(recorded):
            counts = np.bincount(np.rint(np.concatenate(source) * 2).astype(int))
            assert counts.max() > 3, number
        spikes = trace.spike_counts()
        assert spikes[:15].tolist() == [len(train) for source in recorded for train in source]
        assert (spikes[15:] > 5).all()
        cells = trace.spike_neuron >= 15
        assert np.unique(np.stack([trace.spike_step, trace.spike_neuron])[:, cells], axis=1).shape[1] == cells.sum()

    def test_both_paths_and_runs_in_parts_give_the_same_bits(self, reference, monkeypatch):
        assert_same(everything("1", monkeypatch=monkeypatch), reference)
        for path in "01":
            assert_same(everything(path, edges=(3.5, 4.0, 21.0, 40.0), monkeypatch=monkeypatch), reference)

    def test_hardware_in_time_gives_the_same_bits(self, reference, monkeypatch):
        chip = FakeChip()
        found = everything("0", hardware=chip, monkeypatch=monkeypatch)
        assert_same(found, reference)
        assert sum(map(len, chip.sent.values())) == found[0].spikes
        assert all(sent == sorted(sent) for sent in chip.sent.values())

    def test_the_same_bytes_on_any_number_of_threads(self, tmp_path, monkeypatch):
        files = set()
        for threads in (2, 3, 4):
            trace = everything("1", threads=threads, monkeypatch=monkeypatch)[0]
            files.add(trace.save(tmp_path / str(threads)).read_bytes())
        assert len(files) == 1


@pytest.mark.usefixtures("path")
class TestGivenTrains:
    def test_the_conductance_after_three_spikes_is_that_of_three(self):
        sim.setup(timestep=0.1)
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 1.0, 1.02]))
        cell = sim.Population(1, sim.IF_cond_exp(tau_syn_E=5.0))
        sim.Projection(source, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=1.0))
        cell.record("gsyn_exc")
        sim.run(5.0)
        steps = np.arange(51)
        expected = np.where(steps >= 20, 0.03 * np.exp(-(steps - 20) * 0.1 / 5.0), 0.0)
        np.testing.assert_allclose(signal(cell, "gsyn_exc")[:, 0], expected, rtol=1e-12)

    @settings(max_examples=15)
    @given(
        st.lists(st.lists(st.integers(0, 12), max_size=15).map(sorted), min_size=1, max_size=4),
        st.integers(0, 20),
        st.integers(1, 4),
    )
    def test_every_given_time_is_recorded_and_acts(self, steps, split, delay):
        sim.setup(timestep=0.5)
        source = sim.Population(
            len(steps), sim.SpikeSourceArray(spike_times=[sim.Sequence(np.array(train) * 0.5) for train in steps])
        )
        cell = sim.Population(2, sim.IF_curr_delta(v_rest=0.0, v_thresh=1e6, tau_m=1e12), initial_values={"v": 0.0})
        synapse = sim.StaticSynapse(weight=0.25, delay=delay * 0.5)
        sim.Projection(source, cell, sim.AllToAllConnector(), synapse)
        cell.record("v")
        source.record("spikes")
        sim.run_until(split * 0.5)
        sim.run_until(10.0)
        assert trains(source) == [[step * 0.5 for step in train] for train in steps]
        assert list(source.get_spike_counts().values()) == [len(train) for train in steps]
        jumps = np.diff(signal(cell, "v"), axis=0)
        arrived = np.bincount(np.array([step + delay for train in steps for step in train], int), minlength=21)[1:21]
        np.testing.assert_allclose(jumps, 0.25 * np.stack([arrived, arrived], axis=1), atol=1e-8)

    def test_times_off_the_grid_are_recorded_as_they_are_given(self):
        sim.setup(timestep=0.5, spike_precision="off_grid")
        given_times = [[0.6, 0.7, 0.7, 1.0, 3.0], [0.9]]
        source = sim.Population(2, sim.SpikeSourceArray(spike_times=[sim.Sequence(times) for times in given_times]))
        source.record("spikes")
        sim.run(1.0)
        sim.run(3.0)
        assert trains(source) == given_times
        assert sim.get_trace().spike_step.tolist() == [2, 2, 2, 2, 2, 6]
