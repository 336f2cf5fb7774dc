import pytest
from matplotlib.figure import Figure

from synaptile.bridge import compare, plots


class Run:
    """What is taken of a run."""

    def __init__(self, **values):
        self.values = values

    @property
    def metrics(self):
        return self

    def to_dict(self):
        return self.values

    def rows(self):
        return []


RUNS = {"a": Run(latency_mean=4.0, late_packets=0, hops={"mean": 2.0}), "b": Run(latency_mean=3.0, late_packets=2)}


def test_bars_are_shares_of_the_first_run():
    axes = Figure().subplots()
    found = plots.side_by_side(compare(RUNS), axes, keys=["latency_mean", "late_packets", "hops.mean"])
    assert found is axes
    # None is late in the first run, and the second has no hops.
    assert [bar.get_height() for bar in axes.patches] == [1.0, 0.75]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["latency mean"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]


def test_keys_that_no_run_has():
    with pytest.raises(ValueError, match=r"keys must be numbers of metrics\.json, not 'x'"):
        plots.side_by_side(compare(RUNS), keys=["x"])


def test_what_no_run_has_is_left_out_unless_it_was_asked_for():
    axes = plots.side_by_side(compare(RUNS))
    assert [text.get_text() for text in axes.get_xticklabels()] == ["latency mean"]
