"""What a notebook shows of an object that ends a cell: short text, and a table of what there is to see."""

import pytest
from support.fake_runs import imagined, random_trace

from synaptile.bridge import Chip, ChipConfig, ChipRun


@pytest.fixture
def run() -> ChipRun:
    return imagined(random_trace(), ChipConfig.preset("demo", name="<i>[/x]"))


class Printer:
    """What IPython gives to ``_repr_pretty_``."""

    def __init__(self) -> None:
        self.shown = ""

    def text(self, text: str) -> None:
        self.shown += text


def test_a_run_shows_its_table(run: ChipRun) -> None:
    assert len(repr(run)) < 200
    assert repr(run).startswith("<ChipRun <i>[/x], 4×4 tiles, ")
    html = run._repr_html_()
    assert html.startswith("<table><caption")
    assert "&lt;i&gt;[/x], 4×4 tiles" in html
    assert html.count("<tr>") == len(run.rows())
    printer = Printer()
    run._repr_pretty_(printer, cycle=False)
    assert printer.shown == str(run)
    assert "<i>[/x], 4×4 tiles" in str(run).splitlines()[0]


def test_a_trace_is_short() -> None:
    trace = random_trace()
    assert repr(trace) == (
        f"<Trace: {trace.neurons} neurons, {trace.synapses:,} synapses, {trace.spikes:,} spikes in {trace.steps:,} "
        f"steps of {trace.dt:g} ms>"
    )


def test_a_configuration_shows_what_is_not_usual() -> None:
    assert repr(ChipConfig()) == "ChipConfig()"
    changed = ChipConfig(name="a", mesh=(2, 3), buffer_depth=8, energy="loihi")
    assert repr(changed) == "ChipConfig(name='a', mesh=(2, 3), buffer_depth=8, energy='loihi')"
    html = changed._repr_html_()
    assert '<td style="text-align: left">mesh</td><td style="text-align: right"><b>2×3</b></td>' in html
    assert "128×128" in html
    assert Chip(changed)._repr_html_() == html
    assert repr(Chip(changed)) == "<Chip a: 2x3 tiles of 128 neurons>"
