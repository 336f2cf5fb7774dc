"""The raster of two runs shows every spike that changed."""

from dataclasses import replace

from support.two_runs import NEURONS, trace_of

from synaptile.bridge.comparison.traces import compare_traces
from synaptile.bridge.plots import spike_changes as module
from synaptile.bridge.report.figures import changed_spikes, to_png
from synaptile.swsim.trace import PopulationSlice

POPULATIONS = [PopulationSlice("a", 0, 2, ""), PopulationSlice("b", 2, NEURONS, "")]


def test_every_spike_is_a_mark(monkeypatch) -> None:
    reference = replace(trace_of([(0, 5), (1, 7), (1, 20), (2, 30), (2, 31)]), populations=POPULATIONS)
    run = trace_of([(0, 5), (1, 9), (2, 3), (2, 30), (2, 31)])
    comparison = compare_traces(reference, run)
    (axes,) = changed_spikes(comparison).axes
    drawn = {
        line.get_label(): list(zip(*line.get_data(), strict=True)) for line in axes.lines if "_" not in line.get_label()
    }
    assert drawn == {
        "the same: 3": [(5, 0), (30, 2), (31, 2)],
        "lost: 1": [(20, 1)],
        "new: 1": [(3, 2)],
        "moved: 1": [(9, 1)],
    }
    (moves,) = axes.collections
    assert [segment.tolist() for segment in moves.get_segments()] == [[[7, 1], [9, 1]]]
    assert [text.get_text() for text in axes.texts] == ["a", "b"]

    monkeypatch.setattr(module, "_MAX_SAME", 2)
    (axes,) = changed_spikes(comparison).axes
    assert len(axes.lines[0].get_data()[0]) == 2
    assert axes.lines[0].get_label() == "the same (one of 2): 3"


def test_nothing_changed() -> None:
    trace = trace_of([(0, 1)])
    figure = changed_spikes(compare_traces(trace, trace))
    assert figure.get_suptitle() == "0 spikes changed between two runs"
    assert to_png(figure) == to_png(changed_spikes(compare_traces(trace, trace)))
