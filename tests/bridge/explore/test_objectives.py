"""Numbers that are wanted of a run, and their limits."""

import math

import pytest

from synaptile.bridge.chip import Chip
from synaptile.bridge.explore.objectives import NUMBERS, constraint, numbers_of, objective
from synaptile.swsim.trace import Trace


def test_numbers_are_those_of_the_run(trace_file) -> None:
    run = Chip(mesh="2x2", crossbar="16x4", engine="amaranth", inferences=3).replay(Trace.load(trace_file))
    more = (
        "energy.total_pj",
        "late_packets",
        "score.accuracy",
        "energy.none.such",
        "ticks_per_second.x",
        "core_spikes",
    )
    found = numbers_of(run, {"accuracy": 0.5}, (*NUMBERS, *more))
    metrics = run.metrics
    assert found["latency_mean"] == metrics.latency.mean
    assert found["latency_p99"] == metrics.latency.p99
    assert found["energy"] == found["energy.total_pj"] == metrics.energy.total_pj
    assert found["energy_per_inference"] == metrics.energy.total_pj / 3
    assert found["blocks"] == 4 + 4
    assert found["crosspoints"] == 4 * 16 * 4
    assert found["late_spikes"] == found["late_packets"] == 0
    assert found["isi_distortion"] == metrics.isi.change.mean
    assert found["disorder"] == 0
    assert found["accuracy"] == found["score.accuracy"] == 0.5
    assert found["ticks_per_second"] == pytest.approx(9 / (metrics.cycles / 100e6))
    assert set(NUMBERS) | set(more[:3]) == set(found)
    # Of the metrics, only those that have to be known are computed.
    run = Chip(mesh="2x2", crossbar="16x4", engine="amaranth").replay(Trace.load(trace_file))
    asked = numbers_of(run, {}, ("latency_mean", "hops_mean"))
    assert asked == {"latency_mean": found["latency_mean"], "hops_mean": run.metrics.hops.mean}
    assert set(run.metrics.computed._found) == {"latency", "hops"}


def test_where_nothing_is_sent_nothing_is_slow(trace_file) -> None:
    run = Chip(mesh="1x2", crossbar="16x16", engine="amaranth").replay(Trace.load(trace_file))
    assert len(run.packets) == 0
    found = numbers_of(run, {}, tuple(NUMBERS))
    assert found["latency_mean"] == found["latency_max"] == found["disorder"] == found["isi_distortion"] == 0
    assert "energy_per_inference" not in found
    assert "accuracy" not in found


@pytest.mark.parametrize(
    ("text", "value", "violation"),
    [
        ("late_spikes <= 0", 0, 0),
        ("late_spikes <= 0", 3, 3),
        ("late_spikes<1", 1, math.ulp(1.0)),
        ("hops_mean >= 2.5e0", 2, 0.5),
        ("hops_mean > -1", 0, 0),
        ("late_spikes <= 0", None, math.inf),
    ],
)
def test_constraints(text: str, value: float | None, violation: float) -> None:
    assert constraint(text, scored=False).violation(value) == violation


@pytest.mark.parametrize("text", ["late_spikes", "late_spikes = 0", "late_spikes <= x", "late_spikes <= 1.2.3", 7])
def test_what_is_no_constraint_is_said(text: object) -> None:
    with pytest.raises(ValueError, match="must be NAME <= NUMBER"):
        constraint(text, scored=False)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("velocity", "unknown number 'velocity'; there are latency_mean, .*, score.NAME, and those of"),
        ("latency_men", "did you mean 'latency_mean'?"),
        ("hops_mean", "must say whether hops_mean is to be small or large: {hops_mean: min}"),
        ("accuracy", "accuracy needs a script that says its score, not a trace"),
        ({"energy": "least"}, "must be a name, or {name: min} or {name: max}, not"),
    ],
)
def test_what_is_no_objective_is_said(given: object, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("{", r"\{").replace("?", r"\?")):
        objective(given, scored=False)


def test_directions() -> None:
    assert objective("accuracy", scored=True).best == "max"
    assert objective({"latency_mean": "max"}, scored=False).sign == -1
