"""docs/files.md names every column and array that is written, and no other."""

import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from synaptile.bridge.cli import main
from synaptile.bridge.engines.base import Activity, Deliveries
from synaptile.bridge.engines.logfile import LOG_COLUMNS
from synaptile.swsim import Trace

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
        assert sorted(archive) == sorted(named("`snn.hw.out`", 0))
        assert archive["activity.flits"].shape == (6, 5)
        assert archive["activity.injected_flits"].shape == (6,)
        assert archive["activity.hub_flits"].shape == (0, 5)
        order = np.lexsort((rows[:, 2], rows[:, 7]))
        for column, name in enumerate(LOG_COLUMNS):
            assert (archive[f"deliveries.{name}"] == rows[order, column]).all()
    column = dict(zip(LOG_COLUMNS, rows.T, strict=True))
    assert (column["neuron"] == column["source"]).all()
    assert (column["stamp"] == column["created"]).all()


def test_the_arrays_are_the_attributes_of_their_classes() -> None:
    names = [f"deliveries.{field.name}" for field in fields(Deliveries)]
    names += [f"activity.{field.name}" for field in fields(Activity)]
    assert sorted(["header", *names]) == sorted(named("`snn.hw.out`", 0))


def test_so_are_those_of_a_trace(tmp_path: Path) -> None:
    ints, weights = np.zeros(1, np.int32), np.zeros(1)
    trace = Trace(1.0, 1, 1, ints, ints.astype(np.int64), ints, ints, weights, ints + 1)
    trace.save(tmp_path / "snn.sw.out")
    with np.load(tmp_path / "snn.sw.out") as archive:
        assert sorted(archive) == sorted(named("`snn.sw.out`", 0))
