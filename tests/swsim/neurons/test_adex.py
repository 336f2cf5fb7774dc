"""The adaptive exponential neuron against a fine solution of its equations."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from support.single_neuron import simulate

from synaptile.swsim.neurons.adex import AdExCondAlpha, AdExCondExp

CELL = {
    "cm": 0.281, "tau_refrac": 0.0, "v_spike": -40.0, "v_reset": -70.6, "v_rest": -70.6, "tau_m": 9.3667,
    "i_offset": 0.0, "a": 4.0, "b": 0.0805, "delta_T": 2.0, "tau_w": 144.0, "v_thresh": -50.4, "e_rev_E": 0.0,
    "tau_syn_E": 5.0, "e_rev_I": -80.0, "tau_syn_I": 5.0,
}  # fmt: skip


def slope(p, g=lambda t: 0.0, i=0.0):
    leak = p["cm"] / p["tau_m"]

    def f(t, y):
        v, w = y
        onset = leak * p["delta_T"] * np.exp((v - p["v_thresh"]) / p["delta_T"])
        dv = (-leak * (v - p["v_rest"]) + onset - w + i + p["i_offset"] - g(t) * (v - p["e_rev_E"])) / p["cm"]
        return [dv, (p["a"] * 1e-3 * (v - p["v_rest"]) - w) / p["tau_w"]]

    return f


def reference(p, stop, v0):
    """Spike times with every reset at the very time of the spike."""

    def reaches(t, y):
        return y[0] - p["v_spike"]

    reaches.terminal = True
    times, now, y = [], 0.0, [v0, 0.0]
    while True:
        run = solve_ivp(slope(p), (now, stop), y, events=reaches, rtol=1e-10, atol=1e-12)
        if run.status != 1:
            return np.array(times)
        now = float(run.t_events[0][0])
        times.append(now)
        y = [p["v_reset"], run.y_events[0][0][1] + p["b"]]


class TestSpikes:
    @pytest.mark.parametrize("dt", [0.01, 0.1])
    def test_times(self, dt):
        p = CELL | {"i_offset": 1.0}
        expected = reference(p, 100.0, -65.0)
        _, spikes = simulate(AdExCondExp(p), dt, round(100 / dt), v=-65.0)
        assert len(spikes) == len(expected) > 3
        # A spike belongs to the end of its step, and the reset holds to there.
        late = np.array(spikes) * dt - expected
        assert (late > -1e-9).all()
        assert (np.diff(late, prepend=0.0) < 1.05 * dt).all()

    def test_refractory_period_holds_v_but_not_w(self):
        p = CELL | {"i_offset": 1.0, "tau_refrac": 2.0}
        traces, spikes = simulate(AdExCondExp(p), 0.1, 300, record=("v", "w"), v=-65.0)
        first = spikes[0]
        assert (traces["v"][first : first + 21] == -70.6).all()
        assert traces["v"][first + 21] > -70.6
        during = traces["w"][first : first + 21]
        np.testing.assert_allclose(during, during[0] * np.exp(-np.arange(21) * 0.1 / 144.0), rtol=1e-9)
        assert during[0] - traces["w"][first - 1] == pytest.approx(0.0805, abs=0.001)

    def test_without_exponential_term_it_fires_at_the_threshold(self):
        p = CELL | {"delta_T": 0.0, "i_offset": 1.0, "v_spike": 20.0}
        traces, spikes = simulate(AdExCondExp(p), 0.01, 2000, v=-70.6)
        assert spikes
        assert traces["v"].max() < -50.4
        assert traces["v"][spikes[0] - 1] > -50.5

    def test_strong_current_stays_finite(self):
        traces, spikes = simulate(AdExCondExp(CELL), 1.0, 50, current=1e4, record=("v", "w"), v=-70.6)
        assert len(spikes) == 50
        assert np.isfinite(traces["w"]).all()


class TestBelowThreshold:
    def test_without_synapses(self):
        traces, _ = simulate(AdExCondExp(CELL), 0.1, 500, current=0.3, record=("v", "w"), v=-65.0)
        exact = solve_ivp(slope(CELL, i=0.3), (0, 50), [-65.0, 0.0], rtol=1e-11, atol=1e-12).y[:, -1]
        assert traces["v"][-1] == pytest.approx(exact[0], abs=1e-5)
        assert traces["w"][-1] == pytest.approx(exact[1], abs=1e-7)

    @pytest.mark.parametrize(
        ("model", "g"),
        [
            (AdExCondExp, lambda t: 0.01 * np.exp(-(t - 1) / 5.0)),
            (AdExCondAlpha, lambda t: 0.01 * (t - 1) / 5.0 * np.exp(1 - (t - 1) / 5.0)),
        ],
    )
    def test_second_order_in_the_effect_of_synapses(self, model, g):
        start = solve_ivp(slope(CELL), (0, 1), [-65.0, 0.0], rtol=1e-11, atol=1e-12).y[:, -1]
        exact = solve_ivp(slope(CELL, g), (1, 9), start, rtol=1e-11, atol=1e-12).y[0, -1]
        errors = []
        for dt in (0.5, 0.25):
            traces, spikes = simulate(model(CELL), dt, round(9 / dt), [(round(1 / dt), 0, 0.01)], v=-65.0)
            assert not spikes
            errors.append(abs(traces["v"][-1] - exact))
        assert errors[0] < 2e-2
        assert errors[0] / errors[1] == pytest.approx(4, rel=0.15)


class TestRK4:
    def run(self, changes, dt, stop, **arguments):
        model = AdExCondExp(CELL | changes)
        model.choose("rk4")
        return simulate(model, dt, round(stop / dt), v=-65.0, **arguments)

    def test_order_below_threshold(self):
        errors = []
        for dt in (0.8, 0.4):
            traces, _ = self.run({}, dt, 16.0, current=0.3, record=("v", "w"))
            exact = solve_ivp(slope(CELL, i=0.3), (0, 16), [-65.0, 0.0], rtol=1e-12, atol=1e-13).y[:, -1]
            errors.append([abs(traces["v"][-1] - exact[0]), abs(traces["w"][-1] - exact[1])])
        assert np.log2(np.divide(*errors)) == pytest.approx([4, 4], abs=0.4)
        assert errors[1][0] < 1e-6

    def test_like_the_adaptive_one_below_threshold(self):
        arrivals = [(10, 0, 0.01), (200, 1, 0.02)]
        traces, _ = self.run({}, 0.1, 50.0, arrivals=arrivals, record=("v", "w"))
        expected, _ = simulate(AdExCondExp(CELL), 0.1, 500, arrivals, record=("v", "w"), v=-65.0)
        np.testing.assert_allclose(traces["v"], expected["v"], rtol=0, atol=1e-8)
        np.testing.assert_allclose(traces["w"], expected["w"], rtol=0, atol=1e-9)

    @pytest.mark.parametrize("dt", [0.01, 0.1, 0.5])
    def test_as_many_spikes_each_later_by_the_rest_of_its_step(self, dt):
        p = CELL | {"i_offset": 1.0}
        expected = reference(p, 100.0, -65.0)
        _, spikes = self.run({"i_offset": 1.0}, dt, 100.0)
        assert len(spikes) == len(expected)
        late = np.array(spikes) * dt - expected
        assert (late > -1e-9).all()
        assert (np.diff(late, prepend=0.0) < 2.05 * dt).all()

    def test_refractory_period(self):
        traces, spikes = self.run({"i_offset": 1.0, "tau_refrac": 2.0}, 0.1, 30.0)
        first = spikes[0]
        assert (traces["v"][first : first + 21] == -70.6).all()
        assert traces["v"][first + 21] > -70.6


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"v_reset": -40.0}, "v_reset must be below v_spike, not -40"),
        ({"tau_w": 0.0}, "tau_w must be positive and finite, not 0"),
        ({"delta_T": -1.0}, "delta_T must be at least 0, not -1"),
        ({"a": np.nan}, "a must be finite, not nan"),
    ],
)
def test_rules(changes, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        AdExCondExp(CELL | changes)
