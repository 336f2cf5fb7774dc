import dataclasses

import numpy as np
import pytest

from synaptile.bridge.config import Crossbar
from synaptile.bridge.engines import make_engine
from synaptile.bridge.engines.base import Deliveries, Packets
from synaptile.bridge.mapping import Mapping
from synaptile.bridge.metrics.hardware_log import (
    HardwareLog,
    HardwareLogError,
    load_hardware_log,
    save_hardware_log,
)
from synaptile.bridge.metrics.on_chip import OnChipLog
from synaptile.rtl import NetworkParams


@pytest.fixture(scope="module")
def log():
    engine = make_engine("amaranth", NetworkParams(rows=1, cols=3, neurons=8))
    engine.inject(Packets(cycle=[0, 0, 5], source=[0, 1, 2], destination=[2, 0, 1], neuron=[1, 2, 3], stamp=[0, 0, 1]))
    engine.drain()
    return HardwareLog(engine.deliveries(), engine.packets(), engine.activity(), {"seed": 3})


@pytest.fixture(scope="module")
def whole(log):
    """A log that has every part."""
    mapping = Mapping(1, 3, Crossbar(axons=9, neurons=2), [0, 2, 2], [0, 1, 0], np.array([True, False, False]))
    counters = {"axon_events": np.array([3, 0, 1]), "spikes": np.array([0, 0, 2])}
    on_chip = OnChipLog(
        starts=np.array([0, 9]), lengths=np.array([9, 4]), overruns=np.array([0, 1]), host_sent=np.array([2, 1]),
        host_received=np.array([0, 1]), host_late=1, merged=2, reports=1, counters=counters, timed=True,
        observed=False, seconds=0.25,
    )  # fmt: skip
    return dataclasses.replace(log, mapping=mapping, on_chip=on_chip)


def assert_equal(found, expected):
    if not dataclasses.is_dataclass(expected):
        np.testing.assert_equal(found, expected)
        return
    for field in dataclasses.fields(expected):
        assert_equal(getattr(found, field.name), getattr(expected, field.name))


@pytest.mark.parametrize("name", ["log", "whole"])
def test_round_trip_and_same_bytes(name, request, tmp_path):
    log = request.getfixturevalue(name)
    one = save_hardware_log(tmp_path / "snn.hw.out", log)
    other = save_hardware_log(tmp_path / "again", log)
    assert one.read_bytes() == other.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "snn.hw.out"]
    found = load_hardware_log(one)
    assert found.header == {"seed": 3, "format": "synaptile-hardware-log", "version": 3}
    assert_equal(dataclasses.replace(found, header=log.header), log)
    assert save_hardware_log(tmp_path / "third", found).read_bytes() == one.read_bytes()


def test_no_time_of_a_board_and_nobody_outside_are_none(whole, tmp_path):
    mapping = dataclasses.replace(whole.mapping, outside=None)
    log = dataclasses.replace(whole, mapping=mapping, on_chip=dataclasses.replace(whole.on_chip, seconds=None))
    found = load_hardware_log(save_hardware_log(tmp_path / "log", log))
    assert found.mapping.outside is None
    assert found.on_chip.seconds is None


