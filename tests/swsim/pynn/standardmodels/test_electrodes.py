import numpy as np
import pytest
from pyNN import errors

import synaptile.swsim as sim


@pytest.fixture(autouse=True)
def _setup():
    sim.setup(timestep=0.1)


def cell(n=1):
    cells = sim.Population(n, sim.IF_curr_exp())
    cells.record("v")
    return cells


def rise(steps):
    return 10 * (1 - np.exp(-np.arange(1, steps + 1) * 0.1 / 20))


def voltage(cells):
    return cells.get_data().segments[0].analogsignals[0].magnitude


def test_pulse():
    cells = cell(2)
    cells[0].inject(sim.DCSource(amplitude=0.5, start=1.0, stop=2.0))
    sim.run(1.5)
    sim.run(1.5)
    v = voltage(cells)
    assert (v[:11] == -65.0).all()
    np.testing.assert_allclose(v[11:21, 0] + 65, rise(10), rtol=1e-9)
    np.testing.assert_allclose(v[21:, 0] + 65, rise(10)[-1] * np.exp(-np.arange(1, 11) * 0.1 / 20), rtol=1e-9)
    assert (v[:, 1] == -65.0).all()


def test_set_after_inject_and_between_runs():
    cells = cell()
    source = sim.DCSource(amplitude=0.0)
    cells.inject(source)
    source.amplitude = 0.5
    sim.run(1.0)
    source.set_parameters(amplitude=0.0)
    sim.run(1.0)
    source.amplitude += 0.5
    source.start = 2.5
    sim.run(1.0)
    v = voltage(cells)[:, 0] + 65
    np.testing.assert_allclose(v[1:11], rise(10), rtol=1e-9)
    assert (np.diff(v[10:26]) < 0).all()
    assert (np.diff(v[26:]) > 0).all()
    assert (source.amplitude, source.start, source.stop) == (0.5, 2.5, 1e12)


def test_into_views_assemblies_and_lists_and_twice():
    a, b = cell(3), cell(1)
    source = sim.DCSource(amplitude=0.25)
    source.inject_into(a[1:3] + b)
    source.inject_into([a[2]])
    sim.run(1.0)
    final = [*voltage(a)[-1], *voltage(b)[-1]]
    np.testing.assert_allclose(final, -65 + rise(10)[-1] * np.array([0, 0.5, 1.0, 0.5]), rtol=1e-9)


@pytest.mark.parametrize("model", ["IF_curr_exp", "IF_curr_delta", "IF_cond_exp", "Izhikevich"])
def test_is_the_same_as_an_offset(model):
    injected = sim.Population(1, getattr(sim, model)())
    offset = sim.Population(1, getattr(sim, model)(i_offset=0.02))
    injected.inject(sim.DCSource(amplitude=0.02))
    injected.record("v")
    offset.record("v")
    sim.run(5.0)
    np.testing.assert_allclose(voltage(injected), voltage(offset), rtol=1e-12)
    assert voltage(injected)[-1, 0] != voltage(injected)[0, 0]


def test_recorded_current():
    cells = cell()
    source = sim.DCSource(amplitude=0.5, start=0.2, stop=0.6)
    source.inject_into(cells)
    source.record()
    sim.run(0.4)
    source.amplitude = 0.25
    sim.run(0.4)
    signal = source.get_data()
    assert str(signal.units.dimensionality) == "nA"
    assert signal.magnitude[:, 0].tolist() == [0, 0, 0.5, 0.5, 0.25, 0.25, 0, 0, 0]


def test_refused():
    source = sim.DCSource()
    spikes = sim.Population(1, sim.SpikeSourceArray())
    with pytest.raises(TypeError, match="spike source"):
        spikes.inject(source)
    with pytest.raises(TypeError, match=r"^cannot inject a current into neuron 0: it is a spike source$"):
        source.inject_into([spikes[0]])
    with pytest.raises(errors.InvalidParameterValueError, match=r"^amplitude must be finite, not nan$"):
        sim.DCSource(amplitude=float("nan"))
    with pytest.raises(errors.NonExistentParameterError, match="amp "):
        sim.DCSource(amp=3.0)
    with pytest.raises(errors.NothingToWriteError, match="not recorded"):
        source.get_data()


def test_reset_begins_with_the_present_parameters():
    cells = cell()
    source = sim.DCSource(amplitude=0.5, start=0.2, stop=0.4)
    source.inject_into(cells)
    source.record()
    sim.run(0.3)
    source.amplitude = 0.25
    sim.reset()
    sim.run(0.5)
    assert source.get_data().magnitude[:, 0].tolist() == [0, 0, 0.25, 0.25, 0, 0]


def test_made_before_setup():
    source = sim.DCSource(amplitude=0.5, start=1.0, stop=2.0)
    sim.setup(timestep=0.5)
    cells = cell()
    cells.inject(source)
    sim.run(4.0)
    assert np.sign(np.diff(voltage(cells)[:, 0])).tolist() == [0, 0, 1, 1, -1, -1, -1, -1]


