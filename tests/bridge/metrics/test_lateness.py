import pytest
from support.random_networks import Packet, sent_and_delivered

from synaptile.bridge.metrics.lateness import LateArrivals, late_arrivals


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
