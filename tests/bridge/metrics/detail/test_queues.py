"""The packets that wait at a tile, on average over a window, are those of a count cycle by cycle."""

from types import SimpleNamespace
from typing import cast

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.plain_details import any_runs
from support.random_networks import Packet, sent_and_delivered

from synaptile.bridge.metrics import RunData
from synaptile.bridge.metrics.congestion.load import load_over_time
from synaptile.bridge.metrics.detail.queues import queued_packets


@given(any_runs(), st.integers(1, 50))
@settings(max_examples=examples(60, 600), deadline=None)
def test_against_a_count_cycle_by_cycle(run: RunData, window: int) -> None:
    log = run.deliveries
    cycles = max(run.activity.cycles, int(log.completed.max(initial=-1)) + 1)
    windows = -(-cycles // window)
    waiting = np.zeros((cycles, run.config.tiles))
    for number in range(len(log)):
        waiting[log.created[number] : log.injected[number], log.source[number]] += 1
    expected = [waiting[begin : begin + window].mean(axis=0) for begin in range(0, cycles, window)]
    found = queued_packets(run, window, windows)
    assert found.shape == (windows, run.config.tiles)
    np.testing.assert_allclose(found, np.array(expected).reshape(found.shape), atol=1e-12)


@given(any_runs())
@settings(max_examples=examples(20, 200), deadline=None)
def test_over_the_windows_of_a_load_they_sum_to_the_waits(run: RunData) -> None:
    load = load_over_time(run, "not asked for")
    found = queued_packets(run, load.window, load.windows)
    wait = np.bincount(
        run.deliveries.source, run.deliveries.injected - run.deliveries.created, minlength=run.config.tiles
    )
    np.testing.assert_allclose((found * load.lengths[:, None]).sum(axis=0), wait, atol=1e-6)


def test_by_hand() -> None:
    _, deliveries = sent_and_delivered(
        [
            # Tile 0: one waits through all of the second window, and two cycles of the last, which has three of four.
            Packet(3, 0, 1, 0, 10, injected=10),
            Packet(8, 0, 1, 0, 10, injected=9),
            # Tile 1: one does not wait; one that has not arrived does not count.
            Packet(5, 1, 0, 1, 7, injected=5),
            Packet(0, 1, 0, 1, None),
        ]
    )
    run = SimpleNamespace(deliveries=deliveries, config=SimpleNamespace(tiles=2), activity=SimpleNamespace(cycles=11))
    found = queued_packets(cast(RunData, run), 4, 3)
    np.testing.assert_allclose(found, [[1 / 4, 0], [4 / 4, 0], [(2 + 1) / 3, 0]])
