import numpy as np
import pytest
from support.random_networks import Network, Packet, sent_and_delivered, trace_of

from synaptile.bridge.config import Crossbar
from synaptile.bridge.mapping import Mapping
from synaptile.bridge.mapping.spike_packets import Destinations
from synaptile.bridge.metrics.lateness import LateArrivals, arrivals_per_step, late_arrivals


def test_late_arrivals() -> None:
    _, deliveries = sent_and_delivered(
        [
            Packet(0, 0, 1, 0, 9),  # the last cycle of its step
            Packet(10, 0, 1, 0, 20),  # the first of the next
            Packet(20, 0, 1, 0, 55),
            Packet(30, 0, 1, 0, None),
            Packet(30, 0, 1, 1, 31),
            Packet(40, 0, 1, 1, 49, tail=1),  # its head was in time, its last flit was not
        ]
    )
    assert late_arrivals(deliveries, 10) == LateArrivals(3, 0.6, 3)
    assert late_arrivals(deliveries, 1000) == LateArrivals(0, 0.0, 0)


def test_no_arrivals() -> None:
    _, deliveries = sent_and_delivered([])
    assert late_arrivals(deliveries, 10) == LateArrivals(0, None, 0)


def test_cycles_per_step_refused() -> None:
    _, deliveries = sent_and_delivered([])
    with pytest.raises(ValueError, match=r"^cycles_per_step must be at least 1, not 0$"):
        late_arrivals(deliveries, 0)


def test_arrivals_per_step() -> None:
    # Neuron 0 on tile 0 talks to 1 (at home) and to 2 (tile 1); neuron 2 talks to nobody.
    network = Network(3, np.array([0, 0]), np.array([1, 2]), np.ones(3, np.int64))
    mapping = Mapping(1, 2, Crossbar(axons=4, neurons=2), np.array([0, 0, 1]), np.array([0, 1, 0]))
    trace = trace_of(network, [(0, 0), (1, 0), (1, 2), (2, 0)], steps=3)
    _, deliveries = sent_and_delivered(
        [Packet(0, 0, 1, 0, 9), Packet(10, 0, 1, 0, 28, tail=3), Packet(20, 0, 1, 0, None)]
    )
    found = arrivals_per_step(trace, deliveries, Destinations.of(mapping, trace.pre, trace.post), 10)
    assert list(zip(*(getattr(found, name).tolist() for name in ("step", "neuron", "tile", "fired")), strict=True)) == [
        (0, 0, 0, 0),
        (0, 0, 1, 0),
        (1, 0, 0, 1),
        (2, 0, 0, 2),
        (3, 0, 1, 1),
    ]
    assert len(found) == 5