def recorded(source, time=5.0):
    cells = sim.Population(1, sim.IF_curr_exp())
    cells.inject(source)
    source.record()
    sim.run(time / 2)
    sim.run(time / 2)
    return source.get_data().magnitude[:, 0]


class TestAlternating:
    def test_waveform(self):
        current = recorded(sim.ACSource(amplitude=2.0, offset=0.5, frequency=300.0, phase=30.0, start=1.04, stop=4.0))
        time = np.arange(51) * 0.1
        expected = 0.5 + 2.0 * np.sin(2 * np.pi * 0.3 * (time - 1.0) + np.pi / 6)
        np.testing.assert_allclose(current, np.where((time > 0.95) & (time < 3.95), expected, 0.0), atol=1e-12)

    def test_drives_the_membrane(self):
        cells = cell()
        cells.inject(sim.ACSource(amplitude=0.5, frequency=50.0))
        sim.run(30.0)
        decay, v = np.exp(-0.1 / 20), [0.0]
        for k in range(300):
            v.append(v[-1] * decay + 0.5 * np.sin(2 * np.pi * 0.05 * k * 0.1) * 20 * (1 - decay))
        np.testing.assert_allclose(voltage(cells)[:, 0] + 65, v, atol=1e-9)


class TestSteps:
    def test_waveform_and_merging(self):
        source = sim.StepCurrentSource(times=[1.0, 2.01, 2.04, 3.0], amplitudes=[1.0, 9.0, -2.0, 0.0])
        current = recorded(source)
        assert current.tolist() == [0.0] * 10 + [1.0] * 10 + [-2.0] * 10 + [0.0] * 21
        assert source.times.tolist() == [1.0, 2.0, 3.0]
        assert source.amplitudes.tolist() == [1.0, -2.0, 0.0]

    def test_new_steps_between_runs(self):
        source = sim.StepCurrentSource(times=[0.0], amplitudes=[1.0])
        cells = cell()
        cells.inject(source)
        source.record()
        sim.run(1.0)
        source.set_parameters(times=[1.0, 1.5], amplitudes=[2.0, 3.0])
        sim.run(1.0)
        assert source.get_data().magnitude[:, 0].tolist() == [1.0] * 10 + [2.0] * 5 + [3.0] * 6

    def test_none_at_all(self):
        assert not recorded(sim.StepCurrentSource()).any()

    @pytest.mark.parametrize(
        ("times", "amplitudes", "message"),
        [
            ([1.0, 0.5], [1.0, 1.0], "times must be in ascending order, not 0.5"),
            ([-1.0], [1.0], "times must be at least 0, not -1"),
            ([1.0], [1.0, 2.0], "amplitudes must have as many values as times, that is 1, not 2"),
            ([1.0], [np.nan], "amplitudes must be finite, not nan"),
        ],
    )
    def test_rules(self, times, amplitudes, message):
        with pytest.raises(errors.InvalidParameterValueError, match=f"^{message}$"):
            sim.StepCurrentSource(times=times, amplitudes=amplitudes)


class TestNoise:
    def test_moments_and_intervals(self):
        current = recorded(sim.NoisyCurrentSource(mean=0.5, stdev=0.2, dt=0.5, start=1.0, stop=2001.0), 2100.0)
        assert not current[:10].any()
        assert not current[20010:].any()
        drawn = current[10:20010].reshape(4000, 5)
        assert (drawn == drawn[:, :1]).all()
        assert drawn.mean() == pytest.approx(0.5, abs=4 * 0.2 / np.sqrt(4000))
        assert drawn[:, 0].std() == pytest.approx(0.2, rel=0.05)

    def test_seed_and_splitting(self):
        def run(seed, *times):
            sim.setup(timestep=0.1, seed=seed)
            cells = cell()
            source = sim.NoisyCurrentSource(mean=0.0, stdev=1.0)
            cells.inject(source)
            for time in times:
                sim.run(time)
            return voltage(cells)[:, 0].tolist()

        assert run(1, 60.0) == run(1, 13.7, 46.3)
        assert run(1, 60.0) != run(2, 60.0)

    def test_other_noise_after_a_reset(self):
        source = sim.NoisyCurrentSource(mean=0.0, stdev=1.0)
        first = recorded(source)
        sim.reset()
        sim.run(5.0)
        assert (source.get_data().magnitude[:, 0] != first).all()

    def test_rules(self):
        with pytest.raises(
            errors.InvalidParameterValueError, match=r"^dt must be a positive multiple of the time step"
        ):
            sim.NoisyCurrentSource(dt=0.15)
        with pytest.raises(errors.InvalidParameterValueError, match=r"^stdev must be at least 0, not -1$"):
            sim.NoisyCurrentSource(stdev=-1.0)
