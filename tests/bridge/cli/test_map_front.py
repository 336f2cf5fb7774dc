"""``synaptile map --pareto``: the front as a table and in files, and a point of it as a mapping."""

import csv
import itertools
import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synaptile.bridge import Chip, ChipConfig, map_front, map_trace
from synaptile.bridge.cli import main
from synaptile.bridge.errors import MappingError
from synaptile.bridge.mapped_front import MappedFront
from synaptile.bridge.plots.trade_offs import trade_offs
from synaptile.bridge.report.figures import trade_off_pairs
from synaptile.swsim.trace import Trace

CHIP = ["--mesh", "3x4", "--crossbar", "24x4"]


@pytest.fixture
def trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trace:
    """Forty neurons that each excite three others, in a folder of their own as ``t``."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(4)
    pre = np.repeat(np.arange(40), 3)
    step, neuron = np.divmod(np.sort(rng.choice(120, 70, replace=False)), 40)
    found = Trace(
        dt=1.0,
        steps=3,
        neurons=40,
        spike_neuron=neuron,
        spike_step=step,
        pre=pre,
        post=(pre + rng.integers(1, 40, len(pre))) % 40,
        weight=np.ones(len(pre)),
        delay=np.ones(len(pre), np.int32),
    )
    found.save("t")
    return found


@pytest.fixture
def found(trace: Trace) -> MappedFront:
    return map_front(trace, ChipConfig.preset("demo", mesh="3x4", crossbar="24x4"), partitions=["in-order", "km1"])


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        code = main(["map", "t", *CHIP, *arguments])
    except SystemExit as end:
        code = int(end.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_front_as_table_and_files(trace: Trace, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--partition", "in-order,km1", "--pareto", "spike-hops,worst-link"]
    code, out, err = run(capsys, *options, "--out", "o", "--save", "m.json", "--point", "2")
    assert code == 0
    values = json.loads(Path("o/front.json").read_text())
    rows = list(csv.DictReader(Path("o/front.csv").read_text().splitlines()))
    lines = out.splitlines()
    assert lines[0] == (
        f"40 neurons on demo, 3x4 tiles: {len(rows)} points on the front of spike-hops, worst-link, seed 0"
    )
    assert lines[1].split() == ["point", "partition", "tiles", "packets", "spike-hops", "worst-link", "energy"]
    assert len(lines) == 2 + len(rows) > 3
    assert [line.split()[0] for line in lines[2:]] == [row["point"] for row in rows]
    assert [{key: str(value) for key, value in row.items()} for row in values["front"]] == rows
    points = [(row["spike_hops"], row["worst_link"]) for row in values["front"]]
    assert all(a < c and b > d for (a, b), (c, d) in itertools.pairwise(points))
    files = ", ".join(f"o/point-{number}.json" for number in range(1, len(rows) + 1))
    assert err == f"synaptile: wrote m.json, o/front.json, o/front.csv, o/front.png, {files}\n"
    assert Path("o/front.png").read_bytes().startswith(b"\x89PNG")
    assert Path("m.json").read_bytes() == Path("o/point-2.json").read_bytes()
    # The chip sends, and the links carry, what the front says of the point.
    assert main(["replay", "t", *CHIP, "--engine", "amaranth", "--json", "--mapping", "m.json"]) == 0
    metrics = json.loads(capsys.readouterr().out)["metrics"]
    assert metrics["packets_sent"] == values["front"][1]["packets"]
    assert round(metrics["hops_mean"] * metrics["packets_delivered"]) == values["front"][1]["spike_hops"]
    code, out, _ = run(capsys, *options, "--json")
    assert json.loads(out)["front"] == values["front"]


def test_points_are_mappings_with_what_they_cost(found: MappedFront, trace: Trace, tmp_path: Path) -> None:
    assert {point.partition for point in found.points} <= {"in-order", "km1"}
    for number in sorted({1, len(found.points) // 2 + 1, len(found.points)}):
        point = found.points[number - 1]
        path = found.save(tmp_path / f"{number}.json", number)
        run = Chip(found.config, mapping=path, engine="amaranth").replay(trace)
        assert run.activity.packet_hops == point.values["spike-hops"]
        assert run.activity.link_flits.max() == point.values["worst-link"]
        assert len(run.packets) == point.packets
        assert found.point(number).mapping is point.mapping
    # One objective alone finds nothing better by the same clusters.
    for name in found.objectives:
        alone = map_trace(trace, found.config, partitions=["in-order", "km1"], objective=name, time_limit=None)
        assert min(point.values[name] for point in found.points) <= alone.best.values[name]
    for number in (0, len(found.points) + 1):
        with pytest.raises(ValueError, match=rf"point must lie in 1\.\.{len(found.points)}, .* not {number}"):
            found.point(number)
    assert list(found.to_pandas()["spike_hops"]) == [point.values["spike-hops"] for point in found.points]


def test_the_same_seed_gives_the_same_front(found: MappedFront, trace: Trace) -> None:
    again = map_front(trace, found.config, partitions=["in-order", "km1"])
    assert again.rows() == found.rows()
    assert not found.cut
    short = map_front(trace, found.config, time_limit=0.05)
    assert short.cut
    assert short.points


def test_ctrl_c_keeps_the_front_found_until_then(
    found: MappedFront, trace: Trace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def press_at(stage: str) -> Callable[[str, int], None]:
        def tell(what: str, _: int) -> None:
            told.append(what)
            if what.startswith(stage):
                raise KeyboardInterrupt

        return tell

    def interrupted_at(stage: str) -> MappedFront:
        return map_front(trace, found.config, partitions=["in-order", "km1"], progress=press_at(stage))

    assert not found.interrupted
    for stage, partitions in (
        ("in-order: generation 3 of", {"in-order"}),
        ("km1: generation 3 of", {"in-order", "km1"}),
    ):
        part = interrupted_at(stage)
        assert told[-1].startswith(stage)
        assert part.interrupted
        assert part.cut
        assert part.points
        assert {point.partition for point in part.points} <= partitions
    first = told.index(next(what for what in told if what.startswith("km1")))
    # Without placements of the second partition, the front is that of the first.
    assert interrupted_at(told[first]).rows() == map_front(trace, found.config, partitions=["in-order"]).rows()
    with pytest.raises(KeyboardInterrupt):
        interrupted_at(told[0])

    progress = press_at("in-order: generation 3 of")
    monkeypatch.setattr(
        "synaptile.bridge.cli.progress.stage_progress", lambda _: nullcontext(lambda what: progress(what, 0))
    )
    code, out, err = run(capsys, "--partition", "in-order,km1", "--pareto", "spike-hops,worst-link", "--out", "o")
    assert code == 130
    assert err.endswith("synaptile: interrupted: what is shown is the front found until then\n")
    assert json.loads(Path("o/front.json").read_text())["interrupted"] is True
    assert "on the front of" in out


def test_the_picture_numbers_the_points(found: MappedFront) -> None:
    values = [point.values for point in found.points]
    axes = trade_offs(values, "spike-hops", "worst-link", color="red")
    (line,) = axes.lines
    assert line.get_xdata().tolist() == [value["spike-hops"] for value in values]  # type: ignore[union-attr]
    assert [text.get_text() for text in axes.texts] == [str(number) for number in range(1, len(values) + 1)]
    assert line.get_color() == "red"
    many = [{"a": number, "b": -number} for number in range(100)]
    assert len(trade_offs(many, "a", "b").texts) == 25
    figure = trade_off_pairs(values, ("spike-hops", "worst-link", "energy"), title="three")
    assert [(axes.get_xlabel(), axes.get_ylabel()) for axes in figure.axes] == [
        ("spike-hops", "worst-link"),
        ("spike-hops", "energy"),
        ("worst-link", "energy"),
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--pareto", "spike-hops"], "must have two or more of spike-hops, worst-link, energy, not 'spike-hops'"),
        (["--pareto", "energy,energy"], "--pareto must have two or more of"),
        (["--pareto", "spike-hops,late-spikes"], "must be of spike-hops, worst-link, energy, not 'late-spikes'"),
        (["--pareto", "spike-hops,worst-link", "--save", "m"], "--save and --point must be given together"),
        (["--pareto", "spike-hops,worst-link", "--point", "1"], "--save and --point must be given together"),
        (["--pareto", "spike-hops,worst-link", "--save", "m", "--point", "999", "--partition", "in-order"],
         "--point: point must lie in 1.."),
        (["--pareto", "spike-hops,worst-link", "--place", "greedy"], "--place must be left out"),
        (["--pareto", "spike-hops,worst-link", "--objective", "energy"], "--objective must be left out"),
        (["--pareto", "spike-hops,worst-link", "--method", "all"], "--method must be left out"),
        (["--pareto", "spike-hops,worst-link", "--time-limit", "0"], "--time-limit must lie in 0..86400"),
        (["--pareto", "spike-hops,worst-link", "--partition", "x"], "--partition must be of in-order"),
        (["--pareto", "spike-hops,worst-link", "--mesh", "2x2"], "40 neurons need at least 10 tiles of 4 neurons"),
        (["--point", "1"], "--point is for --pareto"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(
    arguments: list[str], says: str, trace: Trace, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, *arguments)
    assert says in err
    assert code == 2
    assert err.splitlines()[-1].startswith("synaptile: error: ")
    assert "Traceback" not in err
    assert not Path("m").exists()


def test_without_pymoo_it_says_what_to_install(
    trace: Trace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "synaptile.bridge.mapping.placement.nsga", None)
    code, _, err = run(capsys, "--pareto", "spike-hops,worst-link", "--partition", "in-order")
    assert code == 2
    assert err == (
        'synaptile: error: several objectives need pymoo, which comes with: pip install "synaptile[explore]"\n'
    )


def test_a_network_that_does_not_fit_is_refused(trace: Trace) -> None:
    small: Any = {"mesh": "1x3", "crossbar": "24x4"}
    with pytest.raises(MappingError, match="40 neurons need at least 10 tiles"):
        map_front(trace, ChipConfig.preset("demo", **small))
