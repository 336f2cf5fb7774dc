import numpy as np
import pytest

from synaptile.swsim.synapses.dynamics import LONG_AGO, Dynamics
from synaptile.swsim.synapses.edge_list import Synapses
from synaptile.swsim.synapses.ring_buffer import RingBuffer


class Counting(Dynamics):
    """Sends the number of spikes so far, and keeps the order in which synapses were taken."""

    STATE = ("spikes",)

    def transmit(self, step, buffer, index):
        self.taken = [*getattr(self, "taken", []), index.tolist()]
        self.state["spikes"][index] += 1
        self.last[index] = step
        self.send(buffer, index, self.state["spikes"][index], self.synapses.delay[index].astype(np.int64))


def counting():
    """Two synapses of neuron 0, onto neurons 1 and 2, after 1 and 2 steps, in a network of three on one tile."""
    synapses = Synapses(
        np.zeros(2, np.int32), np.array([1, 2], np.int32), np.array([0, 1], np.int8), np.ones(2),
        np.array([1, 2], np.int32),
    )  # fmt: skip
    dynamics, buffer = Counting(synapses, {}, 0.5, np.zeros(2, np.uint64)), RingBuffer(3, 2)
    dynamics.prepare(np.zeros(3, np.int32), buffer)
    return dynamics, buffer


def arrive(dynamics, buffer, step, *neurons):
    dynamics.arrive(step, buffer, np.array(neurons, np.int32), np.zeros(len(neurons), np.int32))


def test_weights_come_after_their_delay_at_their_receptor():
    dynamics, buffer = counting()
    arrive(dynamics, buffer, 0, 0)
    assert buffer.advance().tolist() == [[0, 1, 0], [0, 0, 0]]
    assert buffer.advance().tolist() == [[0, 0, 0], [0, 0, 1]]


def test_spikes_of_one_neuron_that_arrive_together_are_taken_one_after_the_other():
    dynamics, buffer = counting()
    arrive(dynamics, buffer, 0, 0, 0)
    assert sorted(map(sorted, dynamics.taken)) == [[0, 1], [0, 1]]
    assert buffer.advance()[0, 1] == 1 + 2


def test_neurons_without_such_synapses_change_nothing():
    dynamics, buffer = counting()
    arrive(dynamics, buffer, 0, 1, 2)
    assert dynamics.state["spikes"].tolist() == [0, 0]


def test_elapsed_time_and_restart():
    dynamics, buffer = counting()
    arrive(dynamics, buffer, 3, 0)
    assert dynamics.elapsed(7, np.array([0, 1])).tolist() == [2.0, 2.0]
    dynamics.restart()
    assert dynamics.state["spikes"].tolist() == [0, 0]
    assert dynamics.last.tolist() == [LONG_AGO] * 2
    assert np.exp(-dynamics.elapsed(0, np.array([0]))) == 0


def test_synapses_without_a_reward_say_so():
    with pytest.raises(TypeError, match=r"^Counting has no reward$"):
        counting()[0].reward(0, 1.0)
