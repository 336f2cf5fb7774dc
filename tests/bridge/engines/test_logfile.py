"""A log on disk is the log in memory."""

import dataclasses

import numpy as np
import pytest

from synaptile.bridge.engines import make_engine
from synaptile.bridge.engines.base import Deliveries
from synaptile.bridge.engines.logfile import LogFile, deliveries_in
from synaptile.bridge.tile_grid import TileGrid
from synaptile.bridge.traffic import measure, uniform
from synaptile.rtl import NetworkParams

PARAMS = NetworkParams(rows=4, cols=4, neurons=16)


def test_rows_are_read_back_at_any_time(tmp_path):
    log = LogFile(tmp_path / "log.npy")
    assert np.load(log.path).shape == (0, 9)
    everything = np.arange(9 * 1000).reshape(-1, 9)
    for start in range(0, 1000, 130):
        log.append(everything[start : start + 130])
        assert np.load(log.path).tolist() == everything[: start + 130].tolist()
    assert log.read(990).tolist() == everything[990:].tolist()
    assert log.read(1000).shape == (0, 9)


@pytest.mark.parametrize("rows", [1, 1000])
def test_same_deliveries(tmp_path, monkeypatch, rows):
    monkeypatch.setattr("synaptile.bridge.engines.compiled._ROWS_PER_WRITE", rows)
    packets = uniform(PARAMS, rate=0.1, cycles=2000, seed=1)
    kept = make_engine("compiled", PARAMS)
    filed = make_engine("compiled", PARAMS, log_file=tmp_path / "log.npy")
    for engine in (kept, filed):
        engine.inject(packets)
        engine.run(700)
        assert len(engine.deliveries(100)) > 0
        engine.drain()
    for field in dataclasses.fields(Deliveries):
        assert (getattr(kept.deliveries(), field.name) == getattr(filed.deliveries(), field.name)).all()
        assert (getattr(kept.deliveries(500), field.name) == getattr(filed.deliveries(500), field.name)).all()
    pieces = list(deliveries_in(tmp_path / "log.npy", TileGrid.of(PARAMS), rows_at_once=333))
    assert sorted(np.concatenate([piece.tag for piece in pieces])) == list(range(len(packets)))
    with pytest.raises(ValueError, match="packets are not kept when the log goes to a file"):
        filed.packets()


def test_measured_traffic_is_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("synaptile.bridge.traffic.generation._MAX_DRAWS", 1 << 8)
    results = []
    for options in ({}, {"log_file": tmp_path / "log.npy"}):
        engine = make_engine("compiled", PARAMS, **options)
        result = measure(engine, PARAMS, rate=0.1, cycles=300, seed=2, warmup=100, drain=True)
        results.append(dataclasses.replace(result, wall_s=0, cycles_per_s=0))
    assert results[0] == results[1]
    whole = make_engine("amaranth", PARAMS)
    reference = measure(whole, PARAMS, rate=0.1, cycles=300, seed=2, warmup=100, drain=True)
    assert dataclasses.replace(reference, wall_s=0, cycles_per_s=0, engine="compiled") == results[0]


def test_other_files_are_refused(tmp_path):
    np.save(tmp_path / "other.npy", np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"is not a delivery log: its shape is \(3, 2\) of float64"):
        next(deliveries_in(tmp_path / "other.npy", TileGrid(2, 2)))
    with pytest.raises(OSError, match="No such file or directory"):
        LogFile(tmp_path / "nowhere" / "log.npy")
