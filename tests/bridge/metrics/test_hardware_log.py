import numpy as np
import pytest

from synaptile.bridge.engines import make_engine
from synaptile.bridge.engines.base import Packets
from synaptile.bridge.metrics.hardware_log import HardwareLogError, load_hardware_log, save_hardware_log
from synaptile.rtl import NetworkParams


@pytest.fixture(scope="module")
def log():
    engine = make_engine("amaranth", NetworkParams(rows=1, cols=3, neurons=8))
    engine.inject(Packets(cycle=[0, 0, 5], source=[0, 1, 2], destination=[2, 0, 1], neuron=[1, 2, 3], stamp=[0, 0, 1]))
    engine.drain()
    return engine.deliveries(), engine.activity()


def test_round_trip_and_same_bytes(log, tmp_path):
    one = save_hardware_log(tmp_path / "snn.hw.out", *log, {"seed": 3})
    other = save_hardware_log(tmp_path / "again", *log, {"seed": 3})
    assert one.read_bytes() == other.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "snn.hw.out"]
    deliveries, activity, header = load_hardware_log(one)
    assert header["seed"] == 3
    for name in deliveries.__dataclass_fields__:
        assert (getattr(deliveries, name) == getattr(log[0], name)).all()
    assert (activity.flits == log[1].flits).all()
    assert (activity.cycles, activity.rows, activity.cols) == (log[1].cycles, 1, 3)


def test_truncated_and_foreign_files_are_refused(log, tmp_path):
    whole = save_hardware_log(tmp_path / "whole", *log, {}).read_bytes()
    for content in (whole[: len(whole) // 2], whole[:20], b"", b"hello", np.arange(3).tobytes()):
        path = tmp_path / "bad"
        path.write_bytes(content)
        with pytest.raises(HardwareLogError, match="is not a hardware log, or is truncated"):
            load_hardware_log(path)
    with (tmp_path / "other").open("wb") as file:
        np.savez(file, header=np.frombuffer(b'{"format": "recipe"}', np.uint8))
    with pytest.raises(HardwareLogError, match=r"is not a hardware log.*it is a recipe"):
        load_hardware_log(tmp_path / "other")
    with pytest.raises(FileNotFoundError):
        load_hardware_log(tmp_path / "nowhere")


def test_an_unwritable_place_leaves_nothing(log, tmp_path):
    with pytest.raises(OSError, match="No such file or directory"):
        save_hardware_log(tmp_path / "missing" / "snn.hw.out", *log, {})
    assert list(tmp_path.iterdir()) == []
