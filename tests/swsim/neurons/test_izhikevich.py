import numpy as np
import pytest
from scipy.integrate import solve_ivp
from support import single_neuron

from synaptile.swsim.neurons.izhikevich import Izhikevich, Izhikevich9

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


def four_slope(t, y):
    v, u = y
    return [0.04 * v * v + 5.0 * v + 140.0 - u + 2.0, 0.02 * (0.2 * v - u)]


def nine_slope(t, y):
    v, u = y
    return [(0.7 * (v + 60.0) * (v + 40.0) - u + 40.0) / 100.0, 0.03 * (-2.0 * (v + 60.0) - u)]


def with_rk4(model):
    model.choose("rk4")
    return model


class TestRK4:
    @pytest.mark.parametrize(
        ("model", "parameters", "slope", "start", "error"),
        [
            (Izhikevich, REGULAR | {"i_offset": 0.0}, four_slope, (-75.0, -13.0), 1e-6),
            (Izhikevich9, NINE | {"i_offset": 0.0}, nine_slope, (-65.0, 5.0), 1e-8),
        ],
    )
    def test_order_below_threshold(self, model, parameters, slope, start, error):
        current = {Izhikevich: 0.002, Izhikevich9: 0.04}[model]
        exact = solve_ivp(slope, (0, 6), start, rtol=1e-12, atol=1e-13).y[:, -1]
        errors = []
        for dt in (0.2, 0.1):
            traces, spikes = single_neuron.simulate(
                with_rk4(model(parameters)), dt, round(6 / dt), (), current, ("v", "u"), v=start[0], u=start[1]
            )
            assert not spikes
            errors.append([abs(traces["v"][-1] - exact[0]), abs(traces["u"][-1] - exact[1])])
        assert errors[1][0] < error
        assert np.log2(np.divide(*errors)) == pytest.approx([4, 4], abs=0.3)

    @pytest.mark.parametrize(("model", "parameters"), [(Izhikevich, REGULAR), (Izhikevich9, NINE)])
    def test_spikes_are_those_of_fine_steps(self, model, parameters):
        start = {"v": -60.0, "u": -13.0 if model is Izhikevich else 0.0}
        _, fine = single_neuron.simulate(model(parameters), 0.005, 40_000, **start)
        _, spikes = single_neuron.simulate(with_rk4(model(parameters)), 0.1, 2000, **start)
        assert len(spikes) == len(fine) > 2
        # Each is found at the end of its step, and Euler steps of 0.005 ms are some 0.1 ms late after 100 ms.
        late = np.array(spikes) * 0.1 - np.array(fine) * 0.005
        assert (np.diff(late, prepend=0.0) > -0.3).all()
        assert (np.diff(late, prepend=0.0) < 0.3).all()

    def test_the_apex_is_that_of_the_euler_method(self):
        model = with_rk4(Izhikevich(REGULAR))
        traces, spikes = single_neuron.simulate(model, 0.5, 400, [(4, 0, 1e6)], v=-65.0, u=-13.0, record=("v", "u"))
        assert traces["v"].max() < 30.0  # at a spike the reset has been done
        assert spikes[0] == 4
        assert traces["v"][4] == -65.0
        assert len(spikes) > 2
        before, after = traces["u"][np.array(spikes) - 1], traces["u"][spikes]
        assert (after - before - 8.0 < 0.02 * 0.2 * 95 * 0.5 + 0.1).all()

    def test_substeps_are_of_at_most_half_a_millisecond(self):
        whole, _ = single_neuron.simulate(with_rk4(Izhikevich(REGULAR)), 1.0, 3, v=-70.0, u=-14.0)
        halves, _ = single_neuron.simulate(with_rk4(Izhikevich(REGULAR)), 0.5, 6, v=-70.0, u=-14.0)
        assert whole["v"].tolist() == halves["v"][::2].tolist()
