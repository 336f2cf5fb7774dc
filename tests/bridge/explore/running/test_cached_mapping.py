"""Mappings that trials share are those that each would have had."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synaptile.bridge.config import ChipConfig
from synaptile.bridge.explore.running import cached_mapping
from synaptile.bridge.explore.running.cache import Cache
from synaptile.bridge.explore.running.cached_mapping import CachedMapper
from synaptile.bridge.mapping import GivenMapping, Network, map_network
from synaptile.bridge.mapping.mapper import KEYS_READ
from synaptile.bridge.mapping.partition import METHODS as PARTITIONS
from synaptile.bridge.mapping.partition import find_partition
from synaptile.bridge.mapping.placement import METHODS as PLACEMENTS
from synaptile.swsim.trace import Trace


class _Watched:
    """A chip that notes which of its keys are read."""

    def __init__(self, config: ChipConfig) -> None:
        self.config = config
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.read.add({"rows": "mesh", "cols": "mesh", "tiles": "mesh"}.get(name, name))
        return getattr(self.config, name)


@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_mapping_looks_at_no_other_keys(partition: str, placement: str, trace_file: Path) -> None:
    chip = _Watched(ChipConfig(mesh="2x2", crossbar="16x4"))
    network = Network.of_trace(Trace.load(trace_file))
    map_network(network, chip, partition=partition, placement=placement, seed=1)  # type: ignore[arg-type]
    assert chip.read
    assert chip.read <= {*KEYS_READ, "capacity"}


def test_it_is_made_once_and_kept_in_files(trace_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def counted(*args: Any, **kwargs: Any) -> Any:
        made.append(kwargs)
        return map_network(*args, **kwargs)

    monkeypatch.setattr(cached_mapping, "map_network", counted)
    _forget(monkeypatch)
    network = Network.of_trace(Trace.load(trace_file))
    mapper = CachedMapper(Cache(tmp_path), "a trace")
    chip = ChipConfig(mesh="2x2", crossbar="16x4")
    keys: dict[str, Any] = {"partition": "km1", "placement": "optimised", "seed": 3}
    first, report = mapper(network, chip, **keys)
    mapper(network, chip.replace(buffer_depth=7, clock_hz=1e6), **keys)
    assert len(made) == 1
    _forget(monkeypatch)  # as in another process
    again, report_again = mapper(network, chip, **keys)
    assert len(made) == 1
    assert np.array_equal(first.tile, again.tile)
    assert np.array_equal(first.slot, again.slot)
    assert report_again.to_dict() == report.to_dict()
    for other in ({"seed": 4}, {"partition": "in-order"}, {"placement": "in-order"}):
        mapper(network, chip, **{**keys, **other})
    mapper(network, chip.replace(mesh="2x3"), **keys)
    CachedMapper(Cache(tmp_path), "another")(network, chip, **keys)
    assert len(made) == 6


def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    for known in ("_mappings", "_partitions"):
        monkeypatch.setattr(cached_mapping, known, {})


@pytest.mark.parametrize("in_files", [False, True])
def test_chips_that_differ_in_their_mesh_share_the_partition(
    in_files: bool, trace_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parted = []

    def counted(*args: Any, **kwargs: Any) -> Any:
        parted.append(kwargs["method"])
        return find_partition(*args, **kwargs)

    monkeypatch.setattr(cached_mapping, "find_partition", counted)
    _forget(monkeypatch)
    network = Network.of_trace(Trace.load(trace_file))
    mapper = CachedMapper(Cache(tmp_path), "a trace")
    chip = ChipConfig(mesh="2x3", crossbar="16x4")

    def same(config: ChipConfig, partition: str, placement: str, seed: int) -> None:
        if in_files:
            _forget(monkeypatch)
        keys: dict[str, Any] = {"partition": partition, "placement": placement, "seed": seed}
        found, expected = mapper(network, config, **keys), map_network(network, config, **keys)
        assert np.array_equal(found[0].tile, expected[0].tile)
        assert np.array_equal(found[0].slot, expected[0].slot)
        assert found[1].to_dict() == expected[1].to_dict()

    torus = chip.replace(topology="torus", virtual_channels=2)
    for config in (chip, chip.replace(mesh="3x2"), chip.replace(mesh="1x6"), torus):
        same(config, "km1", "in-order", 3)
        same(config, "km1", "optimised", 3)
    assert parted == ["km1"]
    # What the number of clusters, or the seed, makes different is another one.
    same(chip.replace(mesh="2x2"), "km1", "in-order", 3)
    same(chip, "km1", "in-order", 4)
    same(chip.replace(crossbar="16x5"), "km1", "in-order", 3)
    assert parted == ["km1"] * 4
    for seed in range(3):
        same(chip, "refined", "in-order", seed)
        same(chip, "refined", "annealing", seed)
    assert parted == ["km1"] * 4 + ["refined"]


def test_a_mapping_of_methods_without_random_numbers_is_that_of_every_seed(
    trace_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _forget(monkeypatch)
    network, chip = Network.of_trace(Trace.load(trace_file)), ChipConfig(mesh="2x3", crossbar="16x4")
    mapper = CachedMapper(Cache(tmp_path), "a trace")
    made = [mapper(network, chip, partition="in-order", placement="hilbert", seed=seed) for seed in range(3)]
    assert made[0] is made[1] is made[2]
    drawn = [mapper(network, chip, partition="in-order", placement="random", seed=seed) for seed in range(3)]
    assert drawn[0] is not drawn[1]


def test_a_given_mapping_is_its_own(trace_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _forget(monkeypatch)
    network, chip = Network.of_trace(Trace.load(trace_file)), ChipConfig(mesh="2x3", crossbar="16x4")
    mapper = CachedMapper(Cache(tmp_path), "a trace")
    keys: dict[str, Any] = {"partition": "in-order", "placement": "in-order", "seed": 0}
    own, _ = mapper(network, chip, **keys)
    for tile in ([5] * 4 + [4] * 4 + [3] * 2, [0] * 4 + [4] * 4 + [3] * 2):
        given = GivenMapping(Path("mine.json"), np.array(tile, np.int64))
        found, report = mapper(network, chip, **keys, given=given)
        assert found.tile.tolist() == tile != own.tile.tolist()
        assert report.to_dict() == map_network(network, chip, given=given)[1].to_dict()
