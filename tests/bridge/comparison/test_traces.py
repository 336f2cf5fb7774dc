"""What is told of two runs."""

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from support.fake_runs import random_trace
from support.two_runs import Spikes, spikes, trace_of

from synaptile.bridge.comparison.traces import compare_traces
from synaptile.bridge.json_text import json_text
from synaptile.swsim.trace import PopulationSlice, Trace

POPULATIONS = [PopulationSlice("a", 0, 2, "IF_curr_exp"), PopulationSlice("b", 2, 3, "IF_curr_exp")]


def of(spikes: Spikes, **changes: Any) -> Trace:
    return dataclasses.replace(trace_of(spikes), **{"populations": POPULATIONS, **changes})


def test_each_population_has_its_own() -> None:
    reference = of([(0, 5), (1, 7), (1, 20), (1, 40), (2, 30)])
    run = of([(0, 5), (1, 9), (1, 17), (2, 3), (2, 4), (2, 30)])
    found = compare_traces(reference, run)
    a, b = found.populations
    assert (a.label, a.neurons, a.reference_spikes, a.run_spikes) == ("a", 2, 4, 3)
    assert (a.lost, a.new, a.moved) == (1, 0, 2)
    assert (a.shift_ms, a.most_shift_ms) == (-0.5, 3)
    assert a.reference_rate_hz == pytest.approx(4 / 2 / 0.06)
    assert a.reference_cv == pytest.approx(np.std([13, 20]) / 16.5)
    assert math.isnan(a.run_cv)
    assert a.victor_purpura == pytest.approx((1 + 0.2 * 2 + 0.2 * 3) / 2)
    assert (b.lost, b.new, b.moved, b.victor_purpura) == (0, 2, 0, 2)
    assert math.isnan(b.shift_ms)
    assert (found.first_step, found.first_neuron, found.first_population, found.first_kind) == (3, 0, "b", "new")
    assert (found.changed, found.is_same) == (5, False)


@given(spikes)
def test_a_run_and_itself(ours: Spikes) -> None:
    found = compare_traces(of(ours), of(ours))
    assert found.is_same
    assert found.changed == 0
    assert ("first difference", "none", "") in list(found.rows())
    for one in found.populations:
        assert one.reference_spikes == one.run_spikes
        assert (one.victor_purpura, one.van_rossum) == (0, 0)
        assert math.isnan(one.correlation) or one.correlation == pytest.approx(1)
    assert json.loads(json_text(found.to_dict()))["same"] is True


@given(spikes, spikes)
def test_lost_and_new_balance(ours: Spikes, theirs: Spikes) -> None:
    for one in compare_traces(of(ours), of(theirs)).populations:
        assert one.run_spikes - one.reference_spikes == one.new - one.lost


def test_populations_may_be_unknown() -> None:
    found = compare_traces(of([(0, 1)], populations=()), of([(0, 1)]))
    assert [one.label for one in found.populations] == ["all neurons"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dt": 0.5}, "dt is 1.0 in the one and 0.5 in the other"),
        ({"steps": 61}, "steps is 60 in the one and 61 in the other"),
        ({"populations": [PopulationSlice("a", 0, 3, "")]}, "population 'a' of the one is 'a' in the other"),
        ({"populations": [PopulationSlice("c", 0, 2, ""), POPULATIONS[1]]}, "population 'a' of the one is 'c' in the"),
    ],
)
def test_runs_of_different_networks(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^two runs must be of one network, but {message}"):
        compare_traces(of([]), of([], **change))


def test_another_number_of_neurons() -> None:
    with pytest.raises(ValueError, match=r"neurons is 20 in the one and 21 in the other$"):
        compare_traces(random_trace(), random_trace((12, 6, 3)))


@pytest.mark.parametrize("window", [0, -2.0, math.nan, math.inf])
def test_windows_that_are_none(window: float) -> None:
    with pytest.raises(ValueError, match=r"^window_ms must be greater than 0, not "):
        compare_traces(of([]), of([]), window_ms=window)
