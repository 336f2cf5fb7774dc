"""Every figure draws into the Axes that it is given, in the user's style, and touches nothing else."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch
from support.fake_runs import imagined, random_trace

from synaptile.bridge import plots
from synaptile.bridge.comparison.cause import Evidence
from synaptile.bridge.comparison.changes import what_changed
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.plots.spikes import MAX_BARS
from synaptile.bridge.run import ChipRun
from synaptile.bridge.traffic.load_sweep import Curve, LoadPoint

Draw = Callable[..., Axes]

OF_RUNS: tuple[Draw, ...] = (
    plots.raster,
    plots.firing_rates,
    plots.placement,
    plots.heatmap,
    plots.latency,
    plots.latency_by_hops,
    plots.latency_over_time,
    plots.isi_distortion,
    plots.changed_spikes,
)
OF_CURVES: tuple[Draw, ...] = (plots.load_latency, plots.accepted_load)

UNITS = {
    "raster": ("time (ms)", "neuron"),
    "firing_rates": ("rate (Hz)", "neuron"),
    "placement": ("column (west to east)", "row (south to north)"),
    "heatmap": ("column (west to east)", "row (south to north)"),
    "latency": ("latency (cycles, creation to head delivered)", "packets"),
    "latency_by_hops": ("hops", "cycles"),
    "latency_over_time": ("time (ms)", "latency (cycles)"),
    "isi_distortion": ("mean |ΔISI| of a flow (cycles)", "flows"),
    "changed_spikes": ("time (ms)", "neuron"),
    "load_latency": ("offered (flits/cycle/node)", "latency (cycles, creation to head delivered)"),
    "accepted_load": ("offered (flits/cycle/node)", "accepted (flits/cycle/node)"),
}

each_of_runs = pytest.mark.parametrize("draw", OF_RUNS, ids=lambda draw: draw.__name__)


def config(**values: Any) -> ChipConfig:
    return ChipConfig(mesh="3x3", crossbar="64x4", **values)


def compared(run: ChipRun) -> ChipRun:
    """The run beside another of its network, with a tenth of the spikes gone."""
    trace = run.trace
    kept = np.arange(trace.spikes) % 10 > 0
    other = replace(trace, spike_neuron=trace.spike_neuron[kept], spike_step=trace.spike_step[kept])
    return replace(run, changes=what_changed(other, trace, Evidence(None), origin="software"))


@pytest.fixture(scope="module")
def run() -> ChipRun:
    return compared(imagined(random_trace(), config()))


def curve(*offered: float) -> Curve:
    points = [
        LoadPoint(load, load, 0.9 * load, 10.0 + load, 20, 30, 9.0, 100, 100, 1000, load > 0.2, 0.1) for load in offered
    ]
    return Curve("xy", "first", tuple(points))


def subplots(rows: int, cols: int) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(4 * cols, 3 * rows), layout="constrained")
    return figure, list(figure.subplots(rows, cols, squeeze=False).flat)


def content(axes: Axes) -> list[Any]:
    """What has been drawn as data."""
    return [*axes.lines, *axes.patches, *axes.collections, *axes.images, *axes.texts]


@each_of_runs
def test_it_draws_into_the_axes_given_and_into_no_other(run: ChipRun, draw: Draw) -> None:
    figure, (before, mine, after) = subplots(1, 3)
    assert draw(run, ax=mine) is mine
    assert content(mine)
    assert content(before) == content(after) == []
    assert before.get_title() == after.get_xlabel() == figure.get_suptitle() == ""
    assert (mine.get_xlabel(), mine.get_ylabel().removesuffix(" (logarithmic)")) == UNITS[draw.__name__]
    assert figure.legends == []
    figure.canvas.draw()


@pytest.mark.parametrize("draw", OF_CURVES, ids=lambda draw: draw.__name__)
def test_curves_draw_into_the_axes_given(draw: Draw) -> None:
    figure, (before, mine) = subplots(1, 2)
    assert draw([curve(0.1, 0.2, 0.3)], mine) is mine
    assert content(before) == []
    assert (mine.get_xlabel(), mine.get_ylabel()) == UNITS[draw.__name__]
    assert mine.get_legend() is not None
    figure.canvas.draw()
    assert draw([curve(0.1)], legend=False).get_legend() is None
    assert draw([curve()]).texts[0].get_text() == "nothing measured"
    solid = [line for line in mine.lines if line.get_linestyle() == "-" and len(line.get_xdata())]
    np.testing.assert_array_equal(solid[0].get_xdata(), [0.1, 0.2, 0.3])
    expected = [10.1, 10.2, 10.3] if draw is plots.load_latency else [0.09, 0.18, 0.27]
    np.testing.assert_allclose(solid[0].get_ydata(), expected)


def test_without_axes_the_figure_is_new_and_belongs_to_no_window(run: ChipRun) -> None:
    one, two = plots.latency(run), plots.latency(run)
    assert one.figure is not two.figure
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from support.fake_runs import imagined, random_trace\n"
        "from synaptile.bridge import ChipConfig\n"
        "run = imagined(random_trace(), ChipConfig(mesh='3x3', crossbar='64x4'))\n"
        "assert 'matplotlib' not in sys.modules\n"  # until the first of them is drawn
        "run.plot.heatmap()\n"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


@each_of_runs
def test_settings_of_matplotlib_are_the_users(run: ChipRun, draw: Draw) -> None:
    with mpl.rc_context({"font.size": 23, "axes.titlelocation": "center"}):
        before = dict(mpl.rcParams)
        axes = draw(run)
        assert dict(mpl.rcParams) == before
        assert axes.xaxis.label.get_fontsize() == 23
        assert axes.get_title() != ""


@each_of_runs
@pytest.mark.parametrize("ax", [[], np.array([None]), "latency", Figure()], ids=lambda ax: type(ax).__name__)
def test_what_is_no_axes_is_refused(run: ChipRun, draw: Draw, ax: Any) -> None:
    with pytest.raises(TypeError, match=rf"^ax must be one matplotlib Axes, not {type(ax).__name__}$"):
        draw(run, ax)


@each_of_runs
def test_partial_runs_are_marked_unless_the_title_is_given(run: ChipRun, draw: Draw) -> None:
    partial = replace(run, partial=True)
    where = "left" if draw.__name__ not in ("placement", "heatmap") else "center"
    with mpl.rc_context({"axes.titlelocation": where}):
        assert "PARTIAL RUN" not in draw(run).get_title(loc=where)
        assert "— PARTIAL RUN" in draw(partial).get_title(loc=where)
        assert draw(partial, title="mine").get_title(loc=where).removesuffix("  (▲ north)") == "mine"


@pytest.mark.parametrize("draw", [plots.firing_rates, plots.latency_by_hops, plots.latency_over_time])
def test_grid_lines_are_behind_the_bars(run: ChipRun, draw: Draw) -> None:
    with mpl.rc_context({"axes.axisbelow": False}):
        assert draw(run).get_axisbelow() is True


def test_a_partial_trace_is_marked() -> None:
    assert plots.raster(random_trace(partial=True)).get_title() == "Spikes — PARTIAL RUN"


class TestStyle:
    def test_marks(self, run: ChipRun) -> None:
        lines = [line for line in plots.raster(run, color="black", marker=".").lines if line.get_marker() == "."]
        assert {line.get_color() for line in lines} == {"black"}
        assert sum(len(line.get_xdata()) for line in lines) == run.trace.spikes

    def test_many_spikes_are_an_image_unless_marks_are_asked_for(self) -> None:
        trace = random_trace((40, 25), steps=900, rate=0.5)
        assert len(plots.raster(trace).images) == 1
        axes = plots.raster(trace, markersize=1.0)
        assert len(axes.images) == 0
        assert sum(len(line.get_xdata()) for line in axes.lines if line.get_marker() == "|") == trace.spikes

    @pytest.mark.parametrize("draw", [plots.latency, plots.latency_over_time, plots.isi_distortion, plots.firing_rates])
    def test_stairs(self, run: ChipRun, draw: Draw) -> None:
        own, changed = (
            next(patch for patch in draw(run, **style).patches if isinstance(patch, StepPatch))
            for style in ({}, {"color": "red", "alpha": 0.25})
        )
        assert mpl.colors.same_color(changed.get_facecolor(), (1, 0, 0, 0.25))
        np.testing.assert_array_equal(own.get_data().values, changed.get_data().values)

    def test_bars(self, run: ChipRun) -> None:
        axes = plots.latency_by_hops(run, hatch="//")
        assert {bar.get_hatch() for bars in axes.containers for bar in bars} == {"//"}

    @pytest.mark.parametrize("draw", [plots.placement, plots.heatmap])
    def test_patches(self, run: ChipRun, draw: Draw) -> None:
        patches = [c for c in draw(run, alpha=0.5).collections if isinstance(c, PatchCollection)]
        assert 0.5 in {one.get_alpha() for one in patches}

    def test_changes(self, run: ChipRun) -> None:
        assert {line.get_marker() for line in plots.changed_spikes(run, marker="x").lines[:4]} == {"x"}

    def test_a_property_that_there_is_not_is_refused(self, run: ChipRun) -> None:
        with pytest.raises(AttributeError, match="colour"):
            plots.latency(run, colour="red")


class TestOptions:
    @pytest.mark.parametrize(
        "draw",
        [
            plots.latency,
            plots.latency_by_hops,
            plots.latency_over_time,
            plots.isi_distortion,
            plots.placement,
            plots.changed_spikes,
        ],
        ids=lambda draw: draw.__name__,
    )
    def test_a_legend_can_be_left_out(self, run: ChipRun, draw: Draw) -> None:
        assert draw(run).get_legend() is not None
        assert draw(run, legend=False).get_legend() is None

    def test_colour_bars_can_be_left_out(self, run: ChipRun) -> None:
        assert len(plots.heatmap(run).figure.axes) == 3
        assert len(plots.heatmap(run, colorbars=False).figure.axes) == 1

    def test_names_of_populations_can_be_left_out(self, run: ChipRun) -> None:
        assert len(plots.firing_rates(run).texts) == 3
        assert len(plots.firing_rates(run, labels=False).texts) == 0

    def test_labels_fit_the_tiles_of_small_axes(self, run: ChipRun) -> None:
        small = plots.placement(run, Figure(figsize=(2, 2)).subplots(), legend=False)
        large = plots.placement(run, points=100.0)
        assert len(large.texts) == 9
        assert len(small.texts) == 0  # tiles of a quarter of an inch

    def test_titles_say_what_is_taken_together(self) -> None:
        trace = random_trace((MAX_BARS + 1,), synapses=10, rate=0.01)
        assert plots.firing_rates(trace).get_title() == "Firing rate, mean of 2"
        long = imagined(random_trace(steps=900), config())
        assert plots.latency_over_time(long).get_title() == "Latency over time (3 steps per bar)"
        wide = imagined(random_trace(), config(cycles_per_step=10), wait=600)
        assert "cycles per bar)" in plots.latency(wide).get_title()


EDGES: dict[str, Callable[[], ChipRun]] = {
    "empty": lambda: imagined(random_trace(()), config()),
    "no steps": lambda: imagined(random_trace(steps=0), config()),
    "silent": lambda: imagined(random_trace(rate=0), config()),
    "nothing delivered": lambda: imagined(random_trace(), config(), delivered=0),
}
SAID = {
    "empty": {"raster": "no neurons", "firing_rates": "no neurons", "changed_spikes": "no neurons"},
    "no steps": dict.fromkeys(("raster", "firing_rates", "changed_spikes"), "no time has passed"),
    "silent": {"raster": "no spikes", "latency": "no packets", "isi_distortion": "no intervals"},
    "nothing delivered": dict.fromkeys(("latency", "latency_by_hops", "latency_over_time"), "no packets delivered"),
}


@each_of_runs
@pytest.mark.parametrize("case", EDGES)
def test_empty_runs_say_so(case: str, draw: Draw) -> None:
    axes = draw(compared(EDGES[case]()))
    axes.figure.canvas.draw()
    if draw.__name__ in SAID[case]:
        assert SAID[case][draw.__name__] in [text.get_text() for text in axes.texts]


class TestChangedSpikes:
    def test_of_a_run_and_of_a_comparison(self, run: ChipRun) -> None:
        assert run.changes is not None
        for found in (run, run.changes.comparison):
            axes = plots.changed_spikes(found)
            drawn = {line.get_label(): len(line.get_xdata()) for line in axes.lines[:4]}
            new = len(run.changes.comparison.alignment.new_step)
            assert drawn[f"new: {new:,}"] == new
            assert [text.get_text() for text in axes.texts] == ["population 0", "population 1", "population 2"]
            (moved,) = [c for c in axes.collections if isinstance(c, LineCollection)]
            assert len(moved.get_segments()) == len(run.changes.comparison.alignment.moved_to)

    def test_a_run_that_was_not_compared_is_refused(self, run: ChipRun) -> None:
        alone = replace(run, changes=None)
        reason = r"nothing was given to compare it with \(Chip\(compare=True\)\)"
        with pytest.raises(ValueError, match=rf"^changed_spikes needs a run that was compared, but {reason}$"):
            plots.changed_spikes(alone)
        interrupted = replace(alone, not_compared="the comparison was interrupted")
        with pytest.raises(ValueError, match=r"but the comparison was interrupted$"):
            interrupted.plot.changed_spikes()

    def test_axes_are_left_alone_then(self, run: ChipRun) -> None:
        _, (axes,) = subplots(1, 1)
        with pytest.raises(ValueError, match="needs a run that was compared"):
            plots.changed_spikes(replace(run, changes=None), axes)
        assert content(axes) == []
        assert axes.get_xlabel() == ""


@each_of_runs
def test_the_accessor_has_it_too(run: ChipRun, draw: Draw) -> None:
    _, (mine, theirs) = subplots(1, 2)
    assert getattr(run.plot, draw.__name__)(mine, title="as given") is mine
    draw(run, theirs, title="as given")
    assert [type(one) for one in content(mine)] == [type(one) for one in content(theirs)]
    assert mine.get_title() == theirs.get_title() != ""


def test_no_function_is_called_like_its_module() -> None:
    """Else an import of the module would put it in the function's place."""
    modules = {path.stem for path in Path(plots.__file__).parent.glob("*.py")}
    assert not modules & set(plots.__all__)
    assert set(plots.__all__) == {draw.__name__ for draw in (*OF_RUNS, *OF_CURVES)} | {
        "RunPlots",
        "side_by_side",
        "waveform",
    }
    assert set(plots.__all__) <= set(dir(plots))
