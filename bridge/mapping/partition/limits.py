"""What a cluster may hold: the limits of a crossbar and of the chip, in one place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...errors import MappingError
from ..connectivity import cluster_fan_out, clusters_axons
from ..network import Network

if TYPE_CHECKING:
    from ...config import ChipConfig, Crossbar

__all__ = ["ClusterLimits", "Usage", "plural"]


@dataclass(frozen=True)
class ClusterLimits:
    """What the clusters of a partition may hold, and how many there may be; None is no limit.

    Attributes
    ----------
    clusters
        Clusters that there may be: the tiles of the chip, or fewer.
    neurons, axons
        Neurons of a cluster, and the distinct presynaptic neurons that they listen to together. A neuron without
        inputs takes a place and needs no axon.
    synapses
        Synapses onto a cluster's neurons, multapses counted.
    fan_out
        Clusters, its own included, that may listen to one neuron. Spike sources are outside the chip and free.
    axons_out
        Axons elsewhere that a cluster's neurons may have together: Σ over them, sources not counted, of other clusters
        that listen.
    mesh
        Rows and columns, for messages.
    target
        Clusters over which the neurons should be spread; None for as few as hold them.
    """

    clusters: int
    neurons: int
    axons: int
    synapses: int | None = None
    fan_out: int | None = None
    axons_out: int | None = None
    mesh: tuple[int, int] | None = None
    target: int | None = None

    def __post_init__(self) -> None:
        for name in ("clusters", "neurons", "axons", "synapses", "fan_out", "axons_out"):
            value = getattr(self, name)
            lowest = 1 if name in ("clusters", "neurons") else 0
            if value is not None and value < lowest:
                raise ValueError(f"{name} must be at least {lowest}, not {value}")

    @classmethod
    def of(cls, crossbar: Crossbar, mesh: tuple[int, int]) -> ClusterLimits:
        """Take those of a crossbar on every tile of a mesh."""
        return cls(mesh[0] * mesh[1], crossbar.neurons, crossbar.axons, mesh=mesh)

    @classmethod
    def of_chip(cls, config: ChipConfig) -> ClusterLimits:
        """Take those of a chip, with the limits that it has besides its crossbars, unless they are relaxed."""
        found = cls.of(config.crossbar, config.mesh)
        if config.limits is None:
            return found
        more = {
            name: getattr(config.limits, name)
            for name in ("synapses", "fan_out", "axons_out")
            if name not in config.relax
        }
        return replace(found, **more)

    def spread_over(self, clusters: int, neurons: int) -> ClusterLimits:
        """The same with fewer clusters, over which so many neurons are spread: ``clusters=`` of `find_partition`.

        A cluster holds a tenth more than its even share, or one more, so that not all need be of one size. Raises
        ``ValueError`` unless the number lies between 1 and that of all clusters.
        """
        if not 1 <= clusters <= self.clusters:
            raise ValueError(f"clusters must lie in 1..{self.clusters}, not {clusters}")
        share = -(-neurons // clusters)
        most = max(1, min(self.neurons, share + max(1, share // 10)))
        return replace(self, clusters=clusters, neurons=most, target=clusters)

    def share(self, neurons: int) -> int:
        """Neurons of a cluster when so many are put into clusters of one size, as few clusters as asked for."""
        return self.neurons if self.target is None else max(1, min(self.neurons, -(-neurons // self.target)))

    def text(self) -> str:
        """What a cluster may hold, for messages."""
        words = [f"{self.neurons} {plural(self.neurons, 'neuron')}"]
        words += [f"{self.axons} {plural(self.axons, 'axon')}"]
        if self.synapses is not None:
            words.append(f"{self.synapses} {plural(self.synapses, 'synapse')}")
        words = [", ".join(words[:-1]) + " and " + words[-1]]
        if self.fan_out is not None:
            words.append(f"neurons that send to at most {self.fan_out} tiles")
        if self.axons_out is not None:
            words.append(f"at most {self.axons_out} axons elsewhere for a tile")
        return ", ".join(words)

    def broken(self, network: Network, cluster: npt.NDArray[np.integer]) -> str | None:
        """Which limit a partition breaks and by what; None if it keeps them all."""
        usage = Usage.of(network, cluster)
        if usage.clusters > self.clusters:
            return f"it needs {usage.clusters} clusters, and {self.clusters} are allowed"
        for what, most, limit in (
            ("neurons", usage.neurons, self.neurons),
            ("axons", usage.axons, self.axons),
            ("synapses", usage.synapses, self.synapses),
            ("axons elsewhere", usage.axons_out, self.axons_out),
        ):
            if limit is not None and len(most) and most.max() > limit:
                return f"cluster {int(most.argmax())} has {int(most.max())} {what}, more than {limit}"
        if self.fan_out is not None and len(usage.fan_out) and usage.fan_out.max() > self.fan_out:
            worst = int(usage.fan_out.argmax())
            return f"neuron {worst} sends to {int(usage.fan_out.max())} clusters, more than {self.fan_out}"
        return None

    def check(self, network: Network, cluster: npt.NDArray[np.integer]) -> None:
        """Raise `MappingError` if a partition breaks a limit."""
        reason = self.broken(network, cluster)
        if reason is not None:
            raise MappingError(reason)


@dataclass(frozen=True)
class Usage:
    """What a partition uses of each limit.

    Attributes
    ----------
    clusters
        Clusters, numbered from 0 to the highest.
    neurons, axons, synapses, axons_out
        Shape (clusters,): of each cluster.
    fan_out
        Shape (neurons,): clusters that listen to each neuron; 0 for spike sources, which no limit concerns.
    """

    clusters: int
    neurons: npt.NDArray[np.int64]
    axons: npt.NDArray[np.int64]
    synapses: npt.NDArray[np.int64]
    axons_out: npt.NDArray[np.int64]
    fan_out: npt.NDArray[np.int64]

    @classmethod
    def of(cls, network: Network, cluster: npt.NDArray[np.integer]) -> Usage:
        """Count them; ``cluster`` has shape (neurons,)."""
        clusters = int(cluster.max(initial=-1)) + 1
        start, target = cluster_fan_out(network.connectivity, cluster, clusters)
        fan_out = np.where(network.inside, np.diff(start), 0)
        own = np.zeros(network.neurons, np.int64)
        neuron = np.repeat(np.arange(network.neurons), np.diff(start))
        own[neuron[cluster[neuron] == target]] = 1
        elsewhere = np.where(network.inside, fan_out - own, 0)
        return cls(
            clusters,
            np.bincount(cluster, minlength=clusters),
            clusters_axons(network.connectivity, cluster, clusters),
            np.bincount(cluster, network.synapses, clusters).astype(np.int64),
            np.bincount(cluster, elsewhere, clusters).astype(np.int64),
            fan_out,
        )


def plural(count: int, noun: str) -> str:
    """Return the noun, in the plural unless there is one."""
    return noun if count == 1 else noun + "s"
