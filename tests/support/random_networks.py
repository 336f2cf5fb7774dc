"""Random networks of neurons for the tests of mapping, packets and metrics."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from synaptile.bridge.config import ChipConfig
from synaptile.bridge.engines.base import Deliveries, Packets
from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.connectivity import Connectivity
from synaptile.swsim.trace import Trace


class RandomNetwork(NamedTuple):
    neurons: int
    pre: npt.NDArray[np.int64]
    post: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]

    @property
    def connectivity(self) -> Connectivity:
        return Connectivity.of(self.neurons, self.pre, self.post)

    @property
    def silent(self) -> Network:
        """Without its spikes: nothing is known of them."""
        return Network(self.connectivity)

    @property
    def firing(self) -> Network:
        return Network(self.connectivity, self.counts)


@st.composite
def networks(draw: st.DrawFn, most: int = 24) -> RandomNetwork:
    """Multapses, self connections, silent and unconnected neurons included."""
    neurons = draw(st.integers(0, most))
    ids = st.integers(0, max(0, neurons - 1))
    pairs = draw(st.lists(st.tuples(ids, ids), max_size=60 if neurons else 0))
    counts = draw(st.lists(st.integers(0, 9), min_size=neurons, max_size=neurons))
    pre, post = np.array(pairs, np.int64).reshape(-1, 2).T
    return RandomNetwork(neurons, pre, post, np.array(counts, np.int64))


def trace_of(network: RandomNetwork, spikes: list[tuple[int, int]], steps: int) -> Trace:
    """A trace of (step, neuron) spikes, several of one neuron in a step included."""
    order = np.array(sorted(spikes), np.int64).reshape(-1, 2)
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


class Packet(NamedTuple):
    """A packet and when it arrived (None: not yet)."""

    created: int
    source: int
    destination: int
    neuron: int
    delivered: int | None
    injected: int = 0
    tail: int = 0  # cycles from the head's arrival to the last flit's


def sent_and_delivered(log: list[Packet], cycles_per_step: int = 10) -> tuple[Packets, Deliveries]:
    """The two logs of hand-written packets, stamped with their steps; hops are those of a mesh of one row."""
    created, source, destination, neuron = (np.array([packet[field] for packet in log], np.int64) for field in range(4))
    packets = Packets(created, source, destination, neuron, created // cycles_per_step)
    arrived = [tag for tag, packet in enumerate(log) if packet.delivered is not None]
    arrived.sort(key=lambda tag: (log[tag].delivered, log[tag].destination))
    tag = np.array(arrived, np.int64)
    delivered = np.array([log[tag].delivered for tag in arrived], np.int64)
    injected = np.array([max(log[tag].injected, log[tag].created) for tag in arrived], np.int64)
    return packets, Deliveries(
        tag=tag,
        source=source[tag],
        destination=destination[tag],
        neuron=neuron[tag],
        stamp=packets.stamp[tag],
        created=created[tag],
        injected=injected,
        delivered=delivered,
        completed=delivered + np.array([log[tag].tail for tag in arrived], np.int64),
        hops=np.abs(source[tag] - destination[tag]),
    )


@st.composite
def logs(draw: st.DrawFn, network: RandomNetwork, tile: npt.NDArray[np.int32], steps: int = 6) -> list[Packet]:
    """Packets of spikes of a network on a mesh of one row: each delivered late by any number of cycles, or not yet.

    There may be several of a neuron in a step.
    """
    log = []
    reached = sorted(
        {(pre, int(tile[post])) for pre, post in zip(network.pre.tolist(), network.post.tolist(), strict=True)}
    )
    for neuron, destination in reached:
        if tile[neuron] != destination:
            for step in draw(st.lists(st.integers(0, steps - 1), max_size=steps)):
                delay = draw(st.none() | st.integers(1, 35))
                delivered = None if delay is None else 10 * step + delay
                tail = draw(st.integers(0, 3))
                log.append(Packet(10 * step, int(tile[neuron]), destination, neuron, delivered, tail=tail))
    return log


def chip(mesh: str = "2x2", crossbar: str = "64x8", **values: object) -> ChipConfig:
    return ChipConfig(mesh=mesh, crossbar=crossbar, **values)
