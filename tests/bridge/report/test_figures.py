import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch
from support.fake_runs import imagined, random_trace

from synaptile.bridge.config import ChipConfig
from synaptile.bridge.plots.spikes import spread
from synaptile.bridge.plots.style import counted, swatch
from synaptile.bridge.plots.tiles import neurons_by_tile
from synaptile.bridge.report import figures
from synaptile.bridge.report.pictures import draw_all
from synaptile.bridge.run import ChipRun
from synaptile.swsim.trace import Trace

ALL = (figures.raster, figures.placement, figures.heatmap, figures.latency, figures.rhythm)


def config(mesh: str = "3x3", crossbar: str = "64x4", **values: object) -> ChipConfig:
    return ChipConfig(mesh=mesh, crossbar=crossbar, **values)


@pytest.fixture(scope="module")
def run() -> ChipRun:
    return imagined(random_trace(), config())


def one_spike(source: int, destination: int, mesh: str) -> ChipRun:
    """One neuron to a tile; one spike travels from tile to tile."""
    last = max(source, destination)
    trace = Trace(
        dt=1.0,
        steps=1,
        neurons=last + 1,
        spike_neuron=np.array([source], np.int32),
        spike_step=np.array([0]),
        pre=np.array([source], np.int32),
        post=np.array([destination], np.int32),
        weight=np.ones(1),
        delay=np.ones(1, np.int32),
    )
    return imagined(trace, config(mesh, "64x1"), wait=0)


def stairs(axes: Axes) -> dict[str, StepPatch]:
    return {str(patch.get_label()): patch for patch in axes.patches if isinstance(patch, StepPatch)}


def title(figure: Figure) -> str:
    return figure.get_suptitle()


class TestRaster:
    def test_every_spike_is_a_mark_at_its_time_in_its_populations_colour(self, run: ChipRun) -> None:
        spikes = figures.raster(run).axes[0]
        drawn = {}
        for line in spikes.lines:
            if line.get_marker() == "|":
                drawn |= {(x, y): line.get_color() for x, y in zip(*line.get_data(), strict=True)}
        trace = run.trace
        expected = {}
        for step, neuron in zip(trace.spike_step.tolist(), trace.spike_neuron.tolist(), strict=True):
            number = next(n for n, p in enumerate(trace.populations) if p.start <= neuron < p.stop)
            expected[step * trace.dt, neuron] = swatch(number).colour
        assert drawn == expected
        assert len(expected) == trace.spikes > 0

    def test_rates_are_spikes_per_second(self, run: ChipRun) -> None:
        rates = figures.raster(run).axes[1]
        drawn = np.concatenate([patch.get_data().values for patch in rates.patches if isinstance(patch, StepPatch)])
        np.testing.assert_allclose(drawn, run.trace.spike_counts() / 0.020)

    def test_rates_count_every_spike_of_a_step(self, run: ChipRun) -> None:
        once, thrice = (figures.raster(made).axes[1] for made in (run, imagined(repeated(run.trace), config())))
        drawn = [
            np.concatenate([patch.get_data().values for patch in axes.patches if isinstance(patch, StepPatch)])
            for axes in (once, thrice)
        ]
        np.testing.assert_allclose(drawn[1], 3 * drawn[0])

    def test_populations_are_named_with_size_and_mean_rate(self, run: ChipRun) -> None:
        texts = [text.get_text() for text in figures.raster(run).axes[1].texts]
        mean = run.trace.spike_counts()[:12].mean() / 0.020
        assert texts[0] == f"population 0 · 12 · {mean:.3g} Hz"
        assert len(texts) == 3

    def test_many_spikes_become_an_image_in_which_none_is_missing(self) -> None:
        trace = random_trace((40, 25), steps=900, rate=0.5)
        assert trace.spikes > 20_000
        axes = figures.raster(imagined(trace, config("5x5"))).axes[0]
        (image,) = axes.images
        dark = (np.asarray(image.get_array()) < 1).any(axis=2)
        fired = np.zeros((65, 900), bool)
        fired[trace.spike_neuron, trace.spike_step] = True
        np.testing.assert_array_equal(dark, fired)
        assert "darker means more" in axes.get_title(loc="left")

    def test_the_rest_of_many_populations_is_mentioned(self) -> None:
        texts = figures.raster(imagined(random_trace([1] * 30), config("6x6"))).axes[1].texts
        assert len(texts) == 19
        assert texts[-1].get_text() == "and 12 smaller populations"

    @given(st.lists(st.floats(0, 1), max_size=10), st.floats(0.001, 0.1))
    def test_labels_are_spread_in_order_and_within_the_axes(self, places: list[float], gap: float) -> None:
        out = spread(sorted(places), gap)
        assert len(out) == len(places)
        assert all(b - a >= gap - 1e-9 for a, b in pairwise(out))
        assert all(gap / 2 - 1e-9 <= place <= 1 - gap / 2 + 1e-9 for place in out)

    def test_labels_with_room_stay_where_they_are(self) -> None:
        assert spread([0.2, 0.5, 0.8], 0.1) == [0.2, 0.5, 0.8]

    def test_too_many_labels_are_refused(self) -> None:
        with pytest.raises(ValueError, match=r"heights must be at most 2 with a gap of 0\.5, not 3"):
            spread([0.1, 0.2, 0.3], 0.5)


