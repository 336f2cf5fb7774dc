import numpy as np
import pytest

from synaptile.swsim.izhikevich import Izhikevich, Izhikevich9

REGULAR = {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0, "i_offset": 0.01}


def published_loop(steps, current):
    """The loop of the paper's program: v in two half-steps of 0.5 ms, u in steps of 1 ms, one neuron."""
    v, u, trace, spikes = -70.0, -14.0, [], []
    for step in range(1, steps + 1):
        for _ in range(2):
            v = min(30.0, v + 0.5 * (0.04 * v * v + 5 * v + 140 - u + current))
        u += 0.02 * (0.2 * v - u)
        if v >= 30:
            spikes.append(step)
            v, u = -65.0, u + 8.0
        trace.append((v, u))
    return np.array(trace), spikes


def simulate(dt, steps, arrivals=None, **changes):
    model = Izhikevich(REGULAR | changes)
    model.prepare(dt)
    model.state["v"][:], model.state["u"][:] = -70.0, -14.0
    trace, spikes = [], []
    for step in range(1, steps + 1):
        arriving = np.zeros((2, 1))
        arriving[0] = (arrivals or {}).get(step, 0.0)
        if len(model.advance(arriving, None)):
            spikes.append(step)
        trace.append((model.state["v"][0], model.state["u"][0]))
    return np.array(trace), spikes


def test_published_loop():
    expected, expected_spikes = published_loop(1000, 10.0)
    trace, spikes = simulate(1.0, 1000)
    assert len(spikes) > 10
    assert spikes == expected_spikes
    np.testing.assert_allclose(trace, expected, rtol=1e-12)


def test_rate_hardly_depends_on_the_time_step():
    coarse, fine = len(simulate(1.0, 2000)[1]), len(simulate(0.05, 40000)[1])
    assert coarse == pytest.approx(fine, rel=0.1)


def test_weight_is_a_step_of_v():
    quiet, _ = simulate(1.0, 5, i_offset=0.0)
    kicked, _ = simulate(1.0, 5, {4: 3.0}, i_offset=0.0)
    assert (quiet[:3] == kicked[:3]).all()
    assert kicked[3, 0] - quiet[3, 0] == pytest.approx(3.0)


def test_weight_that_reaches_the_apex_fires_at_its_grid_point():
    trace, spikes = simulate(1.0, 6, {4: 120.0}, i_offset=0.0)
    assert spikes == [4]
    assert trace[3, 0] == -65.0


def test_inhibition_at_the_grid_point_of_a_spike_does_not_prevent_it():
    _, spikes = simulate(1.0, 1000)
    _, inhibited = simulate(1.0, spikes[0], {spikes[0]: -20.0})
    assert inhibited == [spikes[0]]


def test_strong_input_stays_finite():
    trace, spikes = simulate(5.0, 50, {3: 1e6}, i_offset=10.0)
    assert len(spikes) > 40
    assert np.isfinite(trace).all()


def test_electrode_current_is_an_offset():
    model = Izhikevich(REGULAR | {"i_offset": 0.0})
    twin = Izhikevich(REGULAR)
    for neuron, current in ((model, np.array([0.01])), (twin, None)):
        neuron.prepare(1.0)
        for _ in range(100):
            neuron.advance(np.zeros((2, 1)), current)
    assert model.state["v"] == pytest.approx(twin.state["v"])


def test_parameters_must_be_finite():
    with pytest.raises(ValueError, match=r"^d must be finite, not nan$"):
        Izhikevich(REGULAR | {"d": np.nan})


NINE = {
    "C": 100.0, "k": 0.7, "v_r": -60.0, "v_t": -40.0, "v_peak": 35.0, "a": 0.03, "b": -2.0, "c": -50.0, "d": 100.0,
    "i_offset": 0.1,
}  # fmt: skip


def nine(dt, steps, v=-60.0, arrivals=None, **changes):
    model = Izhikevich9(NINE | changes)
    model.prepare(dt)
    model.state["v"][:] = v
    trace, spikes = [v], []
    for step in range(1, steps + 1):
        arriving = np.zeros((2, 1))
        arriving[0] = (arrivals or {}).get(step, 0.0)
        if len(model.advance(arriving, None)):
            spikes.append(step)
        trace.append(float(model.state["v"][0]))
    return np.array(trace), spikes, model


class TestNineParameters:
    def test_the_program_of_the_book(self):
        # Its loop for the regular spiking neuron, figure 8.12: Euler steps of 1 ms, 100 pA. Ours takes v in halves.
        v, u, expected = -60.0, 0.0, []
        for step in range(1, 1001):
            for _ in range(2):
                v = min(35.0, v + 0.5 * (0.7 * (v + 60) * (v + 40) - u + 100) / 100)
            u += 0.03 * (-2 * (v + 60) - u)
            if v >= 35:
                expected.append(step)
                v, u = -50.0, u + 100
        assert len(expected) > 5
        assert nine(1.0, 1000)[1] == expected

    @pytest.mark.parametrize("start", [-75.0, -50.0, -40.5])
    def test_without_recovery_it_is_the_logistic_curve(self, start):
        # C v' = k (v - v_r)(v - v_t): (v - v_t)/(v - v_r) grows as exp(k (v_t - v_r) t / C).
        def at(t):
            ratio = (start + 40.0) / (start + 60.0) * np.exp(0.7 * 20.0 * t / 100.0)
            return (-40.0 + 60.0 * ratio) / (1.0 - ratio)

        errors = []
        for dt in (0.02, 0.01):
            trace, _, _ = nine(dt, round(5.0 / dt), start, a=0.0, b=0.0, i_offset=0.0)
            errors.append(abs(trace[-1] - at(5.0)))
        assert errors[0] < 0.05
        assert errors[0] / errors[1] == pytest.approx(2.0, abs=0.1)

    def test_it_rests_where_the_currents_balance(self):
        # 0.7 (v + 60)(v + 40) = u = b (v + 60) has its stable root at v_r.
        trace, spikes, model = nine(0.5, 4000, -58.0, i_offset=0.0)
        assert spikes == []
        assert trace[-1] == pytest.approx(-60.0, abs=1e-9)
        assert model.state["u"][0] == pytest.approx(0.0, abs=1e-9)

    def test_a_weight_is_a_step_of_v_and_may_fire(self):
        plain, _, _ = nine(0.5, 5, i_offset=0.0)
        kicked, _, _ = nine(0.5, 5, arrivals={4: 3.0}, i_offset=0.0)
        assert kicked[4] - plain[4] == pytest.approx(3.0)
        trace, spikes, model = nine(0.5, 5, arrivals={4: 200.0}, i_offset=0.0)
        assert spikes == [4]
        assert trace[4] == -50.0
        assert model.state["u"][0] > 90.0

    def test_refused(self):
        with pytest.raises(ValueError, match=r"^C must be positive and finite, not 0$"):
            Izhikevich9(NINE | {"C": 0.0})
        with pytest.raises(ValueError, match=r"^c must be below v_peak, not 35$"):
            Izhikevich9(NINE | {"c": 35.0})
