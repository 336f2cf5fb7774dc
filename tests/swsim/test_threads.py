"""What threads share out among them, and that none waits for those that never began."""

import threading
from itertools import pairwise

import numba
import numpy as np
import pytest

from synaptile.swsim import threads as module
from synaptile.swsim.meeting import meet
from synaptile.swsim.threads import shares


def test_threads_get_equal_shares():
    # The second half of the neurons has all synapses.
    arriving = np.repeat([0, 950], 500)
    bounds = shares(arriving, 2)
    work = [50 * (z - a) + 950 * (z - max(a, 500)) * (z > 500) for a, z in pairwise(bounds.tolist())]
    assert work[0] == pytest.approx(work[1], rel=0.05)
    assert bounds[1] % 32 == 0
    assert shares(np.zeros(3, np.int64), 4).tolist() == [0, 0, 0, 0, 3]
    assert shares(arriving[:0], 2).tolist() == [0, 0, 0]
    assert shares(arriving, 1).tolist() == [0, 1000]


@numba.njit(nogil=True)
def _met(thread, counter, arrived, earliest):
    for meeting in range(len(earliest)):
        arrived[thread, 0] += 1
        meet(counter, len(arrived) * (meeting + 1))
        earliest[meeting] = arrived[:, 0].min()


def test_nobody_goes_on_before_all_have_met():
    counter, arrived = np.zeros(8, np.int64), np.zeros((3, 8), np.int64)
    _met(0, counter, arrived[:1], np.zeros(1, np.int64))
    counter[:], arrived[:] = 0, 0
    earliest = np.zeros((3, 2000), np.int64)
    module._on_threads(lambda thread: _met(thread, counter, arrived, earliest[thread]), 3, counter)
    assert (earliest >= np.arange(1, 2001)).all()
    assert (arrived[:, 0] == 2000).all()


def test_a_thread_that_cannot_begin_keeps_nobody_waiting(monkeypatch):
    counter, left = np.zeros(8, np.int64), []

    class Failing(threading.Thread):
        def start(self):
            if left:
                raise RuntimeError("can't start new thread")
            left.append(self)
            super().start()

    def work(thread):
        while counter[0] < 3:
            pass

    monkeypatch.setattr(module, "Thread", Failing)
    with pytest.raises(RuntimeError, match="start new thread"):
        module._on_threads(work, 3, counter)
    assert not left[0].is_alive()
