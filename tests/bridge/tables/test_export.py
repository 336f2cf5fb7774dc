"""Tables of a run as CSV, Parquet, pandas and xarray: the same numbers in all of them."""

import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
from support.fake_runs import imagined, random_trace

from synaptile.bridge import ChipConfig, ChipRun, ConfigError
from synaptile.bridge.cli import main
from synaptile.bridge.tables import Table, export, write_tables


@pytest.fixture(scope="module")
def run() -> ChipRun:
    return imagined(random_trace(labels=['a "b", c', "ü", "plain"]), ChipConfig.preset("demo", cycles_per_step=12))


@pytest.fixture(scope="module")
def empty() -> ChipRun:
    return imagined(random_trace((), steps=3), ChipConfig.preset("demo"))


def same(found: Any, column: np.ndarray) -> None:
    """Compare a column with what was read back; what has no value is nan, None or an empty text."""
    blank = (None, "")
    values = [None if value in blank or value != value else value for value in np.asarray(found, object).tolist()]
    assert values == [None if value != value else value for value in column.tolist()]


def typed(text: str, column: np.ndarray) -> Any:
    kind = column.dtype.kind
    return (
        text if kind == "O" or not text else text == "True" if kind == "b" else (int if kind in "iu" else float)(text)
    )


@pytest.mark.parametrize("name", ["run", "empty"])
def test_csv(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    tables = request.getfixturevalue(name).tables()
    written = request.getfixturevalue(name).save_tables(tmp_path / "new")
    assert [path.name for path in written] == [f"{table}.csv" for table in tables]
    for path, table in zip(written, tables.values(), strict=True):
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        assert head == list(table.columns)
        assert len(rows) == len(table)
        for number, column in enumerate(table.columns.values()):
            same([typed(row[number], column) for row in rows], column)


@pytest.mark.parametrize("name", ["run", "empty"])
def test_parquet(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    tables = request.getfixturevalue(name).tables()
    for path, table in zip(
        request.getfixturevalue(name).save_tables(tmp_path, "parquet"), tables.values(), strict=True
    ):
        found = pyarrow.parquet.read_table(path)
        assert found.column_names == list(table.columns)
        for name_, column in table.columns.items():
            same(found[name_].to_pylist(), column)
            unit = (found.schema.field(name_).metadata or {}).get(b"unit", b"").decode()
            assert unit == table.units.get(name_, "")


def test_pandas_and_xarray(run: ChipRun) -> None:
    frames, dataset, tables = run.to_pandas(), run.to_xarray(), run.tables()
    assert list(frames) == list(tables)
    assert dataset.attrs == {"chip": "demo", "engine": "imagined", "mode": "replay", "seed": 0}
    for name, table in tables.items():
        assert frames[name].attrs["units"] == table.units
        for column, values in table.columns.items():
            same(frames[name][column].to_numpy(), values)
            variable = dataset[f"{name}_{column}"]
            assert variable.dims == (table.row,)
            same(variable.values, values)
            assert variable.attrs.get("units") == table.units.get(column)
    assert frames["deliveries"]["latency"].mean() == run.metrics.latency.mean


def test_the_columns_are_what_the_metrics_are_of(run: ChipRun) -> None:
    tables = {name: table.columns for name, table in run.tables().items()}
    metrics = run.metrics
    assert tables["deliveries"]["latency"].mean() == metrics.latency.mean
    assert int(np.count_nonzero(tables["deliveries"]["late_steps"])) == metrics.late.count > 0
    assert len(tables["packets"]["cycle"]) == metrics.packets_sent
    assert tables["neurons"]["fanout_tiles"].max() == metrics.fanout_tiles.max
    assert tables["neurons"]["synapses"].sum() == len(tables["synapses"]["pre"]) == metrics.synapses
    assert tables["neurons"]["spikes"].sum() == tables["populations"]["spikes"].sum() == metrics.spikes
    assert tables["links"]["flits"].sum() == run.activity.flits.sum()
    assert tables["tiles"]["neurons"].sum() == metrics.neurons
    neuron = 13  # the second of the second population
    assert (tables["neurons"]["population"][neuron], tables["neurons"]["index"][neuron]) == ("ü", 1)
    assert tables["neurons"]["tile"].tolist() == run.mapping.tile.tolist()
    seconds = run.trace.steps * run.trace.dt / 1e3
    assert tables["neurons"]["rate_hz"][neuron] == run.trace.spike_counts()[neuron] / seconds
    where = (tables["links"]["node"] == 6) & (tables["links"]["port"] == "EAST")
    assert tables["links"]["flits"][where].tolist() == [run.activity.flits[6, 2]]
    assert (tables["links"]["row"][where], tables["links"]["col"][where]) == (1, 2)


def test_long_tables_are_written_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_CHUNK", 3)
    table = Table("t", "row", {"x": np.arange(8), "y": np.array([0.5, np.nan] * 4)}, {})
    (path,) = write_tables({"t": table}, tmp_path)
    assert path.read_text() == "x,y\n0,0.5\n1,\n2,0.5\n3,\n4,0.5\n5,\n6,0.5\n7,\n"


def test_what_is_not_installed_or_no_format_is_said(
    run: ChipRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pandas", "xarray", "pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, name, None)
    for take, what in (
        (run.to_pandas, "to_pandas needs pandas"),
        (run.to_xarray, "to_xarray needs xarray"),
        (lambda: run.save_tables(tmp_path, "parquet"), "Parquet needs pyarrow"),
    ):
        with pytest.raises(ModuleNotFoundError, match=rf"{what}: pip install 'synaptile\[tables\]'"):
            take()
    with pytest.raises(ConfigError, match="tables must be one of csv, parquet, not 'xls'"):
        run.save_tables(tmp_path, "xls")
    assert list(tmp_path.iterdir()) == []


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    random_trace().save(tmp_path / "trace")
    arguments = ["replay", str(tmp_path / "trace"), "--engine", "amaranth", "--mesh", "2x2", "--json"]
    assert main([*arguments, "--out", str(tmp_path / "o"), "--tables", "csv"]) == 0
    latency = json.loads(capsys.readouterr().out)["metrics"]["latency_mean"]
    with (tmp_path / "o" / "tables" / "deliveries.csv").open() as file:
        found = [int(row["latency"]) for row in csv.DictReader(file)]
    assert sum(found) / len(found) == latency
    assert main([*arguments, "--tables", "csv"]) == 2
    assert capsys.readouterr().err == "synaptile: error: --tables needs --out DIR to write to\n"
    sys.modules["pyarrow.parquet"], before = None, sys.modules["pyarrow.parquet"]  # type: ignore[assignment]
    try:
        assert main([*arguments, "--out", str(tmp_path / "p"), "--tables", "parquet"]) == 2
    finally:
        sys.modules["pyarrow.parquet"] = before
    assert "--tables: Parquet needs pyarrow: pip install 'synaptile[tables]'" in capsys.readouterr().err
