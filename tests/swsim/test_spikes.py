import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.spikes import SpikeLog


@given(st.lists(st.integers(0, 700), max_size=12))
def test_keeps_all_in_order(sizes):
    log = SpikeLog()
    for step, size in enumerate(sizes):
        log.append(step, np.arange(size, dtype=np.int32))
    assert len(log) == sum(sizes)
    assert log.step.tolist() == np.repeat(np.arange(len(sizes)), sizes).tolist()
    assert log.neuron.tolist() == [neuron for size in sizes for neuron in range(size)]
