"""Short-term plasticity of single synapses against recursions and expectations written out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from synaptile.swsim.base.random_streams import streams
from synaptile.swsim.synapses.edge_list import Synapses
from synaptile.swsim.synapses.ring_buffer import RingBuffer
from synaptile.swsim.synapses.short_term import Quantal, Stochastic, TsodyksMarkram

DT = 0.5


def synapses(n, weight=2.0, delay=1):
    """n synapses from neuron 0 to neurons 1..n."""
    return Synapses(
        np.zeros(n, np.int32),
        np.arange(1, n + 1, dtype=np.int32),
        np.zeros(n, np.int8),
        np.full(n, weight),
        np.full(n, delay, np.int32),
    )


def effects(model, steps):
    """The input that the spikes of neuron 0 at those steps bring, shape (distinct steps, synapses)."""
    n = len(model.synapses)
    tile = np.zeros(n + 1, np.int32)
    line = RingBuffer(n + 1, 1)
    model.prepare(tile, line)
    found = []
    for step in range(max(steps) + 1):
        if step in steps:
            model.arrive(step, line, *np.zeros((2, list(steps).count(step)), np.int32))
        arrived = line.advance()[0, 1:].copy()
        if step in steps:
            found.append(arrived)
        else:
            assert not arrived.any()
    return np.array(found)


def make(model, n=1, /, seed=0, **parameters):
    arrays = {name: np.broadcast_to(np.asarray(value, float), (n,)).copy() for name, value in parameters.items()}
    return model(synapses(n), arrays, DT, streams(np.random.SeedSequence(seed), n))


def resources(times, use, tau_rec, tau_facil, tau_syn):
    """u x at each spike, the equations solved numerically in between."""
    x, y, z, u, last, found = 1.0, 0.0, 0.0, 0.0, None, []
    for time in times:
        if last is not None and time > last:
            h = time - last
            run = solve_ivp(
                lambda t, s: [s[2] / tau_rec, -s[1] / tau_syn, s[1] / tau_syn - s[2] / tau_rec],
                (0, h), [x, y, z], rtol=1e-11, atol=1e-13,
            )  # fmt: skip
            x, y, z = run.y[:, -1]
            u = u * np.exp(-h / tau_facil) if tau_facil > 0 else 0.0
        elif tau_facil == 0:
            u = 0.0
        u += use * (1 - u)
        used = u * x
        x, y, last = x - used, y + used, time
        found.append(used)
    return np.array(found)


class TestTsodyksMarkram:
    @pytest.mark.parametrize(
        ("use", "tau_rec", "tau_facil", "tau_syn"),
        [(0.5, 800.0, 0.0, 3.0), (0.04, 100.0, 1000.0, 3.0), (0.3, 5.0, 20.0, 5.0), (1.0, 2.0, 0.0, 30.0)],
    )
    def test_equations(self, use, tau_rec, tau_facil, tau_syn):
        steps = [2, 10, 11, 40, 41, 42, 200]
        model = make(TsodyksMarkram, U=use, tau_rec=tau_rec, tau_facil=tau_facil, tau_syn=tau_syn)
        expected = 2.0 * resources(np.array(steps) * DT, use, tau_rec, tau_facil, tau_syn)
        np.testing.assert_allclose(effects(model, steps)[:, 0], expected, rtol=1e-8)

    @pytest.mark.parametrize("tau_facil", [0.0, 60.0])
    def test_several_spikes_in_a_step_are_taken_one_after_the_other(self, tau_facil):
        steps = np.array([2, 2, 2, 10, 11, 11, 40, 40, 40, 40, 200])
        model = make(TsodyksMarkram, U=0.3, tau_rec=100.0, tau_facil=tau_facil, tau_syn=3.0)
        single = 2.0 * resources(steps * DT, 0.3, 100.0, tau_facil, 3.0)
        expected = [single[steps == step].sum() for step in np.unique(steps)]
        np.testing.assert_allclose(effects(model, steps.tolist())[:, 0], expected, rtol=1e-8)

    def test_without_a_synaptic_time_constant_the_used_share_recovers_at_once(self):
        model = make(TsodyksMarkram, U=0.5, tau_rec=100.0, tau_facil=0.0, tau_syn=0.0)
        # Markram et al. (1998): x recovers exponentially from what is left of it.
        x, expected = 1.0, []
        for h in (0.0, 5.0, 5.0, 20.0):
            x = 1.0 - (1.0 - x) * np.exp(-h / 100.0)
            expected.append(2.0 * 0.5 * x)
            x *= 0.5
        np.testing.assert_allclose(effects(model, [0, 10, 20, 60])[:, 0], expected, rtol=1e-12)

    def test_restart_and_initial_use(self):
        model = make(TsodyksMarkram, U=0.2, tau_rec=100.0, tau_facil=50.0, tau_syn=3.0)
        first = effects(model, [0, 4, 8])
        model.restart()
        assert (effects(model, [0, 4, 8]) == first).all()

    @given(st.lists(st.integers(1, 50), min_size=1, max_size=8), st.floats(0.01, 1), st.floats(0.1, 100))
    def test_never_uses_more_than_there_is(self, gaps, use, tau_syn):
        model = make(TsodyksMarkram, U=use, tau_rec=50.0, tau_facil=100.0, tau_syn=tau_syn)
        found = effects(model, np.cumsum(gaps).tolist())
        assert (found >= 0).all()
        assert (found <= 2.0).all()


class TestStochastic:
    def test_share_of_transmitted_spikes(self):
        model = make(Stochastic, 400, p=np.linspace(0, 1, 400))
        found = effects(model, list(range(200)))
        assert set(np.unique(found)) == {0.0, 2.0}
        share = found.mean(axis=0) / 2
        assert (share[[0, -1]] == [0, 1]).all()
        assert np.abs(share - np.linspace(0, 1, 400)).max() < 4.5 * 0.5 / np.sqrt(200)

    def test_seed(self):
        runs = [effects(make(Stochastic, n=50, seed=seed, p=0.5), [1, 2, 3]) for seed in (1, 1, 2)]
        assert (runs[0] == runs[1]).all()
        assert (runs[0] != runs[2]).any()


class TestQuantal:
    def test_mean_follows_the_deterministic_synapse(self):
        steps = [0, 10, 20, 30, 300]
        n = 3000
        arrays = {
            "U": np.full(n, 0.3),
            "n": np.full(n, 5.0),
            "tau_rec": np.full(n, 40.0),
            "tau_facil": np.full(n, 60.0),
        }
        model = Quantal(synapses(n), arrays, DT, streams(np.random.SeedSequence(1), n))
        found = effects(model, steps)
        assert set(np.unique(found * 5 / 2).round(9)) <= {0.0, 1.0, 2.0, 3.0, 4.0, 5.0}
        u, x, expected = 0.0, 1.0, []
        for h in np.diff(np.array(steps) * DT, prepend=0.0):
            u = u * np.exp(-h / 60.0)
            u += 0.3 * (1 - u)
            x = 1 - (1 - x) * np.exp(-h / 40.0)
            expected.append(2.0 * u * x)
            x *= 1 - u
        np.testing.assert_allclose(found.mean(axis=1), expected, atol=5 * 2 * 0.5 / np.sqrt(5 * n))

    def test_a_single_site_that_never_recovers_acts_once(self):
        arrays = {"U": np.full(20, 1.0), "n": np.ones(20), "tau_rec": np.full(20, 1e12), "tau_facil": np.zeros(20)}
        found = effects(Quantal(synapses(20), arrays, DT, streams(np.random.SeedSequence(1), 20)), [0, 5, 900])
        assert (found == [[2.0], [0.0], [0.0]]).all()


def test_spikes_that_arrive_together_are_taken_one_after_the_other():
    model = make(TsodyksMarkram, U=0.5, tau_rec=1e9, tau_facil=0.0, tau_syn=1e9)
    line = RingBuffer(2, 1)
    model.prepare(np.zeros(2, np.int32), line)
    model.arrive(3, line, np.zeros(2, np.int32), np.zeros(2, np.int32))
    assert line.advance()[0, 1] == pytest.approx(2.0 * (0.5 + 0.25))


@pytest.mark.parametrize(
    ("model", "values", "message"),
    [
        (TsodyksMarkram, {"U": 1.5}, "U must be in 0..1, not 1.5"),
        (TsodyksMarkram, {"tau_rec": 0.0}, "tau_rec must be positive and finite, not 0"),
        (TsodyksMarkram, {"tau_facil": -1.0}, "tau_facil must be at least 0, not -1"),
        (Stochastic, {"p": -0.1}, "p must be in 0..1, not -0.1"),
        (Quantal, {"n": 1.5}, "n must be a whole number of at least 1, not 1.5"),
    ],
)
def test_rules(model, values, message):
    good = {"U": 0.5, "tau_rec": 1.0, "tau_facil": 0.0, "p": 0.5, "n": 1.0}
    model.check({name: np.asarray(value) for name, value in good.items()})
    with pytest.raises(ValueError, match=f"^{message}$"):
        model.check({name: np.asarray(value) for name, value in (good | values).items()})


class TestInitialValues:
    def test_use_decays_from_where_it_was_set(self):
        model = make(TsodyksMarkram, U=0.1, tau_rec=100.0, tau_facil=50.0, tau_syn=3.0)
        model.initialize("u", np.array([0.8]), 4)
        left = 0.8 * np.exp(-6 * DT / 50.0)
        assert effects(model, [10])[0, 0] == pytest.approx(2.0 * (left + 0.1 * (1 - left)))

    def test_the_other_variables_go_on(self):
        """Setting a variable to what it is at that time changes nothing."""
        parameters = {"U": 0.3, "tau_rec": 40.0, "tau_facil": 50.0, "tau_syn": 3.0}
        plain, told = make(TsodyksMarkram, **parameters), make(TsodyksMarkram, **parameters)
        effects(plain, [2, 5])
        effects(told, [2, 5])
        told.initialize("u", told.value("u", 9) * np.exp(-4 * DT / 50.0), 9)
        for model in (plain, told):
            model.efficacy(14, np.arange(1))
        for name in model.STATE:
            np.testing.assert_allclose(told.value(name, 14), plain.value(name, 14), rtol=1e-12)

    def test_sites_that_are_empty_are_filled_from_then_on(self):
        n = 20_000
        model = make(Quantal, n, U=1.0, n=1.0, tau_rec=30.0, tau_facil=0.0)
        model.initialize("a", np.zeros(n), 0)
        filled = 1 - np.exp(-8 * DT / 30.0)
        assert effects(model, [8])[0].mean() / 2.0 == pytest.approx(filled, abs=4 * np.sqrt(filled / n))

    def test_full_sites_are_told(self):
        model = make(Quantal, 2, U=1.0, n=5.0, tau_rec=1e9, tau_facil=0.0)
        assert model.value("a", 0).tolist() == [5, 5]
        model.initialize("a", np.array([2.0, 3.0]), 0)
        assert model.value("a", 0).tolist() == [2, 3]
        np.testing.assert_allclose(effects(model, [1])[0], [2.0 * 2 / 5, 2.0 * 3 / 5])
        assert model.value("a", 1).tolist() == [0, 0]
        for wrong in (-1.0, 6.0, 0.5, np.nan):
            with pytest.raises(ValueError, match=rf"^a must be a whole number in 0\.\.n, not {wrong:g}"):
                model.initialize("a", np.full(2, wrong), 1)

    def test_what_may_be_initialised(self):
        assert Quantal.variables() == ("a", "u")
        assert Stochastic.variables() == ()
        assert TsodyksMarkram.variables() == TsodyksMarkram.STATE


class TestIndependence:
    """What is drawn for one thing says nothing of what is drawn for another."""

    def test_recovery_says_nothing_of_release(self):
        """Of the sites that have just been filled the share u releases, as of those that were full."""
        n, use = 40_000, 0.5
        model = make(Quantal, n, U=use, n=1.0, tau_rec=10.0, tau_facil=0.0, seed=3)
        model.initialize("a", np.zeros(n), 0)
        steps = 10
        filled = 1 - np.exp(-steps * DT / 10.0)
        released = effects(model, [steps])[0] > 0
        expected = filled * use  # with the same number for both it would be the smaller of the two
        assert released.mean() == pytest.approx(expected, abs=5 * np.sqrt(expected / n))

    @pytest.mark.parametrize("sites", [1.0, 4.0])
    def test_successive_releases_and_sites(self, sites):
        """With recovery at once, releases at successive spikes are independent, and so are sites."""
        n, use = 40_000, 0.4
        model = make(Quantal, n, U=use, n=sites, tau_rec=1e-3, tau_facil=0.0, seed=4)
        found = effects(model, [2, 4, 6, 8]) * sites / 2.0
        assert found.mean() == pytest.approx(sites * use, rel=0.02)
        assert found.var() == pytest.approx(sites * use * (1 - use), rel=0.04)
        correlation = np.corrcoef(found)
        assert np.abs(correlation - np.eye(4)).max() < 5 / np.sqrt(n)
        neighbours = np.corrcoef(found[:, :-1].ravel(), found[:, 1:].ravel())[0, 1]
        assert abs(neighbours) < 5 / np.sqrt(4 * n)

    @pytest.mark.parametrize("p", [0.1, 0.5])
    def test_spikes_of_one_step_fail_each_by_itself(self, p):
        n = 40_000
        found = effects(make(Stochastic, n, p=p, seed=6), [2] * 3)[0] / 2.0
        assert found.mean() == pytest.approx(3 * p, abs=5 * np.sqrt(3 * p / n))
        assert found.var() == pytest.approx(3 * p * (1 - p), rel=0.05)

    def test_sites_release_at_each_spike_of_a_step(self):
        """Nothing recovers in between: a site that released at the first of three is empty at the others."""
        n, use = 40_000, 0.3
        found = effects(make(Quantal, n, U=use, n=1.0, tau_rec=50.0, tau_facil=0.0, seed=7), [2] * 3)[0] / 2.0
        expected = 1 - (1 - use) ** 3
        assert set(np.unique(found)) == {0.0, 1.0}
        assert found.mean() == pytest.approx(expected, abs=5 * np.sqrt(expected / n))

    def test_failures_of_successive_spikes_and_synapses(self):
        n = 40_000
        found = effects(make(Stochastic, n, p=0.3, seed=5), [2, 4, 6, 8]) > 0
        assert found.mean() == pytest.approx(0.3, abs=0.01)
        correlation = np.corrcoef(found)
        assert np.abs(correlation - np.eye(4)).max() < 5 / np.sqrt(n)
        assert abs(np.corrcoef(found[:, :-1].ravel(), found[:, 1:].ravel())[0, 1]) < 5 / np.sqrt(4 * n)
