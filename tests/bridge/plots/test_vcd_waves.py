import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

from synaptile.bridge.plots.vcd_waves import cycle_values
from synaptile.bridge.report.figures import wave_figure

SCRIPT = Path(__file__).parents[3] / "docs" / "images" / "hop.py"


@pytest.fixture(scope="module")
def hop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The waveform of the picture in docs/network.md, and the script that draws it."""
    script = runpy.run_path(str(SCRIPT))
    dump = tmp_path_factory.mktemp("hop") / "hop.vcd"
    script["record"](dump)
    return dump, script


def values(hop: tuple[Path, dict[str, Any]], name: str) -> list[str]:
    dump, script = hop
    return cycle_values(dump, f"{script['ROUTER']}.{name}", script["CYCLES"], clock_hz=script["CLOCK_HZ"])


def test_the_packet_crosses_the_router_as_the_page_says(hop: Any) -> None:
    assert values(hop, "west_in.kind") == ["", "HEAD", "TAIL", "", ""]
    assert values(hop, "west_in.ready") == ["1"] * 5
    assert values(hop, "west_in.level") == ["0", "0", "1", "1", "0"]
    assert values(hop, "east_out.kind") == ["", "", "HEAD", "TAIL", ""]
    assert values(hop, "east_out.chosen") == ["", "", "WEST", "WEST", ""]
    assert values(hop, "east_out.held") == ["0", "0", "0", "1", "0"]
    assert values(hop, "east_out.owner") == ["", "", "", "WEST", ""]


def test_the_picture_shows_each_value_as_long_as_it_lasts(hop: Any) -> None:
    dump, script = hop
    figure = wave_figure(dump, script["ROWS"], script["CYCLES"], clock_hz=script["CLOCK_HZ"], title="a title")
    [axes] = figure.axes
    placed = {(text.get_text(), text.get_position()[0]) for text in axes.texts}
    assert {("HEAD", 1.5), ("TAIL", 2.5), ("HEAD", 2.5), ("TAIL", 3.5), ("WEST", 3.0), ("WEST", 3.5)} <= placed
    assert {("cycle 0", 0.5), ("cycle 4", 4.5)} <= placed
    assert {label for label, _ in script["ROWS"]} <= {text for text, _ in placed}


def test_a_variable_that_is_not_there_is_refused(hop: Any) -> None:
    with pytest.raises(ValueError, match=r"^variable must be one of those in .*hop\.vcd, not 'chip\.tile_9_9\.x'$"):
        cycle_values(hop[0], "chip.tile_9_9.x", range(2), clock_hz=1e8)


def test_the_script_draws_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["hop.py", str(tmp_path)])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    assert (tmp_path / "hop.png").read_bytes().startswith(b"\x89PNG")
