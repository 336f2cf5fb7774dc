import numpy as np
import pytest

from synaptile.swsim.synapses.edge_list import Synapses


def test_no_synapses():
    assert len(Synapses.none()) == 0
    assert Synapses.none().max_delay == 1


def test_a_slice_is_a_window_on_the_same_arrays():
    synapses = Synapses.empty(4)
    for array in (synapses.pre, synapses.post, synapses.receptor, synapses.weight):
        array[:] = np.arange(4)
    synapses.delay[:] = [3, 1, 7, 2]
    part = synapses[1:3]
    assert (len(part), part.max_delay, part.pre.tolist(), part.weight.tolist()) == (2, 7, [1, 2], [1.0, 2.0])
    part.weight[0] = 9.0
    assert synapses.weight[1] == pytest.approx(9.0)
