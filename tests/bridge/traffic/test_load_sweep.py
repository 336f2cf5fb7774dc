import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from synaptile.bridge.engines import make_engine
from synaptile.bridge.report.figures import load_curves
from synaptile.bridge.traffic import synthetic
from synaptile.bridge.traffic.load_sweep import Curve, LoadPoint, loads, measure_load, sweep, to_csv
from synaptile.bridge.traffic.patterns import TrafficPattern
from synaptile.rtl import NetworkParams

PARAMS = NetworkParams(rows=3, cols=3, neurons=16)


def point(load: float, *, saturated: bool = False, accepted: float | None = None) -> LoadPoint:
    return LoadPoint(
        load=load,
        offered=load,
        accepted=load if accepted is None else accepted,
        latency_mean=10.0,
        latency_p99=30,
        latency_max=40,
        latency_zero_load=5.0,
        packets_measured=100,
        packets_delivered=100,
        cycles=1000,
        saturated=saturated,
        wall_s=0.5,
    )


def measured(load: float, **options: object) -> LoadPoint:
    settings = {"cycles": 400, "warmup": 100, "seed": 3} | options
    return measure_load(make_engine("amaranth", PARAMS), PARAMS, load=load, **settings)  # type: ignore[arg-type]


def test_a_light_load_is_measured_whole() -> None:
    found = measured(0.1)
    packets = synthetic(PARAMS, rate=0.05, cycles=400, seed=3)
    inside = packets.cycle >= 100
    assert found.packets_measured == found.packets_delivered == inside.sum()
    assert found.offered == inside.sum() * 2 / 300 / 9
    assert abs(found.accepted - found.offered) < 0.02
    (r0, c0), (r1, c1) = np.divmod(packets.source[inside], 3), np.divmod(packets.destination[inside], 3)
    assert found.latency_zero_load == pytest.approx((np.abs(r0 - r1) + np.abs(c0 - c1) + 1).mean())
    assert found.latency_zero_load <= found.latency_mean <= found.latency_p99 <= found.latency_max
    assert not found.saturated


def test_the_load_goes_on_until_the_measured_packets_are_delivered() -> None:
    """So the last of them meet the same traffic as the first, and none is left out for being slow."""
    found = measured(0.5, cycles=300)
    assert found.cycles > 300
    assert found.packets_delivered == found.packets_measured


def test_too_much_saturates_the_network() -> None:
    found = measured(1.9)
    assert found.saturated
    assert found.accepted < 0.95 * found.offered


def test_a_few_slow_flows_saturate_it_too() -> None:
    """Nearly everything is accepted and delivered, but what goes to the hot tile waits."""
    hot = TrafficPattern(name="hotspot", share=0.12)
    params = NetworkParams(rows=6, cols=6, neurons=36)
    found = measure_load(make_engine("auto", params), params, load=0.2, cycles=1000, warmup=500, seed=0, pattern=hot)
    assert found.accepted > 0.95 * found.offered
    assert found.packets_delivered == found.packets_measured
    assert found.latency_mean > 3 * found.latency_zero_load
    assert found.saturated


def test_latency_is_that_of_an_empty_network_where_nothing_meets() -> None:
    params = NetworkParams(rows=1, cols=2, neurons=2)
    found = measure_load(
        make_engine("amaranth", params),
        params,
        load=0.02,
        cycles=2000,
        warmup=0,
        seed=1,
        pattern=TrafficPattern(name="neighbour"),
    )
    assert found.packets_measured > 10
    assert found.latency_zero_load == 2.0
    assert 2.0 <= found.latency_mean < 2.1


def test_nothing_sent_has_no_latency() -> None:
    found = measured(1e-6)
    assert (found.packets_measured, found.latency_mean, found.latency_p99, found.saturated) == (0, None, None, False)


