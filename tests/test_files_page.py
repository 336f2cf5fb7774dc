"""docs/files.md names every column and array that is written, and no other."""

import inspect
import json
import re
from pathlib import Path

import numpy as np
import pytest
from support.fake_runs import imagined, random_trace
from support.on_chip_network import run_network

from synaptile.bridge import Chip, ChipConfig, ChipRun
from synaptile.bridge.cli import main
from synaptile.bridge.engines.logfile import LOG_COLUMNS
from synaptile.bridge.metrics.hardware_log import load_hardware_log
from synaptile.swsim.foreign import FORMATS

PAGE = (Path(__file__).parents[1] / "docs" / "files.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """The text below a heading, up to the next."""
    return re.split(r"^## ", PAGE.split(f"## {heading}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]


def named(heading: str, column: int) -> list[str]:
    """The names in a column of a section's table."""
    rows = re.findall(r"^\| (?!---)(.*) \|$", section(heading), re.MULTILINE)[1:]
    return [name for row in rows for name in re.findall(r"`([\w.]+)`", row.split(" | ")[column])]


LOG = "The log of `traffic --log FILE.npy`"


def test_the_columns_of_a_log_are_those_that_the_page_and_the_help_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert tuple(named(LOG, 1)) == LOG_COLUMNS
    assert re.findall(r"^\| (\d+) \|", section(LOG), re.MULTILINE) == [str(i) for i in range(len(LOG_COLUMNS))]
    assert ", ".join(LOG_COLUMNS) in " ".join(section(LOG).split())
    assert main(["traffic", "--help"]) == 0
    assert ", ".join(LOG_COLUMNS) in " ".join(capsys.readouterr().out.split())


def test_what_is_written_is_what_the_page_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["traffic", "--mesh", "2x3", "--rate", "0.1", "--cycles", "60", "--drain", "--json"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    assert main([*arguments, "--log", str(tmp_path / "log.npy")]) == 0
    capsys.readouterr()
    rows = np.load(tmp_path / "log.npy")
    assert rows.dtype == np.int64
    assert rows.shape[1:] == (len(LOG_COLUMNS),)
    with np.load(tmp_path / "snn.hw.out") as archive:
        assert archive["activity.flits"].shape == (6, 5)
        assert archive["activity.injected_flits"].shape == (6,)
        assert archive["activity.hub_flits"].shape == (0, 5)
        order = np.lexsort((rows[:, 2], rows[:, 7]))
        for column, name in enumerate(LOG_COLUMNS):
            assert (archive[f"deliveries.{name}"] == rows[order, column]).all()
    column = dict(zip(LOG_COLUMNS, rows.T, strict=True))
    assert (column["neuron"] == column["source"]).all()
    assert (column["stamp"] == column["created"]).all()


def arrays_of(heading: str) -> dict[str, tuple[str, str, str]]:
    """Shape, type and unit of each array in a section's table."""
    rows = re.findall(r"^\| `([\w.]+)` \| (.*?) \| (.*?) \| (.*?) \| ", section(heading), re.MULTILINE)
    return {name: (shape, kind, unit) for name, shape, kind, unit in rows}


HARDWARE, SOFTWARE = "`snn.hw.out`", "`snn.sw.out`"


def check_arrays(path: Path, heading: str, sizes: dict[str, int]) -> list[str]:
    """Check shapes and types of a file's arrays against the page, and return their names."""
    page = arrays_of(heading)
    with np.load(path) as archive:
        for name in archive:
            shape, kind, unit = page[name]
            expected = tuple(sizes.get(size, 0) if not size.isdecimal() else int(size) for size in SIZE.findall(shape))
            found = archive[name]
            if name == "header":
                expected = found.shape
            assert (name, found.shape) == (name, expected)
            assert (name, "text" if found.dtype.kind == "U" else found.dtype.name) == (name, kind)
            assert unit, name
        return list(archive)


SIZE = re.compile(r"\w+")


def test_shapes_and_types_of_a_run_are_those_of_the_page(tmp_path: Path) -> None:
    settings = {"mesh": (2, 2), "crossbar": "96x8", "weight_bits": 5, "engine": "amaranth", "mode": "on-chip"}
    chip = Chip(**settings)
    run_network(hardware=chip, steps=10)
    run = chip.report()
    run.save(tmp_path, page=False)
    assert run.log is not None
    assert len(run.packets) > len(run.deliveries) - 1 > 0
    sizes = {
        "deliveries": len(run.deliveries),
        "packets": len(run.packets),
        "nodes": 4,
        "tiles": 4,
        "neurons": run.trace.neurons,
        "steps": run.trace.steps,
        "spikes": run.trace.spikes,
        "synapses": run.trace.synapses,
    }
    names = check_arrays(tmp_path / "snn.hw.out", HARDWARE, sizes)
    assert sorted(names) == sorted(named(HARDWARE, 0))
    names = check_arrays(tmp_path / "snn.sw.out", SOFTWARE, sizes)
    assert sorted(names) == sorted(named(SOFTWARE, 0))


def test_so_are_those_of_a_tree_in_synthetic_traffic(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["traffic", "--mesh", "2x2", "--topology", "tree", "--rate", "0.1", "--cycles", "40", "--json"]
    assert main([*arguments, "--engine", "amaranth", "--out", str(tmp_path)]) == 0
    capsys.readouterr()
    log = load_hardware_log(tmp_path / "snn.hw.out")
    sizes = {"deliveries": len(log.deliveries), "packets": len(log.packets), "nodes": 1, "clusters": 1, "tiles": 4}
    names = check_arrays(tmp_path / "snn.hw.out", HARDWARE, sizes)
    parts = ("deliveries.", "packets.", "activity.")
    assert sorted(names) == sorted(name for name in named(HARDWARE, 0) if name.startswith((*parts, "header")))


def test_tables_have_the_columns_and_units_of_the_page() -> None:
    rows = re.findall(r"^\| (\w+) \| `(\w+)` \| (.*?) \| ", section("Tables"), re.MULTILINE)
    tables = imagined(random_trace(), ChipConfig.preset("demo")).tables()
    found = [
        (table.name, column, table.units.get(column, "–")) for table in tables.values() for column in table.columns
    ]
    assert rows == found
    for table in tables.values():
        assert table.units.keys() <= table.columns.keys()


def test_the_formats_of_spikes_are_those_that_are_read() -> None:
    assert named("Traces from other simulators", 0) == list(FORMATS)


def test_the_keys_of_metrics_json_are_those_of_the_page() -> None:
    page = named("`metrics.json`", 0)
    values = imagined(random_trace(), ChipConfig.preset("demo")).to_dict()
    found = []
    for key in ("network", "mapping"):
        for name, value in values[key].items():
            inner = value if name in ("partition", "placement") else {}
            found += [f"{key}.{name}.{other}" for other in inner] or [f"{key}.{name}"]
    assert [name for name in page if "." in name] == found
    # Those that are there only of some runs are written as such in the source.
    written = re.findall(r'"(\w+)": (?!self\.trace|dict\()', inspect.getsource(ChipRun.to_dict))
    outer = list(dict.fromkeys(name.partition(".")[0] for name in page))
    assert outer == written
    assert [name for name in outer if name in values] == list(values)


def test_the_header_of_a_log_is_metrics_json(tmp_path: Path) -> None:
    run = imagined(random_trace(), ChipConfig.preset("demo"))
    run.save(tmp_path)
    for file, heading, expected in (
        ("snn.hw.out", HARDWARE, set(json.loads((tmp_path / "metrics.json").read_text()))),
        ("snn.sw.out", SOFTWARE, {"dt", "steps", "neurons", "populations", "meta", "partial"}),
    ):
        with np.load(tmp_path / file) as archive:
            header = json.loads(bytes(archive["header"]))
        line = next(line for line in section(heading).splitlines() if line.startswith("| `header`"))
        assert header.keys() == expected | {"format", "version"}
        assert f"`format` (`{header['format']}`), `version` ({header['version']})" in line
        if file == "snn.sw.out":
            assert expected <= set(re.findall(r"`(\w+)`", line))