def test_a_log_of_an_older_version_is_refused_by_it(log, tmp_path, monkeypatch):
    monkeypatch.setattr("synaptile.bridge.metrics.hardware_log._VERSION", 2)
    path = save_hardware_log(tmp_path / "old", log)
    monkeypatch.undo()
    with pytest.raises(HardwareLogError, match=r"old is not a hardware log.*it is of version 2, not 3"):
        load_hardware_log(path)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("mapping.tile", np.array([0, 3, 2]), "tile must lie in 0..2, not 3"),
        ("mapping.slot", np.array([0, 2, 1]), "slot must lie in 0..1, not 2"),
        ("mapping.slot", np.array([0, 0, 0]), "mapping must be one that a chip can have, not neurons 1 and 2 share"),
        ("mapping.slot", np.array([0, 1]), "mapping must be arrays of equal length, not"),
        ("mapping.outside", np.array([2, 0, 0]), "outside must lie in 0..1, not 2"),
        ("mapping.crossbar", np.array([9]), r"crossbar must be axons and neurons, not \[9\]"),
        ("mapping.crossbar", np.array([9, 0]), "crossbar must lie in 1..2147483647, not 0"),
        ("mapping.crossbar", None, "mapping.crossbar must be there, as others of its kind are, not there"),
        ("on_chip.seconds", None, "on_chip.seconds must be there, as others of its kind are, not there"),
        ("on_chip.seconds", np.float64(-1), "seconds must be a time, or nan for none, not -1.0"),
        ("on_chip.timed", np.int64(2), "timed must be a whole number in 0..1, not 2"),
        ("on_chip.merged", np.int64(-1), "merged must be a whole number in 0.."),
        ("on_chip.starts", np.array([5, 0]), r"starts must ascend, not \[5, 0\]"),
        ("on_chip.starts", np.array([0]), "on_chip must be arrays of equal length"),
        ("on_chip.counters.spikes", np.array([0]), "spikes must have a count for each of 3 cores, not 1"),
        ("packets.more", np.array([0, 0, 2]), "more must lie in 0..1, not 2"),
        ("packets.source", np.array([0, 0, 3]), "source must lie in 0..2, not 3"),
        ("packets.cycle", np.array([0, 0]), "packets must be arrays of equal length"),
    ],
)
def test_so_is_what_no_mapping_cores_or_packets_can_be(whole, tmp_path, name, value, message):
    with np.load(save_hardware_log(tmp_path / "good", whole)) as archive:
        members = {**archive, name: value}
    np.savez_compressed(tmp_path / "bad.npz", **{key: array for key, array in members.items() if array is not None})
    with pytest.raises(HardwareLogError, match=f"bad.npz: {message}"):
        load_hardware_log(tmp_path / "bad.npz")


def test_no_more_is_delivered_than_was_sent(log, tmp_path):
    packets = Packets(*(getattr(log.packets, field.name)[:2] for field in dataclasses.fields(Packets)))
    path = save_hardware_log(tmp_path / "bad", dataclasses.replace(log, packets=packets))
    with pytest.raises(HardwareLogError, match="deliveries must be at most the 2 packets sent, not 3"):
        load_hardware_log(path)


def test_truncated_and_foreign_files_are_refused(log, tmp_path):
    whole = save_hardware_log(tmp_path / "whole", log).read_bytes()
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
        save_hardware_log(tmp_path / "missing" / "snn.hw.out", log)
    assert list(tmp_path.iterdir()) == []


def rewritten(log, tmp_path, **arrays):
    """The file of a good log with other arrays."""
    with np.load(save_hardware_log(tmp_path / "good", log)) as archive:
        members = dict(archive)
    assert not arrays.keys() - members.keys()
    np.savez_compressed(tmp_path / "bad.npz", **members | arrays)
    return tmp_path / "bad.npz"


COUNTS = [f"activity.{name}" for name in ("flits", "packets", "injected_flits", "hub_flits", "hub_packets")]
COLUMNS = [
    f"{part}.{field.name}"
    for part, kind in (("deliveries", Deliveries), ("packets", Packets))
    for field in dataclasses.fields(kind)
]