def test_the_same_seed_gives_the_same_point() -> None:
    assert replace(measured(0.3), wall_s=0) == replace(measured(0.3), wall_s=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"load": 0}, r"^load must be more than 0 and at most 2 flits .*, not 0$"),
        ({"load": 2.5}, r"^load must be more than 0 and at most 2 flits .*, not 2\.5$"),
        ({"load": 0.1, "warmup": 400}, r"^warmup must lie in 0\.\.399 \(less than the cycles to run\), not 400$"),
        ({"load": 0.1, "pattern": TrafficPattern(name="shuffle")}, "power of two"),
    ],
)
def test_impossible_measurements_are_refused(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        measured(**options)


def test_a_sweep_gives_each_point_as_it_is_there() -> None:
    engines = []

    def make(params: NetworkParams):
        engines.append(make_engine("amaranth", params))
        if len(engines) == 3:
            raise KeyboardInterrupt
        return engines[-1]

    points = sweep(make, PARAMS, [0.1, 0.2, 0.3], cycles=200, warmup=50, seed=3)
    assert [next(points).load, next(points).load] == [0.1, 0.2]
    with pytest.raises(KeyboardInterrupt):
        next(points)


def test_loads_are_evenly_spaced() -> None:
    assert loads(0.1, 0.3, 3) == [0.1, 0.2, 0.3]
    assert loads(0.1, 0.3, 1) == [0.1]
    with pytest.raises(ValueError, match=r"^loads must satisfy 0 < first <= last, not 0\.3 and 0\.1$"):
        loads(0.3, 0.1, 2)
    with pytest.raises(ValueError, match=r"^steps must be at least 1, not 0$"):
        loads(0.1, 0.3, 0)


def test_a_curve_knows_where_it_saturates() -> None:
    curve = Curve("xy", "first", (point(0.1), point(0.2), point(0.3, saturated=True, accepted=0.25), point(0.4)))
    assert (curve.sustained, curve.saturates_at, curve.throughput) == (0.2, 0.3, 0.4)
    free = Curve("xy", "first", (point(0.1), point(0.2)))
    assert (free.sustained, free.saturates_at) == (0.2, None)
    full = Curve("xy", "first", (point(0.1, saturated=True),))
    assert (full.sustained, full.saturates_at) == (None, 0.1)
    none = Curve("xy", "first", ())
    assert (none.sustained, none.saturates_at, none.throughput) == (None, None, None)


def test_csv_has_every_point() -> None:
    curves = [
        Curve("xy", "first", (point(0.1), point(0.2))),
        Curve("dyad", "random", (replace(point(0.1), latency_mean=None),)),
    ]
    rows = list(csv.DictReader(io.StringIO(to_csv(curves))))
    assert [(row["routing"], row["selection"], row["load"]) for row in rows] == [
        ("xy", "first", "0.1"),
        ("xy", "first", "0.2"),
        ("dyad", "random", "0.1"),
    ]
    assert [row["latency_mean"] for row in rows] == ["10.0", "10.0", ""]


def test_the_picture_shows_every_curve_and_which_points_are_saturated() -> None:
    curves = [
        Curve("xy", "first", (point(0.1), point(0.2, saturated=True))),
        Curve("dyad", "random", (point(0.1), point(0.3))),
    ]
    figure = load_curves(curves, title="title")
    latency, accepted = figure.axes
    labels = [text.get_text() for text in accepted.get_legend().get_texts()]
    assert labels[:2] == ["xy: at most 0.200", "dyad, random: at most 0.300"]
    hollow = [
        line.get_xdata().tolist() if hasattr(line.get_xdata(), "tolist") else list(line.get_xdata())
        for line in latency.lines
        if line.get_markerfacecolor() == "white" and len(line.get_xdata())
    ]
    assert hollow == [[0.2], [0.2]]  # mean and 99 %
    assert load_curves([Curve("xy", "first", ())], title="").axes[0].texts[0].get_text() == "nothing measured"
