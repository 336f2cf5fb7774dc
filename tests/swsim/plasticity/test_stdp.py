"""Weight changes of single synapses against the sum over all pairs of spikes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.single_synapse import DT, PAIR, run, synapse, weight

from synaptile.swsim.plasticity.stdp import PairRule, VogelsRule

times = st.lists(st.integers(0, 120), max_size=8, unique=True).map(sorted)
# Of a source, which may fire several times in a step.
source_times = st.lists(st.integers(0, 30) | st.integers(0, 120), max_size=12).map(sorted)


class TestPairs:
    @given(pre=source_times, post=times, delay=st.integers(1, 9), fraction=st.sampled_from([0.0, 0.5, 1.0]))
    def test_all_pairs_of_the_additive_rule(self, pre, post, delay, fraction):
        model = synapse(delay=delay, fraction=fraction)
        arrived = run(model, pre, post)
        axonal = round(delay * (1 - fraction))
        change = 0.0
        for a in pre:
            for b in post:
                t = ((b + delay - axonal) - (a + axonal)) * DT
                change += 0.01 * 2 * np.exp(-t / 15) * (t > 0) - 0.012 * 2 * np.exp(t / 30) * (t < 0)
        assert weight(model) == pytest.approx(1.0 + change, abs=1e-12)
        assert sorted(arrived) == sorted({a + delay for a in pre})

    @pytest.mark.parametrize("fraction", [0.0, 1.0])
    def test_several_spikes_of_a_source_in_a_step_are_taken_one_after_the_other(self, fraction):
        # Each acts with the weight that it finds and changes: with a multiplicative rule that of the one before.
        model = synapse(dependence="multiplicative", delay=2, fraction=fraction, A_minus=0.3)
        post = 10 if fraction else 12
        arrived = run(model, [20, 20, 20], [post, 40])
        left, first = 0.3 * np.exp(-(20 - post - 2 + 4 * (fraction == 0)) * DT / 30), 1.0
        sent = [first := first - left * first for _ in range(3)]
        assert arrived == {22: pytest.approx(sum(sent))}
        # And each counts for the postsynaptic spike that follows.
        potentiation = 3 * 0.01 * np.exp(-(40 - 20 + (2 if fraction else -2)) * DT / 15) * (2.0 - first)
        assert weight(model) == pytest.approx(first + potentiation, rel=1e-12)

    def test_simultaneous_spikes_do_not_pair(self):
        model = synapse(delay=3, fraction=1.0)
        run(model, [10], [7])
        assert weight(model) == 1.0

    def test_bounds(self):
        up, down = synapse(A_plus=10.0), synapse(A_minus=10.0)
        run(up, [10], [20])
        run(down, [20], [10])
        assert weight(up) == 2.0
        assert weight(down) == 0.0

    def test_a_weight_outside_the_bounds_stays_until_it_changes(self):
        model = synapse(weight=5.0)
        run(model, [10], [])
        assert weight(model) == 5.0
        run(model, [10], [20])
        assert weight(model) == 2.0

    def test_weights_of_inhibitory_currents_grow_downwards(self):
        model = synapse(weight=-1.0, negative=True)
        run(model, [20], [27])
        assert weight(model) == pytest.approx(-1.0 - 0.02 * np.exp(-4 / 15), rel=1e-12)

    def test_a_spike_acts_with_the_weight_that_it_finds_and_changes(self):
        model = synapse(delay=2, fraction=1.0)
        arrived = run(model, [20, 40], [10])
        first = 1.0 - 0.024 * np.exp(-4 / 30)
        second = first - 0.024 * np.exp(-14 / 30)
        assert arrived == {22: pytest.approx(first), 42: pytest.approx(second)}

    def test_an_axonal_delay_lets_later_postsynaptic_spikes_change_what_is_under_way(self):
        model = synapse(delay=10, fraction=0.0)
        arrived = run(model, [20], [25])
        assert arrived == {30: pytest.approx(1.0 - 0.024 * np.exp(-2.5 / 30))}

    def test_restart_forgets_traces_and_what_is_due(self):
        model = synapse(delay=10, fraction=0.0)
        run(model, [20], [], until=22)
        model.restart()
        assert run(model, [], [5], until=60) == {}
        assert weight(model) == 1.0


class TestVogels:
    @given(pre=source_times, post=times, delay=st.integers(1, 9))
    def test_all_pairs(self, pre, post, delay):
        model = synapse(VogelsRule, weight=5.0, delay=delay, fraction=0.0)
        run(model, pre, post)
        change = -len(pre) * 0.01 * 2 * 3.0 * 0.020
        for a in pre:
            for b in post:
                t = (b - a - delay) * DT
                change += 0.01 * np.exp(-abs(t) / 20.0) * (t != 0)
        assert weight(model) == pytest.approx(5.0 + change, abs=1e-12)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"tau_plus": 0.0}, "tau_plus must be positive and finite, not 0"),
        ({"A_minus": np.nan}, "A_minus must be finite, not nan"),
    ],
)
def test_rules(values, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        PairRule.check({name: np.asarray(value) for name, value in (PAIR | values).items()})