@pytest.mark.parametrize("name", COLUMNS + COUNTS)
def test_no_array_may_be_of_another_type_or_size_or_negative(log, tmp_path, name):
    with np.load(save_hardware_log(tmp_path / "whole", log)) as archive:
        good = archive[name]
    short = name.partition(".")[2]
    for bad, message in (
        (good.astype(float), f"{name} must be an array of whole numbers, not 'float64'"),
        (good.astype("U8"), f"{name} must be an array of whole numbers, not 'str256'"),
        (good.astype(object), f"{name} must be an array of whole numbers, not 'object'"),
        (good[None], f"{name} must have "),
        (np.concatenate([good, np.zeros_like(good, shape=(1, *good.shape[1:]))]), "must (be arrays of|have shape)"),
        (np.full(good.shape, 2**64 - 1, np.uint64) if good.size else good[None], short),
        (good - 100 if good.size else good[None], short),
    ):
        with pytest.raises(HardwareLogError, match=message) as found:
            load_hardware_log(rewritten(log, tmp_path, **{name: bad}))
        assert found.value.file == str(tmp_path / "bad.npz")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("activity.rows", np.int64(2), r"flits must have shape \(6, 5\) on a mesh of 2x3 tiles, not \(3, 5\)"),
        ("activity.rows", np.int64(0), "rows must be a whole number in 1..2147483647, not 0"),
        ("activity.cols", np.int64(2**40), "cols must be a whole number in 1..2147483647, not 1099511627776"),
        ("activity.cols", np.array([3]), r"activity.cols must have 0 dimensions, not \(1,\)"),
        ("activity.cycles", np.int64(-1), "cycles must be a whole number in 0..9223372036854775807, not -1"),
        ("activity.cycles", np.float64(9), "activity.cycles must be an array of whole numbers, not 'float64'"),
        ("activity.cycles", np.int64(3), r"\w+ must lie in 0..2, not"),
        ("activity.topology", np.array("ring"), "topology must be one of mesh, torus, tree, not 'ring'"),
        ("activity.topology", np.array("tree"), r"rows and cols must be multiples of 2 in a tree, not \(1, 3\)"),
        ("activity.topology", np.array("x" * 99), "activity.topology must have at most 64 bytes, not 396"),
        ("deliveries.source", np.array([0, 1, 3]), "source must lie in 0..2, not 3"),
        ("deliveries.destination", np.array([0, 1, 3]), "destination must lie in 0..2, not 3"),
        ("deliveries.created", np.array([0, 0, 2**62]), "created must lie in 0.."),
        ("deliveries.created", np.array([5, 5, 5]), r"injected must not be before created, not \(0, 5\)"),
        ("deliveries.completed", np.array([8, 8, 0]), r"completed must not be before delivered, not \(0, "),
    ],
)
def test_what_no_chip_can_have_logged_is_refused(log, tmp_path, name, value, message):
    with pytest.raises(HardwareLogError, match=f"bad.npz: {message}"):
        load_hardware_log(rewritten(log, tmp_path, **{name: value}))


@pytest.mark.parametrize("order", [[1, 0, 2], [0, 2, 1]])
def test_deliveries_in_another_order_are_refused(log, tmp_path, order):
    columns = {
        f"deliveries.{field.name}": getattr(log.deliveries, field.name)[order]
        for field in dataclasses.fields(Deliveries)
    }
    with pytest.raises(
        HardwareLogError, match=r"bad.npz: deliveries must be sorted by delivered, then destination, not"
    ):
        load_hardware_log(rewritten(log, tmp_path, **columns))


def test_deliveries_of_one_cycle_are_sorted_by_destination(log, tmp_path):
    columns = {field.name: np.array([4, 4, 4]) for field in dataclasses.fields(Deliveries)}
    columns |= {"source": np.array([0, 0, 0]), "destination": np.array([0, 1, 2])}
    good = dataclasses.replace(log, deliveries=Deliveries(**columns))
    assert len(load_hardware_log(save_hardware_log(tmp_path / "good", good)).deliveries) == 3
    columns["destination"] = np.array([0, 2, 1])
    bad = dataclasses.replace(log, deliveries=Deliveries(**columns))
    with pytest.raises(
        HardwareLogError, match=r"deliveries must be sorted by delivered, then destination, not so at 2$"
    ):
        load_hardware_log(save_hardware_log(tmp_path / "bad", bad))


@pytest.mark.parametrize("topology", ["mesh", "torus", "tree"])
def test_what_engines_log_in_the_middle_of_a_run_passes(topology, tmp_path):
    side, random = 2, np.random.default_rng(1)
    engine = make_engine(
        "amaranth", NetworkParams(rows=side, cols=side, neurons=8, topology=topology, virtual_channels=2)
    )
    tiles = random.integers(0, side * side, (2, 60))
    cycle = np.sort(random.integers(0, 20, 60))
    engine.inject(Packets(cycle=cycle, source=tiles[0], destination=tiles[1], neuron=cycle % 8, stamp=cycle * 0))
    for until in (0, 12, 20, None):
        engine.drain() if until is None else engine.run(until)
        log = HardwareLog(engine.deliveries(), engine.packets(), engine.activity())
        found = load_hardware_log(save_hardware_log(tmp_path / "log", log))
        assert len(found.deliveries) == len(engine.deliveries())
    assert len(engine.deliveries()) == 60
