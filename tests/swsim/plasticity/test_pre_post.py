import numpy as np
import pytest

from synaptile.swsim.plasticity.pre_post import PrePost
from synaptile.swsim.synapses.edge_list import Synapses
from synaptile.swsim.synapses.ring_buffer import RingBuffer


class Noting(PrePost):
    """Notes every spike at its synapse, in order."""

    def forget(self):
        super().forget()
        self.seen = []

    def on_presynaptic(self, step, index):
        self.seen.append(("pre", step))
        return self.synapses.weight[index]

    def on_postsynaptic(self, step, index):
        self.seen.append(("post", step))


def noting(delay, fraction, negative=False):
    """One synapse from neuron 0 to neuron 1."""
    synapses = Synapses(
        np.array([0], np.int32), np.array([1], np.int32), np.array([0], np.int8), np.array([-2.0 if negative else 2.0]),
        np.array([delay], np.int32),
    )  # fmt: skip
    given = {} if fraction is None else {"dendritic_delay_fraction": np.array([fraction])}
    return Noting(synapses, given, 1.0, np.zeros(1, np.uint64), negative=negative)


def run(model, pre, post, until=12):
    """Spikes of the two neurons at those steps; the steps at which weights arrive."""
    buffer = RingBuffer(2, int(model.synapses.delay[0]))
    model.prepare(np.zeros(2, np.int32), buffer)
    arrived = []
    for step in range(until):
        if step:
            model.begin(step, buffer)
            if buffer.advance()[0, 1]:
                arrived.append(step)
        sent = np.zeros([*pre].count(step), np.int32)
        model.arrive(step, buffer, sent, sent)
        model.fire(step, np.array([1] * (step in post), np.int32))
    return arrived


@pytest.mark.parametrize(
    ("fraction", "pre", "post"), [(None, 2, 6), (1.0, 2, 6), (0.0, 6, 2), (0.5, 4, 4), (0.75, 3, 5)]
)
def test_the_delay_is_in_part_axonal_and_in_part_dendritic(fraction, pre, post):
    model = noting(4, fraction)
    assert run(model, {2}, {2}) == [6]
    assert sorted(model.seen) == [("post", post), ("pre", pre)]


@pytest.mark.parametrize(("fraction", "order"), [(1.0, "post pre"), (0.5, "post pre"), (0.0, "pre post")])
def test_the_order_of_spikes_at_one_step(fraction, order):
    model = noting(2, fraction)
    axonal = 2 - round(2 * fraction)
    run(model, {4}, {4 + axonal - (2 - axonal)})
    assert [side for side, _ in model.seen] == order.split()
    assert len({step for _, step in model.seen}) == 1


@pytest.mark.parametrize("fraction", [0.0, 0.5, 1.0])
def test_several_spikes_at_one_step(fraction):
    model = noting(2, fraction)
    run(model, [4, 4, 4, 7], set())
    axonal = 2 - round(2 * fraction)
    assert model.seen == [("pre", step + axonal) for step in (4, 4, 4, 7)]


def test_a_restart_forgets_spikes_on_their_way():
    model = noting(4, 0.5)
    run(model, {2}, {2}, until=4)
    assert model.seen == []
    model.restart()
    run(model, set(), set())
    assert model.seen == []


def test_sizes_have_no_sign():
    for negative in (False, True):
        assert noting(1, 1.0, negative).size(np.array([0])).tolist() == [2.0]
