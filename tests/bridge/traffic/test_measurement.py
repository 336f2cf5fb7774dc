"""Throughput and latency over a window, and how much networks accept."""

import numpy as np
import pytest

from synaptile.bridge.engines import Packets, make_engine
from synaptile.bridge.traffic import measure, uniform
from synaptile.bridge.traffic.fan_out import Fanout
from synaptile.bridge.traffic.load_sweep import measure_load
from synaptile.bridge.traffic.measurement import Tally
from synaptile.rtl import NetworkParams, Port

PARAMS = NetworkParams(rows=3, cols=3, neurons=16)


def test_the_measured_window_excludes_the_warm_up():
    whole = measure(make_engine("amaranth", PARAMS), PARAMS, rate=0.1, cycles=120, seed=3, drain=True)
    part = measure(make_engine("amaranth", PARAMS), PARAMS, rate=0.1, cycles=120, seed=3, warmup=60, drain=True)
    packets = uniform(PARAMS, rate=0.1, cycles=120, seed=3)
    assert whole.packets_injected == whole.packets_delivered == len(packets)
    assert part.packets_injected == part.packets_delivered == (packets.cycle >= 60).sum()
    assert whole.cycles == part.cycles > 120
    assert whole.latency_mean >= whole.hops_mean + 1
    assert whole.offered_flits_per_cycle_per_node == len(packets) * 2 / 120 / 9
    assert part.offered_flits_per_cycle_per_node == (packets.cycle >= 60).sum() * 2 / 60 / 9
    # Everything offered is accepted at this load: rate × flits, but for chance and what is under way at the edges.
    assert abs(part.accepted_flits_per_cycle_per_node - 0.2) < 0.06
    assert not whole.partial


def test_latencies_are_those_of_the_log():
    engine = make_engine("amaranth", PARAMS)
    result = measure(engine, PARAMS, rate=0.2, cycles=300, seed=3, warmup=50, drain=True)
    log = engine.deliveries()
    latency = log.latency[log.created >= 50]
    assert result.packets_delivered == len(latency)
    assert result.latency_mean == pytest.approx(latency.mean())
    assert result.latency_p99 == np.percentile(latency, 99, method="inverted_cdf")
    assert result.latency_max == latency.max()


def test_no_traffic_has_no_latency():
    result = measure(make_engine("amaranth", PARAMS), PARAMS, rate=0, cycles=1000, seed=0)
    assert result.cycles == 1000
    assert result.packets_injected == result.packets_delivered == 0
    assert result.latency_mean is result.latency_p99 is result.latency_max is result.hops_mean is None
    assert result.accepted_flits_per_cycle_per_node == 0


def test_warm_up_must_be_part_of_the_run():
    with pytest.raises(ValueError, match=r"warmup must lie in 0\.\.10 \(the cycles to run\), not 11"):
        measure(make_engine("amaranth", PARAMS), PARAMS, rate=0.1, cycles=10, seed=0, warmup=11)


