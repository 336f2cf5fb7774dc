"""Random networks for the tests of mapping, packets and metrics."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from synaptile.bridge.config import ChipConfig
from synaptile.swsim.trace import Trace


class Network(NamedTuple):
    neurons: int
    pre: npt.NDArray[np.int64]
    post: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]


@st.composite
def networks(draw: st.DrawFn, most: int = 24) -> Network:
    """Multapses, self connections, silent and unconnected neurons included."""
    neurons = draw(st.integers(0, most))
    ids = st.integers(0, max(0, neurons - 1))
    pairs = draw(st.lists(st.tuples(ids, ids), max_size=60 if neurons else 0))
    counts = draw(st.lists(st.integers(0, 9), min_size=neurons, max_size=neurons))
    pre, post = np.array(pairs, np.int64).reshape(-1, 2).T
    return Network(neurons, pre, post, np.array(counts, np.int64))


def trace_of(network: Network, spikes: list[tuple[int, int]], steps: int) -> Trace:
    """A trace of (step, neuron) spikes."""
    order = np.array(sorted(set(spikes)), np.int64).reshape(-1, 2)
    return Trace(
        dt=1.0,
        steps=steps,
        neurons=network.neurons,
        spike_neuron=order[:, 1].astype(np.int32),
        spike_step=order[:, 0],
        pre=network.pre.astype(np.int32),
        post=network.post.astype(np.int32),
        weight=np.ones(len(network.pre)),
        delay=np.ones(len(network.pre), np.int32),
    )


def chip(mesh: str = "2x2", crossbar: str = "64x8", **values: object) -> ChipConfig:
    return ChipConfig(mesh=mesh, crossbar=crossbar, **values)
