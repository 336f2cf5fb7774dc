"""Mappings that trials share: of the same network on chips that are alike as far as mapping looks at them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from synaptile.swsim.base.whole_file import whole_file

from ...mapping import GivenMapping, Mapping, MappingReport, Network, map_network
from ...mapping.mapper import KEYS_READ
from ...mapping.restored import restored_report
from .cache import Cache, content_key

if TYPE_CHECKING:
    from ...config import ChipConfig

__all__ = ["CachedMapper"]

_MOST = 64
"""Mappings that a process keeps in memory."""


class CachedMapper:
    """Maps networks as `map_network` does, each once.

    Parameters
    ----------
    cache
        Where mappings are.
    network_key
        What the network follows from, such as its trace's contents.
    """

    def __init__(self, cache: Cache, network_key: str) -> None:
        self._cache = cache
        self._network = network_key

    def __call__(
        self,
        network: Network,
        config: ChipConfig,
        *,
        partition: str,
        placement: str,
        seed: int,
        given: GivenMapping | None = None,
    ) -> tuple[Mapping, MappingReport]:
        """Map a network; see `map_network`."""
        if given is not None:
            return map_network(network, config, given=given)
        values = config.to_dict()
        chip = {key: values.get(key) for key in KEYS_READ}
        key = content_key([self._network, chip, partition, placement, seed])
        if key not in _known:
            with self._cache.making(f"mapping-{key}"):
                found = self._load(key, config)
                if found is None:
                    found = map_network(network, config, partition=partition, placement=placement, seed=seed)
                    self._save(key, *found)
            while len(_known) >= _MOST:
                del _known[next(iter(_known))]
            _known[key] = found
        return _known[key]

    def _load(self, key: str, config: ChipConfig) -> tuple[Mapping, MappingReport] | None:
        path = self._cache.path(f"mapping-{key}.npz")
        if path is None or not path.exists():
            return None
        with np.load(path, allow_pickle=False) as file:
            mapping = Mapping(config.rows, config.cols, config.crossbar, file["tile"], file["slot"])
            report: dict[str, Any] = json.loads(str(file["report"]))
        return mapping, restored_report(mapping, report)

    def _save(self, key: str, mapping: Mapping, report: MappingReport) -> None:
        path = self._cache.path(f"mapping-{key}.npz")
        if path is not None:
            with whole_file(path) as file:
                np.savez(file, tile=mapping.tile, slot=mapping.slot, report=np.array(json.dumps(report.to_dict())))


_known: dict[str, tuple[Mapping, MappingReport]] = {}
