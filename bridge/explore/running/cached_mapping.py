"""Mappings that trials share: of the same network on chips that are alike as far as mapping looks at them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from synaptile.swsim.base.whole_file import whole_file

from ...mapping import GivenMapping, Mapping, MappingReport, Network, map_network, partition, placement
from ...mapping.mapper import KEYS_READ
from ...mapping.partition import ClusterLimits, Effort, Partition, find_partition
from ...mapping.restored import restored_report
from .cache import Cache, content_key

if TYPE_CHECKING:
    from pathlib import Path

    from ...config import ChipConfig

__all__ = ["CachedMapper"]

_MOST = 64
"""Mappings, and partitions, that a process keeps in memory."""

Found = TypeVar("Found")


class CachedMapper:
    """Maps networks as `map_network` does, each once; chips that differ in their mesh alone share the partition.

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
        values = config.to_dict()
        chip = {key: values.get(key) for key in KEYS_READ}
        if given is not None:
            how: list[Any] = [given.tile.tolist(), None if given.slot is None else given.slot.tolist(), given.method]
            how += [dict(given.chip), dict(given.network)]
        else:
            how = [partition, placement, seed if _draws(partition, placement) else None]

        def make() -> tuple[Mapping, MappingReport]:
            keys: dict[str, Any] = {"partition": partition, "placement": placement, "seed": seed, "given": given}
            return map_network(network, config, partitioner=self._parted, **keys)

        def load(path: Path) -> tuple[Mapping, MappingReport]:
            with np.load(path, allow_pickle=False) as file:
                mapping = Mapping(config.rows, config.cols, config.crossbar, file["tile"], file["slot"])
                return mapping, restored_report(mapping, json.loads(str(file["report"])))

        def arrays(found: tuple[Mapping, MappingReport]) -> dict[str, Any]:
            mapping, report = found
            return {"tile": mapping.tile, "slot": mapping.slot, "report": np.array(json.dumps(report.to_dict()))}

        name = f"mapping-{content_key([self._network, chip, how])}"
        return _once(self._cache, name, _mappings, make, load, arrays)

    def _parted(self, network: Network, limits: ClusterLimits, *, method: str, effort: Effort) -> Partition:
        """Part a network; see `find_partition`."""
        seed = effort.seed if method not in partition.SEEDLESS else None
        # The sides of the mesh are for messages, and those of what failed are in the result.
        least = vars(replace(limits, mesh=limits.mesh if method == partition.AUTO else None))

        def make() -> Partition:
            return find_partition(network, limits, method=method, effort=effort)

        def load(path: Path) -> Partition:
            with np.load(path, allow_pickle=False) as file:
                return Partition(cluster=file["cluster"], **json.loads(str(file["values"])))

        def arrays(found: Partition) -> dict[str, Any]:
            values = {name: value for name, value in vars(found).items() if name != "cluster"}
            return {"cluster": found.cluster, "values": np.array(json.dumps(values))}

        name = f"partition-{content_key([self._network, least, method, seed])}"
        return _once(self._cache, name, _partitions, make, load, arrays)


def _draws(partition_method: str, placement_method: str) -> bool:
    """Whether a mapping by these methods depends on the seed."""
    return partition_method not in partition.SEEDLESS or placement_method not in placement.SEEDLESS


def _once(
    cache: Cache,
    name: str,
    known: dict[str, Found],
    make: Callable[[], Found],
    load: Callable[[Path], Found],
    arrays: Callable[[Found], dict[str, Any]],
) -> Found:
    """Return what is known by a name, in this process or in the cache's folder; it is made and kept if it is not."""
    if name in known:
        return known[name]
    with cache.making(name):
        path = cache.path(f"{name}.npz")
        if path is not None and path.exists():
            found = load(path)
        else:
            found = make()
            if path is not None:
                with whole_file(path) as file:
                    np.savez(file, **arrays(found))
    while len(known) >= _MOST:
        del known[next(iter(known))]
    known[name] = found
    return found


_mappings: dict[str, tuple[Mapping, MappingReport]] = {}
_partitions: dict[str, Partition] = {}
