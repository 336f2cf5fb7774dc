"""Synthetic packets: rates, destinations, and the same ones however they are drawn."""

import numpy as np
import pytest

from synaptile.bridge.traffic import synthetic, uniform
from synaptile.bridge.traffic.patterns import TrafficPattern
from synaptile.rtl import NetworkParams

PARAMS = NetworkParams(rows=3, cols=3, neurons=16)


def test_uniform_traffic_has_the_asked_rate_and_no_packet_to_oneself():
    packets = uniform(NetworkParams(rows=8, cols=8), rate=0.05, cycles=4000, seed=1)
    expected = 0.05 * 4000 * 64
    assert abs(len(packets) - expected) < 5 * np.sqrt(expected)
    assert (packets.source != packets.destination).all()
    pairs = np.bincount(packets.source * 64 + packets.destination, minlength=64 * 64).reshape(64, 64)
    assert (pairs.sum(axis=0) > 0).all()
    assert (pairs.sum(axis=1) > 0).all()
    counts = pairs[~np.eye(64, dtype=bool)]
    # Chi-square of equal pairs: mean d, standard deviation sqrt(2 d).
    chi = ((counts - counts.mean()) ** 2 / counts.mean()).sum()
    degrees = len(counts) - 1
    assert abs(chi - degrees) < 5 * np.sqrt(2 * degrees)


def test_a_longer_run_begins_with_a_shorter_one_whatever_is_drawn_at_once(monkeypatch):
    short = uniform(PARAMS, rate=0.3, cycles=50, seed=7)
    monkeypatch.setattr("synaptile.bridge.traffic.generation._MAX_DRAWS", 64)
    long = uniform(PARAMS, rate=0.3, cycles=120, seed=7)
    for name in ("cycle", "source", "destination", "stamp"):
        assert getattr(long, name)[: len(short)].tolist() == getattr(short, name).tolist()
    assert long.cycle[len(short)] >= 50


def test_what_a_tile_would_send_to_itself_is_left_out():
    transpose = TrafficPattern(name="transpose")
    packets = synthetic(PARAMS, rate=0.3, cycles=400, seed=2, pattern=transpose)
    assert set(zip(packets.source.tolist(), packets.destination.tolist(), strict=True)) == {
        (row * 3 + col, col * 3 + row) for row in range(3) for col in range(3) if row != col
    }
    # The other tiles send when they would under uniform traffic.
    same = uniform(PARAMS, rate=0.3, cycles=400, seed=2)
    kept = ~np.isin(same.source, [0, 4, 8])
    assert packets.cycle.tolist() == same.cycle[kept].tolist()


def test_a_higher_rate_has_all_of_a_lower_one():
    low, high = (uniform(PARAMS, rate=rate, cycles=200, seed=5) for rate in (0.1, 0.3))
    pairs = [set(zip(packets.cycle.tolist(), packets.source.tolist(), strict=True)) for packets in (low, high)]
    assert pairs[0] < pairs[1]


@pytest.mark.parametrize(
    ("params", "change", "message"),
    [
        (PARAMS, {"rate": 1.5}, r"rate must lie in 0\.\.1 packets per cycle per node, not 1\.5"),
        (PARAMS, {"cycles": -1}, "cycles must not be negative, not -1"),
        (NetworkParams(rows=1, cols=1), {}, "mesh must have at least 2 nodes for traffic, not 1x1"),
    ],
)
def test_impossible_traffic_is_refused(params, change, message):
    with pytest.raises(ValueError, match=message):
        uniform(params, **({"rate": 0.1, "cycles": 10, "seed": 0} | change))
