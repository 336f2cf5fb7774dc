"""Exactly integrated neurons against their closed-form solutions; conductances against a fine ODE solution."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from support import single_neuron

from synaptile.swsim.integration.exact import psc_propagator
from synaptile.swsim.neurons.lif import CondExp, CurrDelta, CurrExp

NEVER = 1e6  # mV: a threshold out of reach
MEMBRANE = {
    "v_rest": -65.0,
    "cm": 1.0,
    "tau_m": 20.0,
    "tau_refrac": 2.0,
    "i_offset": 0.0,
    "v_reset": -70.0,
    "v_thresh": -50.0,
}
SYNAPSES = {"tau_syn_E": 5.0, "tau_syn_I": 5.0}
REVERSAL = {"e_rev_E": 0.0, "e_rev_I": -70.0}

taus = st.floats(0.2, 60.0)


def simulate(model, dt, steps, arrivals=(), v0=-65.0):
    """Membrane potential at the grid points 0..steps and the grid points of spikes of a single neuron."""
    traces, spikes = single_neuron.simulate(model, dt, steps, arrivals, v=v0)
    return traces["v"], spikes


def psc(time, tau_m, tau_syn, cm):
    """Potential at ``time`` after a unit current that jumps and decays, with 60 digits: no case needs special care."""
    with localcontext() as context:
        context.prec = 60
        s, m, y, c = (Decimal(x) for x in (time, tau_m, tau_syn, cm))
        if m == y:
            return float(s * (-s / m).exp() / c)
        return float(((-s / y).exp() - (-s / m).exp()) / (1 / m - 1 / y) / c)


def closed_form(p, dt, steps, arrivals, v0, spikes):
    """The potential at all grid points, and before the reset at those of spikes, each from the last reset on."""
    held = round(p["tau_refrac"] / dt)
    trace = np.empty(steps + 1)
    before_reset = {}
    start, v_start = 0, v0
    for step in range(steps + 1):
        if spikes and start < step and step - 1 in spikes:
            start, v_start = step - 1 + held, p["v_reset"]
        if step <= start:
            trace[step] = v_start
            continue
        time = (step - start) * dt
        leak = np.exp(-time / p["tau_m"])
        v = p["v_rest"] + (v_start - p["v_rest"]) * leak + (1 - leak) * p["i_offset"] * p["tau_m"] / p["cm"]
        for at, receptor, weight in arrivals:
            tau = p[("tau_syn_E", "tau_syn_I")[receptor]]
            left = weight * np.exp(-max(0, start - at) * dt / tau)  # of the current when the membrane is free again
            if at < step:
                v += left * psc((step - max(at, start)) * dt, p["tau_m"], tau, p["cm"])
        trace[step] = v
        if step in spikes:
            before_reset[step] = v
            trace[step] = p["v_reset"]
    return trace, before_reset


def assert_agrees(p, dt, steps, arrivals, v0):
    trace, spikes = simulate(CurrExp(p), dt, steps, arrivals, v0)
    expected, before_reset = closed_form(p, dt, steps, arrivals, v0, spikes)
    scale = 1.0 + np.abs(expected).max()
    np.testing.assert_allclose(trace, expected, rtol=0, atol=1e-9 * scale)
    for v in before_reset.values():
        assert v >= p["v_thresh"] - 1e-9 * scale
    quiet = np.delete(expected, spikes)[1:]
    assert (quiet < p["v_thresh"] + 1e-9 * scale).all()
    return spikes


class TestCurrExp:
    @pytest.mark.parametrize("dt", [0.1, 1.0])
    def test_constant_current_from_rest(self, dt):
        p = MEMBRANE | SYNAPSES | {"i_offset": 0.5, "v_thresh": NEVER}
        trace, _ = simulate(CurrExp(p), dt, 500)
        time = np.arange(501) * dt
        np.testing.assert_allclose(trace, -65 + 10 * (1 - np.exp(-time / 20)), rtol=0, atol=1e-9)

    @settings(max_examples=60, deadline=None)
    @given(
        tau_m=taus,
        tau_e=taus,
        tau_i=taus,
        cm=st.floats(0.05, 5.0),
        current=st.floats(-2, 2),
        dt=st.sampled_from([0.1, 0.25, 1.0]),
        v0=st.floats(-90, -51),
        arrivals=st.lists(
            st.tuples(st.integers(1, 60), st.integers(0, 1), st.floats(0, 3)).map(
                lambda a: (a[0], a[1], a[2] if a[1] == 0 else -a[2])
            ),
            max_size=5,
        ),
        thresh=st.sampled_from([-50.0, -45.0, NEVER]),
    )
    @example(20.0, 20.0, 20.0, 1.0, 0.0, 0.1, -65.0, [(3, 0, 2.0), (7, 1, -1.0)], NEVER)
    @example(20.0, 20.0, 20.0, 1.0, 0.0, 1.0, -65.0, [(1, 0, 3.0), (2, 0, 3.0), (30, 1, -1.0)], -50.0)
    @example(20.0, 20.0 * (1 + 1e-13), 20.0 * (1 - 1e-9), 1.0, 0.0, 0.1, -65.0, [(3, 0, 2.0), (7, 1, -1.0)], NEVER)
    def test_closed_form(self, tau_m, tau_e, tau_i, cm, current, dt, v0, arrivals, thresh):
        p = MEMBRANE | {"tau_m": tau_m, "tau_syn_E": tau_e, "tau_syn_I": tau_i, "cm": cm, "i_offset": current}
        assert_agrees(p | {"v_thresh": thresh}, dt, 80, arrivals, v0)

    def test_spiking_with_refractory_period(self):
        p = MEMBRANE | SYNAPSES | {"i_offset": 1.0}
        arrivals = [(40, 0, 1.5), (190, 1, -0.5), (205, 0, 2.0)]
        spikes = assert_agrees(p, 0.1, 600, arrivals, -65.0)
        assert spikes == [145, 358]

    def test_holds_reset_for_the_refractory_period(self):
        p = MEMBRANE | SYNAPSES | {"i_offset": 2.0, "tau_refrac": 1.0}
        trace, spikes = simulate(CurrExp(p), 0.1, 200)
        first = spikes[0]
        assert (trace[first : first + 11] == -70.0).all()
        assert trace[first + 11] > -70.0

    def test_refractory_period_is_the_nearest_number_of_steps(self):
        assert 0.3 / 0.1 < 3  # floating point
        for tau_refrac, held in ((0.3, 3), (0.26, 3), (0.24, 2), (0.0, 0)):
            trace, spikes = simulate(
                CurrExp(MEMBRANE | SYNAPSES | {"i_offset": 2.0, "tau_refrac": tau_refrac}), 0.1, 150
            )
            assert (trace[spikes[0] :] == -70.0).sum() == held + 1

    def test_weight_raises_the_current_at_its_grid_point_and_the_membrane_after_it(self):
        p = MEMBRANE | SYNAPSES
        trace, _ = simulate(CurrExp(p), 0.1, 10, [(4, 0, 1.0)])
        assert (trace[:5] == -65.0).all()
        assert trace[5] > -65.0


class TestPscPropagator:
    @given(taus, taus, st.floats(0.01, 5.0))
    @example(20.0, 20.0, 0.1)
    @example(20.0, np.nextafter(20.0, 21.0), 0.1)
    @example(0.2, 60.0, 5.0)
    def test_against_many_digits(self, tau_m, tau_syn, dt):
        assert psc_propagator(dt, np.array(tau_m), np.array(tau_syn), np.array(1.0)) == pytest.approx(
            psc(dt, tau_m, tau_syn, 1.0), rel=1e-13
        )


class TestCurrDelta:
    @settings(max_examples=60, deadline=None)
    @given(
        tau_m=taus,
        dt=st.sampled_from([0.1, 1.0]),
        current=st.floats(-1, 1),
        arrivals=st.lists(st.tuples(st.integers(1, 40), st.integers(0, 1), st.floats(-8, 8)), max_size=6),
    )
    def test_closed_form(self, tau_m, dt, current, arrivals):
        p = MEMBRANE | {"tau_m": tau_m, "i_offset": current, "v_thresh": NEVER}
        trace, spikes = simulate(CurrDelta(p), dt, 60, arrivals)
        time = np.arange(61) * dt
        expected = -65 + current * tau_m * (1 - np.exp(-time / tau_m))
        for at, _, weight in arrivals:
            expected[at:] += weight * np.exp(-(time[at:] - time[at]) / tau_m)
        assert spikes == []
        np.testing.assert_allclose(trace, expected, rtol=0, atol=1e-9)

    def test_weight_moves_the_membrane_at_its_grid_point(self):
        trace, spikes = simulate(CurrDelta(MEMBRANE), 0.1, 10, [(4, 0, 5.0), (7, 0, 20.0)])
        assert (trace[:4] == -65.0).all()
        assert trace[4] == -60.0
        assert spikes == [7]
        assert trace[7] == -70.0

    def test_weights_during_the_refractory_period_are_lost(self):
        trace, spikes = simulate(
            CurrDelta(MEMBRANE), 0.1, 60, [(1, 0, 20.0), (5, 0, 30.0), (21, 0, 30.0), (22, 0, 30.0)]
        )
        assert spikes == [1, 22]
        assert (trace[1:22] == -70.0).all()


class TestCondExp:
    def test_second_order_towards_the_fine_solution(self):
        p = MEMBRANE | REVERSAL | {"tau_syn_E": 2.0, "tau_syn_I": 8.0, "v_thresh": NEVER, "i_offset": 0.1}

        def slope(time, v):
            exc = 0.02 * np.exp(-(time - 1) / 2.0)
            inh = 0.05 * np.exp(-(time - 1) / 8.0)
            return -(v + 65) / 20 + exc * (0 - v) + inh * (-70 - v) + 0.1

        v1 = -65 + 2.0 * (1 - np.exp(-1 / 20))
        exact = solve_ivp(slope, (1, 21), [v1], method="DOP853", rtol=1e-12, atol=1e-12).y[0, -1]
        errors = []
        for dt in (0.5, 0.25, 0.125):
            arrivals = [(round(1 / dt), 0, 0.02), (round(1 / dt), 1, 0.05)]
            trace, _ = simulate(CondExp(p), dt, round(21 / dt), arrivals)
            errors.append(abs(trace[-1] - exact))
        assert errors[0] < 1e-3
        assert errors[0] / errors[1] == pytest.approx(4, rel=0.1)
        assert errors[1] / errors[2] == pytest.approx(4, rel=0.1)

    def test_exact_without_synapses(self):
        p = MEMBRANE | REVERSAL | SYNAPSES | {"i_offset": 0.5, "v_thresh": NEVER}
        trace, _ = simulate(CondExp(p), 1.0, 100)
        np.testing.assert_allclose(trace, -65 + 10 * (1 - np.exp(-np.arange(101) / 20)), rtol=0, atol=1e-9)

    def test_stays_between_the_reversal_potentials(self):
        p = MEMBRANE | REVERSAL | SYNAPSES | {"v_thresh": NEVER}
        trace, _ = simulate(CondExp(p), 1.0, 50, [(2, 0, 1e3), (20, 1, 1e4)])
        assert trace.max() <= 0.0
        assert trace.min() >= -70.0


class TestRules:
    @pytest.mark.parametrize("model", [CurrExp, CurrDelta, CondExp])
    @pytest.mark.parametrize(
        ("name", "value", "message"),
        [
            ("tau_m", 0.0, "tau_m must be positive and finite, not 0"),
            ("cm", -1.0, "cm must be positive and finite, not -1"),
            ("cm", np.nan, "cm must be positive and finite, not nan"),
            ("tau_refrac", -2.0, "tau_refrac must be at least 0, not -2"),
            ("v_rest", np.inf, "v_rest must be finite, not inf"),
            ("v_reset", -50.0, "v_reset must be below v_thresh, not -50"),
        ],
    )
    def test_membrane(self, model, name, value, message):
        with pytest.raises(ValueError, match=f"^{message}$"):
            model(MEMBRANE | SYNAPSES | REVERSAL | {name: value})

    @pytest.mark.parametrize("model", [CurrExp, CondExp])
    def test_synapses(self, model):
        with pytest.raises(ValueError, match=r"^tau_syn_I must be positive and finite, not 0$"):
            model(MEMBRANE | SYNAPSES | REVERSAL | {"tau_syn_I": 0.0})

    def test_names_the_offending_cell_value(self):
        many = {name: np.full(3, value) for name, value in MEMBRANE.items()} | {"tau_m": np.array([10, -3.5, 20])}
        with pytest.raises(ValueError, match=r"^tau_m must be positive and finite, not -3.5$"):
            CurrDelta(many)