class TestLatency:
    def test_histogram_counts_every_packet_measured_and_at_zero_load(self, run: ChipRun) -> None:
        drawn = stairs(figures.latency(run).axes[0])
        log = run.deliveries
        for label, values in (("measured", log.latency), ("at zero load (hops + 1)", log.hops + 1)):
            counts, edges, _ = drawn[label].get_data()
            np.testing.assert_array_equal(counts, np.bincount(values, minlength=len(counts)))
            np.testing.assert_array_equal(edges, np.arange(len(counts) + 1) - 0.5)

    def test_mean_percentile_and_worst_are_the_metrics(self, run: ChipRun) -> None:
        lines = {str(line.get_label()): line.get_xdata()[0] for line in figures.latency(run).axes[0].lines}
        numbers = run.metrics.latency
        assert lines == {
            f"mean {numbers.mean:,.4g}": numbers.mean,
            f"99 % within {numbers.p99:,.4g}": numbers.p99,
            f"worst {numbers.max:,.4g}": numbers.max,
        }

    def test_causes_sum_to_the_mean_latency_of_each_number_of_hops(self, run: ChipRun) -> None:
        axes = figures.latency(run).axes[1]
        height: dict[float, float] = {}
        for bars in axes.containers:
            for bar in bars:
                middle = round(bar.get_x() + bar.get_width() / 2, 6)
                height[middle] = height.get(middle, 0) + bar.get_height()
        log = run.deliveries
        expected = {float(hops): log.latency[log.hops == hops].mean() for hops in np.unique(log.hops)}
        assert height == pytest.approx(expected)

    def test_wide_histograms_say_how_wide_their_bars_are(self) -> None:
        late = imagined(random_trace(), config(cycles_per_step=10), wait=600)
        figure = figures.latency(late)
        counts, edges, _ = stairs(figure.axes[0])["measured"].get_data()
        width = int(edges[1] - edges[0])
        assert width > 1
        assert counts.sum() == len(late.deliveries)
        assert figure.axes[0].get_title(loc="left") == f"Distribution ({width} cycles per bar)"
        assert f"{late.metrics.late.count} late by a step or more" in title(figure)

    def test_undelivered_packets_are_in_the_title(self) -> None:
        partial = imagined(random_trace(), config(), delivered=0.5)
        sent, got = len(partial.packets), len(partial.deliveries)
        assert (
            title(figures.latency(partial)) == f"Latency of the {got} packets delivered, of {sent} sent — PARTIAL RUN"
        )


