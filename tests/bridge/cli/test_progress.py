"""What progress bars say."""

from contextlib import contextmanager

import pytest

from synaptile.bridge.cli import progress


@pytest.fixture
def shown(monkeypatch):
    """What bars have been given: (done, of, text)."""
    updates = []

    @contextmanager
    def bar(what, total):
        yield lambda *update: updates.append(update)

    monkeypatch.setattr(progress, "_bar", bar)
    return updates


def test_cycles_and_how_many_in_a_second(shown, monkeypatch):
    times = iter([10.0, 14.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(times))
    with progress.cycle_progress("chip", 9000) as show:
        show(8000, 12, 20)
    assert shown == [(8000, 9000, "8,000 cycles, 2,000/s, 12 packets")]


def test_points_and_steps(shown):
    with progress.point_progress("sweep", 3) as show:
        show("xy 0.1")
        show("xy 0.2")
    with progress.step_progress("script.py") as show:
        show(1000, 2000, 12345)
    assert shown == [
        (1, 3, "1 of 3, xy 0.1"),
        (2, 3, "2 of 3, xy 0.2"),
        (1000, 2000, "step 1,000 of 2,000, 12,345 spikes"),
    ]


def test_nothing_is_shown_where_there_is_no_terminal(capsys):
    with progress.cycle_progress("chip", 10) as cycles, progress.step_progress("script.py") as steps:
        assert cycles is None
        assert steps is None
    assert capsys.readouterr().err == ""
