"""Native timing dependences as a script uses them; the reward rule against its integral."""

import numpy as np
import pytest
from pyNN import errors

import synaptile.swsim as sim

TIMES = {"tau_plus": 20.0, "tau_minus": 25.0, "tau_eligibility": 400.0, "tau_reward": 60.0}


def pair(rule, pre=(10.0,), post=(15.0,), *, weight=0.5, delay=1.0, n=1, timestep=0.5, plastic=True):
    """Two trains on either side of synapses to neurons that are made to fire by strong other ones."""
    sim.setup(timestep=timestep)
    source = sim.Population(n, sim.SpikeSourceArray(spike_times=list(pre)))
    cells = sim.Population(n, sim.IF_curr_delta(tau_refrac=0.0, v_thresh=-50.0, v_reset=-65.0, v_rest=-65.0))
    driver = sim.Population(n, sim.SpikeSourceArray(spike_times=[t - 1.0 for t in post]))
    sim.Projection(driver, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=100.0, delay=1.0))
    mechanism = sim.STDPMechanism(
        timing_dependence=rule,
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=1.0),
        weight=weight,
        delay=delay,
        dendritic_delay_fraction=0.0,
    )
    return sim.Projection(source, cells, sim.OneToOneConnector(), mechanism)


def weight(projection):
    return projection.get("weight", format="list", with_address=False)[0]