class TestHeatmap:
    def test_routers_have_their_flits_and_links_their_rates(self, run: ChipRun) -> None:
        axes = figures.heatmap(run).axes[0]
        (routers,) = [c for c in axes.collections if isinstance(c, PatchCollection)]
        np.testing.assert_array_equal(routers.get_array(), run.activity.buffer_reads)
        (links,) = [c for c in axes.collections if isinstance(c, PolyCollection)]
        used = run.activity.link_flits[run.activity.link_flits > 0]
        assert sorted(links.get_array()) == pytest.approx(sorted(used / run.activity.cycles))

    @pytest.mark.parametrize(
        ("source", "destination", "along", "beside"),
        [
            (0, 1, (1, 0), (0.5, 0.12)),
            (1, 0, (-1, 0), (0.5, -0.12)),
            (0, 2, (0, 1), (-0.12, 0.5)),
            (2, 0, (0, -1), (0.12, 0.5)),
        ],
        ids=["east", "west", "south", "north"],
    )
    def test_arrows_point_where_flits_go_and_keep_right(
        self, source: int, destination: int, along: tuple[int, int], beside: tuple[float, float]
    ) -> None:
        axes = figures.heatmap(one_spike(source, destination, "2x2")).axes[0]
        (links,) = [c for c in axes.collections if isinstance(c, PolyCollection)]
        (arrow,) = links.get_paths()
        tail, tip = (arrow.vertices[0] + arrow.vertices[6]) / 2, arrow.vertices[3]
        direction = (tip - tail) / np.linalg.norm(tip - tail)
        np.testing.assert_allclose(direction, along, atol=1e-9)
        middle = (tip + tail) / 2
        np.testing.assert_allclose(middle, beside, atol=0.01)

    def test_north_is_up(self, run: ChipRun) -> None:
        axes = figures.heatmap(run).axes[0]
        bottom, top = axes.get_ylim()
        assert bottom > top
        assert axes.texts[1].get_position() == (1, 0)
        assert axes.texts[1].get_text().startswith("(0,1)\n")
        assert axes.texts[3].get_position() == (0, 1)

    def test_idle_links_are_lines(self) -> None:
        axes = figures.heatmap(one_spike(0, 1, "2x2")).axes[0]
        (idle,) = [c for c in axes.collections if isinstance(c, LineCollection)]
        assert len(idle.get_segments()) == 3

    def test_a_link_bar_needs_links(self) -> None:
        assert len(figures.heatmap(imagined(random_trace((1,)), config("1x1"))).axes) == 2
        assert len(figures.heatmap(one_spike(0, 1, "1x2")).axes) == 3


class TestPlacement:
    def test_counts_are_of_the_mapping(self, run: ChipRun) -> None:
        counts = neurons_by_tile(run)
        assert counts.sum(axis=0).tolist() == [12, 6, 2]
        np.testing.assert_array_equal(counts.sum(axis=1), run.mapping.neurons_used())

    def test_layers_are_as_high_as_their_share_of_the_capacity(self, run: ChipRun) -> None:
        axes = figures.placement(run).axes[0]
        glasses, *layers, outline = [c for c in axes.collections if isinstance(c, PatchCollection)]
        full = np.ptp(glasses.get_paths()[0].vertices[:, 1])
        assert len(glasses.get_paths()) == len(outline.get_paths()) == 9
        counts = neurons_by_tile(run)
        for number, layer in enumerate(layers):
            heights = [np.ptp(path.vertices[:, 1]) / full * 4 for path in layer.get_paths()]
            assert heights == pytest.approx(counts[counts[:, number] > 0, number].tolist())

    def test_labels_and_legend_tell_what_is_free(self, run: ChipRun) -> None:
        axes = figures.placement(run).axes[0]
        used = run.mapping.neurons_used()
        assert [text.get_text() for text in axes.texts] == [f"({t // 3},{t % 3})  {used[t]}/4" for t in range(9)]
        assert [text.get_text() for text in axes.get_legend().get_texts()] == [
            "population 0 (12)",
            "population 1 (6)",
            "population 2 (2)",
            "free (16)",
        ]

    def test_populations_of_one_colour_differ_in_hatch(self) -> None:
        looks = {swatch(number) for number in range(42)}
        assert len(looks) == 42


class TestRhythm:
    def test_distortion_counts_every_flow(self, run: ChipRun) -> None:
        (patch,) = stairs(figures.rhythm(run).axes[0]).values()
        assert patch.get_data().values.sum() == len(run.metrics.isi.flow_mean) > 0

    def test_worst_and_mean_latency_of_every_step(self, run: ChipRun) -> None:
        drawn = stairs(figures.rhythm(run).axes[1])
        log = run.deliveries
        step = log.created // run.config.cycles_per_step
        for number in range(run.trace.steps):
            mine = log.latency[step == number]
            assert drawn["worst"].get_data().values[number] == mine.max(initial=0)
            if len(mine):
                assert drawn["mean"].get_data().values[number] == pytest.approx(mine.mean())

    @pytest.mark.parametrize(("cycles", "line"), [(20, True), (1000, False)])
    def test_the_length_of_a_step_is_a_line_or_said(self, cycles: int, line: bool) -> None:
        axes = figures.rhythm(imagined(random_trace(), config(cycles_per_step=cycles))).axes[1]
        assert [list(each.get_ydata()) for each in axes.lines] == ([[cycles, cycles]] if line else [])
        assert len(axes.texts) == (0 if line else 1)


