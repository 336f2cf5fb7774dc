"""What a chip changed: sums, scores, text, and what cannot be compared."""

import csv
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from support.fake_runs import random_trace
from support.two_runs import NEURONS, STEPS, Spikes, spikes, trace_of

from synaptile.bridge.comparison.cause import Evidence
from synaptile.bridge.comparison.changes import Changes, scores_of, what_changed
from synaptile.bridge.json_text import json_text
from synaptile.swsim.trace import Trace


def changes(reference: Trace, run: Trace) -> Changes:
    return what_changed(reference, run, Evidence(None), origin="software")


@given(spikes, spikes)
def test_totals_are_those_of_sets_of_spikes(ours: Spikes, theirs: Spikes) -> None:
    found = changes(trace_of(ours), trace_of(theirs))
    values = json.loads(json_text(found.to_dict()))
    gone, come = (sum((Counter(a) - Counter(b)).values()) for a, b in ((ours, theirs), (theirs, ours)))
    assert values["spikes_lost"] + values["spikes_moved"] == gone
    assert values["spikes_new"] + values["spikes_moved"] == come
    different = (Counter(ours) - Counter(theirs)) + (Counter(theirs) - Counter(ours))
    assert found.is_same == (not different)
    assert (values["cause"] is None) == found.is_same
    if different:
        step, neuron = min((step, neuron) for neuron, step in different)
        assert (values["first_difference"]["step"], values["first_difference"]["neuron"]) == (step, neuron)
        assert found.first_difference.startswith(f"They part in step {step} ({step} ms): a spike of neuron {neuron} of")
    else:
        assert found.first_difference == "No difference: every spike is in software too, in the same step."
    assert found.first_difference.split()[0] in str(found)


def test_populations_as_rows_and_csv() -> None:
    trace = random_trace()
    kept = trace.spike_neuron != 3
    run = replace(trace, spike_neuron=trace.spike_neuron[kept], spike_step=trace.spike_step[kept])
    found = changes(trace, run)
    lost = int(np.count_nonzero(~kept))
    assert found.to_dict()["spikes_lost"] == lost > 0
    rows = {what: (value, unit) for what, value, unit in found.rows()}
    assert rows["population 0: lost"] == (str(lost), "spikes")
    assert rows["population 1: spikes"][1] == "all the same"
    assert "population 1: lost" not in rows
    table = list(csv.DictReader(found.to_csv().splitlines()))
    assert [row["label"] for row in table] == ["population 0", "population 1", "population 2"]
    assert [row["lost"] for row in table] == [str(lost), "0", "0"]
    assert table[0]["shift_ms"] == ""
    assert str(found).startswith("What the chip changed, beside software\n")


def test_scores_of_both_runs() -> None:
    one, other = trace_of([(0, 1), (1, 4)]), trace_of([(0, 1)])
    found = changes(one, other).scored(lambda trace: trace.spikes, other)
    assert next(found.rows()) == ("score", "1", "2 in software")
    assert found.to_dict()["scores"] == {"score": {"reference": 2.0, "run": 1.0}}
    found = found.scored(lambda trace: {"a": trace.spikes, "b": np.float64(0.5)}, other)
    assert [row[0] for row in found.rows()][:2] == ["a", "b"]
    assert found.scored(3, other).to_dict()["scores"]["score"] == {"reference": None, "run": 3.0}
    # A saved run knows its own.
    saved = replace(one, meta={"score": {"score": 0.75}})
    found = changes(saved, other).scored(0.5, other)
    assert next(found.rows()) == ("score", "0.5", "0.75 in software")


@pytest.mark.parametrize(
    ("score", "message"),
    [
        ("high", "score must be a number, or several by name, not 'high'"),
        (True, "score must be a number"),
        ({"a": [1]}, "a must be a number"),
        ({3: 1.0}, "the name of a score must be a text, not 3"),
    ],
)
def test_what_is_no_score(score: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}"):
        scores_of(score)


def test_scores_without_a_value_are_none() -> None:
    one = trace_of([(0, 1)])
    found = changes(one, one).scored(float("nan"), one)
    assert found.to_dict()["scores"] == {"score": {"reference": None, "run": None}}
    assert next(found.rows()) == ("score", "–", "– in software")
    assert isinstance(found.scores, Mapping)


@given(spikes, spikes)
def test_an_interrupted_run_is_compared_as_far_as_it_came(ours: Spikes, theirs: Spikes) -> None:
    whole = trace_of(ours)
    part = replace(trace_of([(n, s) for n, s in theirs if s < 20], steps=20), partial=True)
    found = changes(whole, part)
    assert found.to_dict() == changes(trace_of([(n, s) for n, s in ours if s < 20], steps=20), part).to_dict()
    assert found.reference.steps == 20
    with pytest.raises(ValueError, match=f"steps is {STEPS} in the one and 20 in the other"):
        changes(whole, replace(part, partial=False))


def test_no_spikes_at_all() -> None:
    found = changes(trace_of([]), trace_of([]))
    assert found.is_same
    assert found.to_dict()["populations"][0]["reference_rate_hz"] == 0
    assert found.comparison.populations[0].neurons == NEURONS
    json_text(found.to_dict())
