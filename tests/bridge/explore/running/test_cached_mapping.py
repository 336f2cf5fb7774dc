"""Mappings that trials share are those that each would have had."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synaptile.bridge.config import ChipConfig
from synaptile.bridge.explore.running import cached_mapping
from synaptile.bridge.explore.running.cache import Cache
from synaptile.bridge.explore.running.cached_mapping import CachedMapper
from synaptile.bridge.mapping import Network, map_network
from synaptile.bridge.mapping.mapper import KEYS_READ
from synaptile.bridge.mapping.partition import METHODS as PARTITIONS
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
    monkeypatch.setattr(cached_mapping, "_known", {})
    network = Network.of_trace(Trace.load(trace_file))
    mapper = CachedMapper(Cache(tmp_path), "a trace")
    chip = ChipConfig(mesh="2x2", crossbar="16x4")
    keys: dict[str, Any] = {"partition": "km1", "placement": "optimised", "seed": 3}
    first, report = mapper(network, chip, **keys)
    mapper(network, chip.replace(buffer_depth=7, clock_hz=1e6), **keys)
    assert len(made) == 1
    monkeypatch.setattr(cached_mapping, "_known", {})  # as in another process
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