def repeated(trace: Trace) -> Trace:
    """Every spike three times, as of sources that fire so often in a step."""
    return replace(trace, spike_neuron=trace.spike_neuron.repeat(3), spike_step=trace.spike_step.repeat(3))


EDGES: dict[str, Callable[[], ChipRun]] = {
    "several spikes in a step": lambda: imagined(repeated(random_trace()), config()),
    "many, several in a step": lambda: imagined(repeated(random_trace((40, 25), steps=300, rate=0.5)), config("5x5")),
    "empty": lambda: imagined(random_trace(()), config()),
    "no steps": lambda: imagined(random_trace(steps=0), config()),
    "silent": lambda: imagined(random_trace(rate=0), config()),
    "one neuron": lambda: imagined(random_trace((1,), synapses=1), config("1x1")),
    "one packet": lambda: one_spike(0, 1, "1x2"),
    "empty population": lambda: imagined(random_trace((5, 0, 3)), config()),
    "no populations": lambda: imagined(replace(random_trace(), populations=()), config()),
    "a row": lambda: imagined(random_trace((30,)), config("1x16")),
    "a column": lambda: imagined(random_trace((30,)), config("40x1")),
    "largest mesh": lambda: imagined(random_trace((300,), synapses=500, rate=0.02), config("64x64", "64x1")),
    "nothing delivered": lambda: imagined(random_trace(), config(), delivered=0),
    "long names": lambda: imagined(random_trace((3, 3), labels=["x" * 200, "$\\frac{a}$ _{"]), config()),
}


@cache
def edge(case: str) -> ChipRun:
    return EDGES[case]()


@pytest.mark.parametrize("case", EDGES)
@pytest.mark.parametrize("draw", ALL, ids=lambda draw: draw.__name__)
def test_everything_can_be_drawn(case: str, draw: Callable[[ChipRun], Figure]) -> None:
    picture = figures.to_png(draw(edge(case)), dpi=60)
    assert picture.startswith(b"\x89PNG")


@pytest.mark.parametrize("draw", ALL, ids=lambda draw: draw.__name__)
def test_partial_runs_are_marked_in_the_title(run: ChipRun, draw: Callable[[ChipRun], Figure]) -> None:
    assert "PARTIAL RUN" not in title(draw(run))
    assert title(draw(replace(run, partial=True))).endswith("— PARTIAL RUN")


def test_draw_all_writes_one_file_for_each_picture(run: ChipRun, tmp_path) -> None:
    paths = draw_all(run, tmp_path / "new" / "folder")
    assert [path.name for path in paths] == [f"{draw.__name__}.png" for draw in ALL]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)


@pytest.mark.parametrize("draw", ALL, ids=lambda draw: draw.__name__)
def test_same_run_same_bytes_whatever_the_users_settings(run: ChipRun, draw: Callable[[ChipRun], Figure]) -> None:
    once = figures.to_png(draw(run))
    with mpl.rc_context({"font.size": 23, "axes.grid": True, "savefig.transparent": True, "font.family": "monospace"}):
        before = dict(mpl.rcParams)
        again = figures.to_png(draw(run))
        assert dict(mpl.rcParams) == before
    assert once == again
    assert b"Software" not in once
    assert b"Creation Time" not in once


def test_dollar_signs_are_no_mathematics(run: ChipRun) -> None:
    texts = figures.raster(edge("long names")).axes[1].texts
    assert texts[0].get_text().startswith("x" * 19 + "… · 3 ·")
    assert texts[1].get_text().startswith(r"\$\frac{a}\$ _{ · 3 ·")


def test_no_window_system_is_touched() -> None:
    code = "import sys, synaptile.bridge.report.figures; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(("count", "text"), [(0, "0 spikes"), (1, "1 spike"), (1200, "1,200 spikes")])
def test_numbers_of_things(count: int, text: str) -> None:
    assert counted(count, "spike") == text