def test_ctrl_c_keeps_what_was_measured():
    engine = make_engine("amaranth", PARAMS)
    run = engine.run

    def interrupted(until):
        run(until // 2)
        raise KeyboardInterrupt

    engine.run = interrupted
    result = measure(engine, PARAMS, rate=0.2, cycles=100, seed=0)
    assert result.partial
    assert result.cycles == 50
    assert 0 < result.packets_delivered <= result.packets_injected


_IN_TURNS = "packets that wait at the front of a queue hold up those behind them: 0.331"


@pytest.mark.parametrize(
    ("channels", "arbitration", "accepted"),
    [
        (1, "round-robin", 0.33),
        pytest.param(1, "round-robin", 0.35, marks=pytest.mark.xfail(reason=_IN_TURNS)),
        (1, "through-first", 0.35),
        (2, "round-robin", 0.39),
        (4, "round-robin", 0.42),
    ],
)
@pytest.mark.usefixtures("optimised")
def test_how_much_an_8x8_mesh_accepts_under_uniform_load(channels, arbitration, accepted):
    """Packets of two flits, queues of four; the limit is 0.5, where the links across the middle are full."""
    params = NetworkParams(rows=8, cols=8, virtual_channels=channels, arbitration=arbitration)
    result = measure(make_engine("compiled", params), params, rate=0.3, cycles=100_000, seed=2, warmup=5000)
    assert accepted <= result.accepted_flits_per_cycle_per_node < 0.5


def test_four_channels_accept_as_much_in_a_shorter_run():
    params = NetworkParams(rows=8, cols=8, virtual_channels=4)
    result = measure(make_engine("compiled", params), params, rate=0.25, cycles=20_000, seed=2, warmup=5000)
    assert result.accepted_flits_per_cycle_per_node >= 0.42


@pytest.mark.parametrize(("channels", "depth", "flits"), [(2, 4, 2), (3, 1, 3), (2, 2, 5)])
@pytest.mark.usefixtures("quick_build")
def test_a_crowded_torus_delivers_everything(channels, depth, flits):
    """More than it can take, packets longer than a queue, so that every ring is full of packets that wait."""
    params = NetworkParams(
        rows=6,
        cols=5,
        topology="torus",
        virtual_channels=channels,
        buffer_depth=depth,
        flits_per_packet=flits,
        neurons=64,
    )
    engine = make_engine("compiled", params)
    result = measure(engine, params, rate=0.4, cycles=800, seed=3, drain=True)
    assert result.packets_delivered == result.packets_injected > 9000
    log, activity = engine.deliveries(), engine.activity()
    assert activity.link_flits.sum() == log.hops.sum() * flits
    assert activity.buffer_writes.sum() == activity.buffer_reads.sum()
    assert (activity.buffer_writes == activity.buffer_reads).all()


def at(rate: float, cycles: int, **how):
    return measure(make_engine("compiled", PARAMS), PARAMS, rate=rate, cycles=cycles, seed=3, **how)


@pytest.mark.usefixtures("quick_build")
def test_a_saturated_network_is_told_as_in_a_sweep():
    calm, crowded = at(0.05, 400, warmup=100), at(0.6, 400, warmup=100)
    assert (calm.saturated, crowded.saturated) == (False, True)
    assert at(0.6, 400, warmup=100, drain=True).saturated
    for rate in (0.05, 0.6):
        point = measure_load(make_engine("compiled", PARAMS), PARAMS, load=2 * rate, cycles=400, warmup=100, seed=3)
        assert point.saturated == (rate == 0.6)
    assert at(0.0, 50).saturated is None
    assert at(0.1, 50, warmup=50).saturated is None


def test_packets_that_fill_an_empty_network_are_no_sign_of_saturation():
    """16 × 16 from cycle 0 on: after 50 cycles a quarter of the packets is under way, at any load."""
    params = PARAMS.replace(rows=16, cols=16)
    filling, crowded, later = Tally(params, 0, 50), Tally(params, 0, 50), Tally(params, 50, 100)
    for tally, completed in ((filling, 950), (crowded, 700), (later, 950)):
        tally.injected, tally.zero_load, tally.completed = 1280, 12 * 1280, completed
    assert (filling.throttled, crowded.throttled, later.throttled) == (False, True, True)


def test_packets_that_wait_for_others_of_their_tile_are_no_sign_either():
    fanout = Fanout.drawn(3, 3, 8, multicast=False, seed=1)
    params = PARAMS.replace(flits_per_packet=8)
    pieces = list(fanout.in_pieces(params, rate=0.001, cycles=600, seed=1))
    result = measure(make_engine("amaranth", params), params, rate=0.001, cycles=600, seed=1, pieces=pieces)
    assert result.latency_mean > 3 * (result.hops_mean + 1)
    assert result.saturated is False


@pytest.mark.parametrize(
    "more", [{"link_stages": 3}, {"link_stages": 2, "topology": "tree", "rows": 2, "cols": 4}, {}], ids=str
)
def test_the_latency_in_an_empty_network_counts_registers_along_links(more):
    params = PARAMS.replace(**more)
    everywhere = [(a, b) for a in range(params.tiles) for b in range(params.tiles) if a != b]
    source, destination = np.array(everywhere).T
    when = 60 * np.arange(len(source))  # one after the other
    packets = Packets(when, source, destination, np.zeros_like(when), np.zeros_like(when))
    engine, tally = make_engine("amaranth", params), Tally(params, 0, int(when[-1]) + 1)
    engine.inject(packets)
    tally.create(packets)
    engine.drain()
    tally.take(engine)
    assert tally.latency_mean == tally.zero_load_mean
    assert not tally.slow


@pytest.mark.usefixtures("quick_build")
def test_an_even_torus_accepts_nearly_half_a_flit_and_loads_both_ways_alike():
    """With every tie one way, 0.435, and 1.6 times as many flits east as west."""
    params = NetworkParams(rows=8, cols=8, topology="torus", virtual_channels=2, buffer_depth=8, neurons=64)
    result = measure(make_engine("compiled", params), params, rate=0.3, cycles=8000, seed=1, warmup=2000)
    assert result.accepted_flits_per_cycle_per_node >= 0.49
    engine = make_engine("compiled", params)
    measure(engine, params, rate=0.1, cycles=8000, seed=1, drain=True)
    flits = engine.activity().flits.sum(axis=0)
    assert abs(flits[Port.EAST] / flits[Port.WEST] - 1) < 0.05
    assert abs(flits[Port.SOUTH] / flits[Port.NORTH] - 1) < 0.05