class TestReward:
    def reference(self, eligibility, rewards, until):
        """Growth of the weight: c(t) d(t) summed up in very small steps, from lists of (time, size)."""
        fine = 0.01
        t = np.arange(0, until, fine) + fine / 2
        c, d = (
            sum(size * np.exp(-np.maximum(t - at, 0) / tau) * (t > at) for at, size in events)
            for events, tau in ((eligibility, TIMES["tau_eligibility"]), (rewards, TIMES["tau_reward"]))
        )
        return float((c * d).sum() * fine)

    def test_a_pair_that_is_rewarded_later(self):
        prj = pair(sim.RewardModulatedRule(A_plus=0.01, A_minus=0.012, **TIMES))
        sim.run(100.0)
        assert weight(prj) == 0.5
        prj.reward(0.3)
        sim.run(200.0)
        made = 0.01 * np.exp(-4.0 / 20.0)  # the presynaptic spike is there after its delay, 4 ms before the other
        rate = 1 / 400 + 1 / 60
        expected = made * np.exp(-85.0 / 400.0) * 0.3 * (1 - np.exp(-200.0 * rate)) / rate
        assert weight(prj) - 0.5 == pytest.approx(expected, rel=1e-12)

    def test_many_pairs_and_rewards_before_and_after(self):
        pre, post = [10.0, 60.0], [30.0, 100.0]
        prj = pair(sim.RewardModulatedRule(A_plus=0.01, A_minus=0.012, **TIMES), pre, post)
        rewards = []
        for until, amount in ((20.0, 0.1), (80.0, -0.05), (150.0, 0.2)):
            sim.run_until(until)
            prj.reward(amount)
            rewards.append((until, amount))
        sim.run_until(400.0)
        arrivals = [t + 1.0 for t in pre]
        eligibility = [(b, 0.01 * np.exp((a - b) / 20.0)) for a in arrivals for b in post if a < b]
        eligibility += [(a, -0.012 * np.exp((b - a) / 25.0)) for a in arrivals for b in post if b < a]
        assert len(eligibility) == 4
        assert weight(prj) - 0.5 == pytest.approx(self.reference(eligibility, rewards, 400.0), rel=1e-4)

    def test_no_reward_no_change(self):
        prj = pair(sim.RewardModulatedRule(A_plus=0.1, A_minus=0.1, **TIMES), [10.0, 30.0], [20.0, 40.0])
        sim.run(300.0)
        assert weight(prj) == 0.5

    def test_the_weight_stays_within_its_bounds(self):
        prj = pair(sim.RewardModulatedRule(A_plus=0.5, A_minus=0.5, **TIMES))
        sim.run(20.0)
        prj.reward(100.0)
        sim.run(100.0)
        assert weight(prj) == 1.0
        prj.reward(-1000.0)
        sim.run(100.0)
        assert weight(prj) == 0.0

    def test_looking_and_splitting_change_nothing(self):
        def final(stops, record):
            prj = pair(sim.RewardModulatedRule(A_plus=0.01, A_minus=0.012, **TIMES), [5.0, 50.0, 90.0], [20.0, 55.0])
            if record:
                prj.record_weights(3.5)
            for stop in sorted({*stops, 40.0, 300.0}):
                sim.run_until(stop)
                weight(prj)
                if stop == 40.0:
                    prj.reward(0.7)
            return weight(prj)

        assert final([], False) == final([7.0, 50.5, 51.0, 200.0], False) == final([33.0], True) != 0.5

    def test_recorded_weights_are_those_of_the_moment(self):
        prj = pair(sim.RewardModulatedRule(A_plus=0.01, A_minus=0.012, **TIMES))
        sim.run(20.0)
        prj.reward(1.0)
        prj.record_weights(10.0)
        sim.run(40.0)
        recorded = prj.get_recorded_weights().magnitude[:, 0]
        made, rate = 0.01 * np.exp(-4.0 / 20.0) * np.exp(-5.0 / 400.0), 1 / 400 + 1 / 60
        np.testing.assert_allclose(
            recorded - 0.5, made * (1 - np.exp(-rate * np.arange(0, 50, 10.0))) / rate, rtol=1e-10
        )

    def test_weights_that_are_set_are_those_from_then_on(self):
        def growth(change):
            prj = pair(sim.RewardModulatedRule(A_plus=0.01, A_minus=0.012, **TIMES))
            sim.run(20.0)
            prj.reward(1.0)
            sim.run(10.0)
            before = weight(prj)
            if change:
                prj.set(weight=0.25)
                prj.reward(0.0)
                assert weight(prj) == 0.25
            start = weight(prj)
            sim.run(50.0)
            return before, weight(prj) - start

        (before, plain), (again, changed) = growth(False), growth(True)
        assert before == again > 0.5
        assert changed == pytest.approx(plain, rel=1e-9)

    def test_reset_forgets_the_reward(self):
        prj = pair(sim.RewardModulatedRule(A_plus=0.01, A_minus=0.012, **TIMES))
        sim.run(20.0)
        prj.reward(1.0)
        sim.run(20.0)
        assert weight(prj) > 0.5
        sim.reset()
        assert weight(prj) == 0.5
        sim.run(100.0)
        assert weight(prj) == 0.5

    def test_refused(self):
        prj = pair(sim.SpikePairRule())
        with pytest.raises(TypeError, match=r"must have an STDPMechanism with RewardModulatedRule to be rewarded$"):
            prj.reward(1.0)
        prj = pair(sim.RewardModulatedRule())
        with pytest.raises(ValueError, match=r"^amount must be finite, not nan$"):
            prj.reward(float("nan"))
        with pytest.raises(errors.InvalidParameterValueError, match="tau_reward must be positive and finite, not 0"):
            pair(sim.RewardModulatedRule(tau_reward=0.0))


def test_nearest_neighbours_in_a_network():
    prj = pair(sim.NearestSpikePairRule(A_plus=0.01, A_minus=0.012), [10.0, 12.0, 14.0], [20.0])
    sim.run(50.0)
    assert weight(prj) - 0.5 == pytest.approx(0.01 * np.exp(-5.0 / 20.0), rel=1e-12)
    every = pair(sim.SpikePairRule(A_plus=0.01, A_minus=0.012), [10.0, 12.0, 14.0], [20.0])
    sim.run(50.0)
    assert weight(every) - 0.5 == pytest.approx(0.01 * sum(np.exp(-t / 20.0) for t in (5.0, 7.0, 9.0)), rel=1e-12)


def test_triplets_in_a_network():
    rule = sim.TripletRule(A2_plus=0.001, A2_minus=0.0, A3_plus=0.01, A3_minus=0.0)
    prj = pair(rule, [10.0], [20.0, 30.0])
    sim.run(50.0)
    first, second = np.exp(-9.0 / 16.8), np.exp(-19.0 / 16.8)
    expected = first * 0.001 + second * (0.001 + 0.01 * np.exp(-10.0 / 125.0))
    assert weight(prj) - 0.5 == pytest.approx(expected, rel=1e-12)
