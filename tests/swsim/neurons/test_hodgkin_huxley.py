import numpy as np
import pytest
from scipy.integrate import solve_ivp
from support.single_neuron import simulate

from synaptile.swsim.neurons.hodgkin_huxley import HodgkinHuxley

CELL = {
    "gbar_Na": 20.0, "gbar_K": 6.0, "g_leak": 0.01, "cm": 0.2, "v_offset": -63.0, "e_rev_Na": 50.0, "e_rev_K": -90.0,
    "e_rev_leak": -65.0, "e_rev_E": 0.0, "e_rev_I": -80.0, "tau_syn_E": 0.2, "tau_syn_I": 2.0, "i_offset": 0.0,
}  # fmt: skip
REST = {"v": -65.0, "m": 0.0, "h": 1.0, "n": 0.0}


def slope(current):
    """The rates as they are printed, singularities and all."""

    def f(t, y):
        v, m, h, n = y
        u = v + 63.0
        am, bm = 0.32 * (13 - u) / (np.exp((13 - u) / 4) - 1), 0.28 * (u - 40) / (np.exp((u - 40) / 5) - 1)
        ah, bh = 0.128 * np.exp((17 - u) / 18), 4 / (1 + np.exp((40 - u) / 5))
        an, bn = 0.032 * (15 - u) / (np.exp((15 - u) / 5) - 1), 0.5 * np.exp((10 - u) / 40)
        dv = (current - 0.01 * (v + 65) - 20 * m**3 * h * (v - 50) - 6 * n**4 * (v + 90)) / 0.2
        return [dv, am * (1 - m) - bm * m, ah * (1 - h) - bh * h, an * (1 - n) - bn * n]

    return f


@pytest.mark.parametrize("dt", [0.01, 0.1])
def test_against_a_fine_solution(dt):
    traces, spikes = simulate(HodgkinHuxley(CELL), dt, round(20 / dt), current=1.0, **REST)
    exact = solve_ivp(slope(1.0), (0, 20), list(REST.values()), rtol=1e-10, atol=1e-12, dense_output=True)
    time = np.arange(round(20 / dt) + 1) * dt
    np.testing.assert_allclose(traces["v"], exact.sol(time)[0], rtol=0, atol=0.02)
    # One spike per action potential: at the first grid point after its peak.
    fine = np.arange(0, 20, 0.001)
    v = exact.sol(fine)[0]
    peaks = fine[1:-1][(v[1:-1] > v[:-2]) & (v[1:-1] >= v[2:]) & (v[1:-1] > -33)]
    assert len(spikes) == len(peaks) > 2
    late = np.array(spikes) * dt - peaks
    assert (late > 0).all()
    assert (late <= 2 * dt + 0.002).all()


class TestMethods:
    """Against the adaptive one, which is held against a fine solution above."""

    def driven(self, method, dt, current=1.0, start=REST, stop=50.0):
        model = HodgkinHuxley(CELL)
        model.choose(method)
        return simulate(model, dt, round(stop / dt), current=current, record=("v", "m", "h", "n"), **start)

    def test_rk4_has_the_same_spikes(self):
        for dt in (0.1, 0.05):
            expected, times = self.driven("adaptive", dt)
            traces, spikes = self.driven("rk4", dt)
            assert spikes == times
            assert len(spikes) == 7
            np.testing.assert_allclose(traces["v"], expected["v"], rtol=0, atol=0.5)
            for gate in "mhn":
                np.testing.assert_allclose(traces[gate], expected[gate], rtol=0, atol=0.005)

    @pytest.mark.parametrize(("dt", "late"), [(0.1, 1.2), (0.05, 0.25), (0.025, 0.05)])
    def test_exponential_euler_falls_behind_by_ever_less(self, dt, late):
        _, expected = self.driven("adaptive", dt, stop=48.0)
        _, spikes = self.driven("exponential euler", dt, stop=48.0)
        assert len(spikes) == len(expected) == 6
        lag = (np.array(spikes) - expected) * dt
        assert lag[0] <= 0.1 + 1e-9
        assert (lag >= 0).all()
        assert lag[-1] <= late + 1e-9

    @pytest.mark.parametrize(
        ("method", "dt", "order", "error"), [("rk4", 0.02, 4, 1e-5), ("exponential euler", 0.05, 2, 3e-3)]
    )
    def test_order_below_threshold(self, method, dt, order, error):
        start = {"v": -65.0, "m": 0.05, "h": 0.6, "n": 0.3}
        exact = solve_ivp(slope(0.02), (0, 5), list(start.values()), rtol=1e-12, atol=1e-13).y[0, -1]
        errors = [
            abs(self.driven(method, step, current=0.02, start=start, stop=5.0)[0]["v"][-1] - exact)
            for step in (dt, dt / 2)
        ]
        assert errors[0] < error
        assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.35)

    def test_exponential_euler_is_stable_at_any_step(self):
        for dt in (1.0, 5.0):
            traces, _ = self.driven("exponential euler", dt, current=5.0)
            assert (np.abs(traces["v"]) < 700.0).all()
            for gate in "mhn":
                assert ((traces[gate] >= 0) & (traces[gate] <= 1)).all()


def test_rates_at_their_singularities():
    for v in (-50.0, -23.0, -48.0):
        traces, _ = simulate(HodgkinHuxley(CELL), 0.1, 1, **(REST | {"v": v}))
        assert np.isfinite(traces["v"]).all()


def test_quiet_without_input():
    _, spikes = simulate(HodgkinHuxley(CELL | {"i_offset": 0.0}), 0.1, 500, **(REST | {"m": 0.05, "h": 0.6, "n": 0.3}))
    assert spikes == []


def test_excitation_fires_and_inhibition_does_not():
    start = REST | {"m": 0.05, "h": 0.6, "n": 0.3}
    _, excited = simulate(HodgkinHuxley(CELL), 0.1, 200, [(100, 0, 0.5)], **start)
    _, inhibited = simulate(HodgkinHuxley(CELL), 0.1, 200, [(100, 1, 0.5)], **start)
    assert len(excited) == 1
    assert excited[0] > 100
    assert inhibited == []


def test_rules():
    with pytest.raises(ValueError, match=r"^cm must be positive and finite, not 0$"):
        HodgkinHuxley(CELL | {"cm": 0.0})
    with pytest.raises(ValueError, match=r"^gbar_Na must be at least 0, not -1$"):
        HodgkinHuxley(CELL | {"gbar_Na": -1.0})
