"""Latency, lateness and distortion of groups of packets, as columns of tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ...engines.base import Ints

__all__ = ["Columns", "distortion_figures", "packet_figures"]

Columns = dict[str, npt.NDArray[Any]]
"""Arrays by name, each of shape (groups,); what is not defined for a group is NaN."""

Floats = npt.NDArray[np.float64]


def packet_figures(count: Ints, latency: Ints, late_steps: Ints) -> Columns:
    """Figures of the packets delivered in each group.

    Parameters
    ----------
    count
        Shape (groups,): packets of each; it may be 0.
    latency, late_steps
        Shape (packets,), group by group: latency in cycles, and by how many steps each came late.

    Returns
    -------
    ``deliveries``, ``latency_mean``, ``latency_p99`` (as in `Distribution`), ``latency_max``, ``jitter`` (standard
    deviation of the latency), ``late`` and ``late_steps_max``.
    """
    some = count > 0
    begin = (np.cumsum(count) - count)[some]
    packets = count[some]

    def spread(values: Any, *, empty: float = np.nan) -> Floats:
        out = np.full(len(count), empty)
        out[some] = values
        return out

    def total(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.add.reduceat(values, begin) if len(begin) else values

    mean = total(latency) / packets
    deviation = latency - np.repeat(mean, packets)
    deviation *= deviation
    jitter = np.sqrt(total(deviation) / packets)
    del deviation
    ascending = _sorted_in_groups(packets, latency)
    most = np.maximum.reduceat(late_steps, begin) if len(begin) else late_steps
    return {
        "deliveries": count,
        "latency_mean": spread(mean),
        "latency_p99": spread(ascending[begin - (-99 * packets // 100) - 1]),
        "latency_max": spread(ascending[begin + packets - 1]),
        "jitter": spread(jitter),
        "late": spread(total((late_steps > 0).astype(np.int64)), empty=0).astype(np.int64),
        "late_steps_max": spread(most, empty=0).astype(np.int64),
    }


def _sorted_in_groups(count: Ints, values: Ints) -> Ints:
    """Sort the values of each group, which has at least one."""
    group = np.repeat(np.arange(len(count)), count)
    bits = int(values.max(initial=0)).bit_length()
    if max(len(count) - 1, 0).bit_length() + bits > 63:
        return values[np.lexsort((values, group))]
    # As one number each, for these are sorted several times faster.
    group <<= bits
    group |= values
    group.sort()
    group &= (1 << bits) - 1
    return group


def distortion_figures(group: Ints, change: Ints, groups: int) -> Columns:
    """``isi_distortion_mean`` and ``isi_distortion_max`` of groups: of |ΔISI| of each interval, and its group."""
    count = np.bincount(group, minlength=groups)
    total = np.bincount(group, weights=change, minlength=groups)
    most = np.full(groups, -1, np.int64)
    np.maximum.at(most, group, change)
    return {
        "isi_distortion_mean": np.divide(total, count, out=np.full(groups, np.nan), where=count > 0),
        "isi_distortion_max": np.where(count > 0, most, np.nan),
    }
