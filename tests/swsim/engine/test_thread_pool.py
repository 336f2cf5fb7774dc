"""What threads share out among them, and that none waits for those that never began."""

import threading
from itertools import pairwise

import numba
import numpy as np
import pytest

from synaptile.swsim.engine import thread_pool as module
from synaptile.swsim.engine.thread_pool import shares
from synaptile.swsim.kernels.barrier import meet, message_of


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
def _met(thread, boards, arrived, earliest):
    for meeting in range(len(earliest)):
        arrived[thread, 0] += 1
        meet(boards[meeting & 1], thread, meeting + 1, 10 * meeting + thread)
        earliest[meeting] = arrived[:, 0].min()
        for other in range(len(arrived)):
            if message_of(boards[meeting & 1], other) != 10 * meeting + other:
                earliest[meeting] = -1


def test_nobody_goes_on_before_all_have_met():
    boards, arrived = np.zeros((2, 3, 16), np.int64), np.zeros((3, 8), np.int64)
    _met(0, boards[:, :1].copy(), arrived[:1].copy(), np.zeros(1, np.int64))
    earliest = np.zeros((3, 2000), np.int64)
    module._on_threads(lambda thread: _met(thread, boards, arrived, earliest[thread]), 3, boards)
    assert (earliest >= np.arange(1, 2001)).all()
    assert (arrived[:, 0] == 2000).all()


def test_a_thread_that_cannot_begin_keeps_nobody_waiting(monkeypatch):
    boards, left = np.zeros((2, 3, 16), np.int64), []

    class Failing(threading.Thread):
        def start(self):
            if left:
                raise RuntimeError("can't start new thread")
            left.append(self)
            super().start()

    def work(thread):
        _met(thread, boards, np.zeros((3, 8), np.int64), np.zeros(1, np.int64))

    monkeypatch.setattr(module, "Thread", Failing)
    with pytest.raises(RuntimeError, match="start new thread"):
        module._on_threads(work, 3, boards)
    assert not left[0].is_alive()
