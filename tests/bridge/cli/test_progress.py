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


def test_the_network_in_software_is_shown_in_the_bar_that_is_there_or_in_one_of_its_own(shown, monkeypatch):
    opened = []
    bar = progress._bar
    monkeypatch.setattr(progress, "_bar", lambda what, total: opened.append(what) or bar(what, total))
    beside = progress.ReferenceProgress()
    beside(1, 9, 0)  # nothing is shown yet
    with progress.step_progress("script.py", beside) as show:
        show(3000, 9000, 7)
        beside(1000, 2000, 5)
    beside(1, 9, 0)
    with beside.alone():
        assert opened == ["script.py"]  # there may be nothing to run
        beside(10, 20, 1)
        beside(20, 20, 3)
    beside(1, 9, 0)
    assert opened == ["script.py", "in software"]
    assert shown == [
        (3000, 9000, "step 3,000 of 9,000, 7 spikes"),
        (1000, 2000, "in software, step 1,000 of 2,000, 5 spikes"),
        (10, 20, "step 10 of 20, 1 spikes"),
        (20, 20, "step 20 of 20, 3 spikes"),
    ]


def test_without_a_terminal_the_network_in_software_is_not_shown_either(capsys):
    beside = progress.ReferenceProgress()
    with progress.step_progress("script.py", beside):
        beside(1, 2, 3)
    with beside.alone():
        beside(1, 2, 3)
        beside(2, 2, 3)
    assert capsys.readouterr().err == ""
