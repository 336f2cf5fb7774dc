import numpy as np
import pytest
from scipy.integrate import solve_ivp
from support.single_neuron import simulate

from synaptile.swsim.base.random_streams import streams
from synaptile.swsim.neurons.gif import GIF, Adapting
from synaptile.swsim.neurons.model import merge

MEMBRANE = {
    "v_rest": -65.0, "cm": 1.0, "tau_m": 20.0, "tau_refrac": 2.0, "i_offset": 0.0, "v_reset": -65.0, "tau_syn_E": 5.0,
    "tau_syn_I": 5.0, "e_rev_E": 0.0, "e_rev_I": -70.0,
}  # fmt: skip
ADAPTING = MEMBRANE | {
    "v_thresh": -50.0, "tau_sfa": 100.0, "e_rev_sfa": -75.0, "q_sfa": 15.0, "tau_rr": 2.0, "e_rev_rr": -75.0,
    "q_rr": 3000.0,
}  # fmt: skip
GENERALIZED = MEMBRANE | {
    "delta_v": 0.5, "v_t_star": -48.0, "lambda0": 1.0, "tau_eta": [[1.0, 10.0]], "tau_gamma": [[5.0, 50.0]],
    "a_eta": [[0.5, 0.1]], "a_gamma": [[3.0, 1.0]],
}  # fmt: skip


class TestAdapting:
    def test_memory_of_spikes(self):
        traces, spikes = simulate(Adapting(ADAPTING), 0.1, 1500, current=1.5, record=("v", "g_s", "g_r"), v=-65.0)
        assert len(spikes) > 2
        time = np.arange(1501)
        for name, tau, jump in (("g_s", 100.0, 15.0), ("g_r", 2.0, 3000.0)):
            expected = sum(np.where(time >= s, jump * np.exp(-(time - s) * 0.1 / tau), 0.0) for s in spikes)
            np.testing.assert_allclose(traces[name], expected, rtol=1e-9)
        assert (np.diff(spikes)[1:] > np.diff(spikes)[:-1]).all()

    def test_second_order_in_the_effect_of_the_memory(self):
        p = ADAPTING | {"v_thresh": 1e6}

        def slope(t, v):
            s, r = 0.05 * np.exp(-t / 100.0), 0.3 * np.exp(-t / 2.0)
            return -(v + 65) / 20 - (s + r) * (v + 75) + 1.5

        exact = solve_ivp(slope, (0, 10), [-60.0], rtol=1e-11, atol=1e-11).y[0, -1]
        errors = []
        for dt in (0.5, 0.25):
            model = Adapting(p)
            traces, _ = simulate(model, dt, round(10 / dt), current=1.5, v=-60.0, g_s=50.0, g_r=300.0)
            errors.append(abs(traces["v"][-1] - exact))
        assert errors[0] < 1e-2
        assert errors[0] / errors[1] == pytest.approx(4, rel=0.2)


class TestGeneralized:
    def test_rate_at_a_constant_potential(self):
        n = 400
        p = {name: np.repeat(np.atleast_2d(value), n, axis=0) for name, value in GENERALIZED.items()}
        p = {name: value if name in GIF.VECTORS else value[:, 0] for name, value in p.items()}
        p |= {"v_t_star": np.full(n, -64.0), "lambda0": np.full(n, 50.0), "tau_refrac": np.zeros(n)}
        p |= {name: np.zeros((n, 2)) for name in ("a_eta", "a_gamma")}
        model = GIF(p)
        model.prepare(0.1)
        model.state["v"][:] = -65.0
        model.stream[:] = streams(np.random.SeedSequence(1), n)
        count = sum(len(model.advance(np.zeros((2, n)), None)) for _ in range(2000))
        expected = n * 2000 * -np.expm1(-50.0 * np.exp(-1.0 / 0.5) * 0.1 / 1000)
        assert abs(count - expected) < 4 * np.sqrt(expected)

    def test_memory_of_spikes(self):
        p = GENERALIZED | {"lambda0": 1e9}
        traces, spikes = simulate(GIF(p), 0.1, 400, current=1.0, record=("v", "v_t", "i_eta"), v=-65.0)
        assert len(spikes) > 1
        time = np.arange(401)
        threshold, eta = np.full(401, -48.0), np.zeros(401)
        for s in spikes:
            late = np.where(time >= s, (time - s) * 0.1, np.inf)
            threshold += 3.0 * np.exp(-late / 5.0) + np.exp(-late / 50.0)
            eta += 0.5 * np.exp(-late / 1.0) + 0.1 * np.exp(-late / 10.0)
        np.testing.assert_allclose(traces["v_t"][1:], threshold[1:], rtol=1e-12)
        np.testing.assert_allclose(traces["i_eta"], eta, rtol=1e-9)

    def test_never_fires_while_refractory(self):
        p = GENERALIZED | {"lambda0": 1e300, "a_gamma": [[0.0, 0.0]]}
        _, spikes = simulate(GIF(p), 0.1, 200, v=-65.0)
        assert np.diff(spikes).tolist() == [21] * 9

    def test_spike_triggered_current_leaves_the_cell(self):
        model = GIF(GENERALIZED | {"lambda0": 0.0})
        model.prepare(0.1)
        model.state["v"][:] = -65.0
        model.hidden["eta"][:] = [[0.5, 0.1]]
        for _ in range(100):
            model.advance(np.zeros((2, 1)), None)
        exact = solve_ivp(
            lambda t, v: -(v + 65) / 20 - 0.5 * np.exp(-t) - 0.1 * np.exp(-t / 10), (0, 10), [-65.0], rtol=1e-11
        ).y[0, -1]
        assert model.state["v"][0] == pytest.approx(exact, abs=1e-3)

    def test_a_neuron_draws_the_same_numbers_wherever_it_lies(self):
        def alone(stream):
            model = GIF(GENERALIZED | {"i_offset": 1.0})
            model.stream[:] = stream
            return simulate(model, 0.1, 3000, v=-65.0)[1]

        keys = streams(np.random.SeedSequence(3), 2)
        models = [GIF(GENERALIZED | {"i_offset": 1.0}) for _ in range(2)]
        for model, key in zip(models, keys, strict=True):
            model.stream[:] = key
        both = merge(models)
        both.prepare(0.1)
        both.state["v"][:] = -65.0
        spikes = [[], []]
        for step in range(1, 3001):
            for neuron in both.advance(np.zeros((2, 2)), None):
                spikes[neuron].append(step)
        assert spikes == [alone(key) for key in keys]
        assert spikes[0] != spikes[1]

    def test_models_with_other_numbers_of_elements_are_of_another_kind(self):
        other = {"tau_eta": [[1.0]], "a_eta": [[1.0]]}
        assert GIF(GENERALIZED).kind == GIF(GENERALIZED | {"i_offset": 2.0}).kind
        assert GIF(GENERALIZED).kind != GIF(GENERALIZED | other).kind

    def test_rules(self):
        message = r"^a_eta must have as many elements as tau_eta, that is 2, not 3$"
        with pytest.raises(ValueError, match=message):
            GIF(GENERALIZED | {"a_eta": [[1.0, 2.0, 3.0]]})
        with pytest.raises(ValueError, match=r"^delta_v must be positive and finite, not 0$"):
            GIF(GENERALIZED | {"delta_v": 0.0})
