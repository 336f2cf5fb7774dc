"""Courses of receptors against their closed forms, and against integrals done with care."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.integrate import quad

from synaptile.swsim.integration.exact import psc_rise_propagator, share
from synaptile.swsim.neurons.receptors import Receptor

taus = st.floats(0.2, 60.0)
steps = st.sampled_from([0.01, 0.1, 1.0])
SHAPES = ("exp", "alpha", "beta")


def receptor(shape):
    return Receptor(shape, "g", "tau", "rise" if shape == "beta" else None)


def closed_form(shape, time, tau, rise):
    """The response to a unit weight at time 0, by the formula."""
    if shape == "exp":
        return np.exp(-time / tau)
    if shape == "alpha":
        return time / tau * np.exp(1 - time / tau)
    peak = np.log(tau / rise) / (1 / rise - 1 / tau)
    return (np.exp(-time / tau) - np.exp(-time / rise)) / (np.exp(-peak / tau) - np.exp(-peak / rise))


def respond(shape, dt, tau, rise, count):
    """g and its mean over the following step at grid points 0..count after a unit weight."""
    course = receptor(shape).course({"tau": np.array([tau]), "rise": np.array([rise])}, dt)
    g, x = np.zeros(1), np.zeros(1)
    if course.rise_step is None:
        g += 1.0
    else:
        x += course.rise_step
    values, means = [], []
    for _ in range(count + 1):
        values.append(g[0])
        mean = course.mean * g
        if course.mean_rise is not None:
            mean = mean + course.mean_rise * x
        means.append(mean[0])
        g = course.decay * g
        if course.feed is not None:
            g = g + course.feed * x
            x = course.rise_decay * x
    return np.array(values), np.array(means)


class TestCourse:
    @pytest.mark.parametrize("shape", SHAPES)
    @given(dt=steps, tau=taus, ratio=st.floats(0.02, 0.9))
    def test_closed_form(self, shape, dt, tau, ratio):
        values, means = respond(shape, dt, tau, ratio * tau, 20)
        time = np.arange(21) * dt
        np.testing.assert_allclose(values, closed_form(shape, time, tau, ratio * tau), rtol=1e-9, atol=1e-11)
        for k in (0, 7):
            area = quad(lambda t: closed_form(shape, t, tau, ratio * tau), k * dt, (k + 1) * dt, epsabs=1e-13)[0]
            assert means[k] == pytest.approx(area / dt, rel=1e-7, abs=1e-11)

    @pytest.mark.parametrize("shape", SHAPES)
    def test_the_peak_is_the_weight(self, shape):
        values, _ = respond(shape, 0.001, 2.0, 0.5, 5000)
        assert values.max() == pytest.approx(1.0, abs=1e-6)


class TestPotential:
    @pytest.mark.parametrize("shape", SHAPES)
    @given(dt=steps, tau_m=taus, tau=taus, ratio=st.floats(0.05, 0.9))
    @example(dt=0.1, tau_m=20.0, tau=20.0, ratio=0.5)
    @example(dt=0.1, tau_m=20.0, tau=20.0 * (1 + 1e-12), ratio=0.5)
    def test_convolution(self, shape, dt, tau_m, tau, ratio):
        p = {"tau": np.array([tau]), "rise": np.array([ratio * tau])}
        per_unit, per_rise = receptor(shape).potential(p, dt, np.array([tau_m]), np.array([0.5]))
        course = receptor(shape).course(p, dt)
        assert per_unit[0] == pytest.approx(
            quad(lambda s: np.exp(-(dt - s) / tau_m - s / tau), 0, dt, epsabs=1e-14)[0] / 0.5, rel=1e-9
        )
        if shape != "exp":
            moved = course.rise_step[0] * per_rise[0]
            expected = quad(
                lambda s: np.exp(-(dt - s) / tau_m) * closed_form(shape, s, tau, ratio * tau), 0, dt, epsabs=1e-14
            )[0]
            assert moved == pytest.approx(expected / 0.5, rel=1e-6)

    @given(tau=taus, dt=steps)
    def test_equal_time_constants(self, tau, dt):
        exact = dt * dt / 2 * np.exp(-dt / tau)
        one = np.array([tau])
        assert psc_rise_propagator(dt, one, one, np.ones(1))[0] == pytest.approx(exact, rel=1e-13)
        near = psc_rise_propagator(dt, one, one * (1 + 1e-9), np.ones(1))[0]
        assert near == pytest.approx(exact, rel=1e-8)


def test_share_at_zero():
    assert share(np.array([0.0, 1.0])) == pytest.approx([1.0, 1 - np.exp(-1)])


class TestRules:
    def check(self, **values):
        for rule in Receptor("beta", "g", "tau_decay", "tau_rise", "e_syn").rules:
            rule({"tau_decay": np.array([2.0]), "tau_rise": np.array([1.0]), "e_syn": np.array([0.0])} | values)

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"tau_rise": np.array([2.0])}, "tau_rise must be below tau_decay, not 2"),
            ({"tau_rise": np.array([0.0])}, "tau_rise must be positive and finite, not 0"),
            ({"tau_decay": np.array([np.nan])}, "tau_decay must be positive and finite, not nan"),
            ({"e_syn": np.array([np.inf])}, "e_syn must be finite, not inf"),
        ],
    )
    def test_values(self, values, message):
        self.check()
        with pytest.raises(ValueError, match=f"^{message}$"):
            self.check(**values)
