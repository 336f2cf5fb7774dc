"""Leaky neurons whose conductances vary within a step, against a fine solution with conductances in closed
form."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from support.single_neuron import simulate

from synaptile.swsim.engine.populations import PopulationBlock, banks
from synaptile.swsim.integration.coupled_system import Coupled
from synaptile.swsim.neurons.gif import GIF, Adapting
from synaptile.swsim.neurons.lif import CondAlpha, CondExp, leaky
from synaptile.swsim.neurons.receptors import Receptor

NEVER = 1e6  # mV
CELL = {
    "v_rest": -65.0, "cm": 1.0, "tau_m": 20.0, "tau_refrac": 0.0, "i_offset": 0.1, "v_reset": -65.0, "v_thresh": NEVER,
    "tau_syn_E": 4.0, "tau_syn_I": 6.0, "e_rev_E": 0.0, "e_rev_I": -70.0,
}  # fmt: skip
ADAPTING = CELL | {
    "tau_sfa": 100.0, "e_rev_sfa": -75.0, "q_sfa": 15.0, "tau_rr": 2.0, "e_rev_rr": -80.0, "q_rr": 3000.0,
}  # fmt: skip
GENERALIZED = {name: value for name, value in CELL.items() if name != "v_thresh"} | {
    "delta_v": 0.5, "v_t_star": -48.0, "lambda0": 0.0, "tau_eta": [[3.0, 10.0]], "tau_gamma": [[5.0, 50.0]],
    "a_eta": [[0.5, 0.1]], "a_gamma": [[3.0, 1.0]],
}  # fmt: skip
BETA = leaky(
    tuple(Receptor("beta", f"g_{x}", f"tau_syn_{x}", tau_rise=f"tau_rise_{x}", reversal=f"e_rev_{x}") for x in "EI")
)
RISES = {"tau_rise_E": 2.0, "tau_rise_I": 3.0}
# (ms, receptor, uS), on the grid of every step below.
ARRIVALS = [(0.8, 0, 0.03), (2.4, 1, 0.05), (4.0, 0, 0.1), (4.0, 1, 0.02), (8.0, 1, 0.2), (12.0, 0, 0.05)]
STOP = 16.0


def exp_course(t, tau, rise):
    return np.exp(-t / tau)


def alpha_course(t, tau, rise):
    return t / tau * np.exp(1 - t / tau)


def beta_course(t, tau, rise):
    peak = tau * rise / (tau - rise) * np.log(tau / rise)
    return (np.exp(-t / tau) - np.exp(-t / rise)) / (np.exp(-peak / tau) - np.exp(-peak / rise))


def memory_of_spikes(t, v):
    return 0.05 * np.exp(-t / 100.0) * (v + 75.0) + 0.3 * np.exp(-t / 2.0) * (v + 80.0)


def spike_triggered(t, v):
    return 0.5 * np.exp(-t / 3.0) - 0.1 * np.exp(-t / 10.0)


# Model, parameters, course of a conductance, what else flows out of the cell, initial values.
CASES = {
    "exp": (CondExp, CELL, exp_course, None, {}),
    "alpha": (CondAlpha, CELL, alpha_course, None, {}),
    "beta": (BETA, CELL | RISES, beta_course, None, {}),
    "adapting": (Adapting, ADAPTING, exp_course, memory_of_spikes, {"g_s": 50.0, "g_r": 300.0}),
    "generalized": (GIF, GENERALIZED, exp_course, spike_triggered, {}),
}


def truth(case, times):
    _, p, course, outflow, _ = CASES[case]
    found, y = np.empty(len(times)), [-65.0]
    for begin, end in pairwise(sorted({0.0, *(at for at, _, _ in ARRIVALS), STOP})):

        def slope(t, y, begin=begin):
            flow = p["cm"] / p["tau_m"] * (y[0] - p["v_rest"]) - p["i_offset"]
            for at, receptor, weight in ARRIVALS:
                if at <= begin:
                    x = "EI"[receptor]
                    g = weight * course(t - at, p[f"tau_syn_{x}"], p.get(f"tau_rise_{x}"))
                    flow += g * (y[0] - p[f"e_rev_{x}"])
            if outflow is not None:
                flow += outflow(t, y[0])
            return [-flow / p["cm"]]

        inside = (times >= begin - 1e-9) & (times <= end + 1e-9)
        piece = np.clip(times[inside], begin, end)
        run = solve_ivp(slope, (begin, end), y, "DOP853", piece, rtol=1e-13, atol=1e-12)
        found[inside] = run.y[0]
        y = [run.y[0, -1]]
    return found


def worst(case, method, dt):
    """The largest difference from the truth at a grid point."""
    model_type, parameters, _, _, initial = CASES[case]
    model = model_type(parameters)
    model.choose(method)
    if case == "generalized":
        model.hidden["eta"][:] = [[0.5, -0.1]]
    steps = round(STOP / dt)
    traces, spikes = simulate(model, dt, steps, [(round(at / dt), r, w) for at, r, w in ARRIVALS], v=-65.0, **initial)
    assert not spikes
    return np.abs(traces["v"] - truth(case, np.arange(steps + 1) * dt)).max()


@pytest.mark.parametrize("case", CASES)
class TestAgainstAFineSolution:
    def test_exponential_euler_is_of_order_2(self, case):
        coarse, fine = (worst(case, "exponential euler", dt) for dt in (0.2, 0.1))
        assert coarse / fine == pytest.approx(4, rel=0.1)
        assert fine < 2e-3

    def test_rk4_is_of_order_4(self, case):
        coarse, fine = (worst(case, "rk4", dt) for dt in (0.2, 0.1))
        assert coarse / fine == pytest.approx(16, rel=0.15)
        assert fine < 2e-5

    def test_a_substep_of_adaptive_is_of_order_5(self, case, monkeypatch):
        monkeypatch.setattr(Coupled.by("adaptive"), "TOLERANCES", (np.inf, np.inf))
        coarse, fine = (worst(case, "adaptive", dt) for dt in (0.4, 0.2))
        assert 26 < coarse / fine < 70  # 32 and more: with both time constants alike the next order shows, too
        assert fine < 1e-6

    @pytest.mark.parametrize("dt", [0.1, 0.8])
    def test_adaptive_keeps_to_its_tolerance_at_any_step(self, case, dt):
        assert worst(case, "adaptive", dt) < 2e-6


@pytest.mark.parametrize("method", ["rk4", "adaptive"])
class TestFiring:
    def test_threshold_reset_and_refractory_period(self, method):
        p = CELL | {"v_thresh": -50.0, "v_reset": -68.0, "i_offset": 2.0, "tau_refrac": 2.0}
        model = CondExp(p)
        model.choose(method)
        traces, spikes = simulate(model, 0.1, 600, [(50, 0, 0.05)], v=-65.0)
        _, expected = simulate(CondExp(p), 0.1, 600, [(50, 0, 0.05)], v=-65.0)
        assert spikes == expected
        assert len(spikes) > 3
        for step in spikes[:-1]:
            assert (traces["v"][step : step + 21] == -68.0).all()
            assert traces["v"][step + 21] > -68.0

    def test_own_spikes_act(self, method):
        p = ADAPTING | {"v_thresh": -50.0, "i_offset": 2.0}
        model = Adapting(p)
        model.choose(method)
        _, spikes = simulate(model, 0.05, 4000, v=-65.0)
        _, expected = simulate(Adapting(p), 0.05, 4000, v=-65.0)
        assert len(spikes) == len(expected) > 3
        np.testing.assert_allclose(spikes, expected, atol=1)

    def test_a_neuron_does_not_depend_on_the_others(self, method):
        random = np.random.default_rng(1)
        values = {name: np.full(9, value) for name, value in (CELL | {"v_thresh": -55.0}).items()}
        values["tau_m"] = random.uniform(5, 30, 9)
        many = CondExp(values)
        one = CondExp({name: value[4] for name, value in values.items()})
        for model in (many, one):
            model.choose(method)
            model.prepare(0.1)
            model.state["v"][:] = -65.0
        for _ in range(200):
            arriving = random.exponential(0.02, (2, 9))
            many.advance(arriving, None)
            one.advance(arriving[:, 4:5], None)
            assert one.state["v"][0] == many.state["v"][4]


def test_models_of_unlike_methods_lie_apart_and_those_of_like_ones_keep_theirs():
    models = [CondExp(CELL) for _ in range(4)]
    models[1].choose("rk4")
    models[3].choose("rk4")
    found = banks([PopulationBlock(k, k + 1, model) for k, model in enumerate(models)])
    assert [(bank.model.method, bank.neurons.tolist()) for bank in found] == [
        ("exponential euler", [0, 2]),
        ("rk4", [1, 3]),
    ]


def test_a_method_that_there_is_not():
    with pytest.raises(
        ValueError, match=r"^integration must be 'exponential euler', 'rk4' or 'adaptive', not 'exact'$"
    ):
        CondExp(CELL).choose("exact")
