"""Figures of pairs of populations are those of a count packet by packet, in the whole run and over time."""

import math
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.plain_details import (
    any_runs,
    changes_of,
    connections_of,
    disorder_plainly,
    distortion_plainly,
    order_plainly,
    packets_plainly,
    pairs_of,
    same,
    sent_by,
)

from synaptile.bridge.metrics import RunData, compute_metrics
from synaptile.bridge.metrics.detail.by_pair import PopulationPairs
from synaptile.bridge.metrics.detail.flows import flows_of, interval_changes
from synaptile.swsim.trace import PopulationSlice


def found_in(run: RunData) -> PopulationPairs:
    flows = flows_of(run)
    return PopulationPairs(run, flows, interval_changes(run, flows))


@given(any_runs())
@settings(max_examples=examples(50, 500), deadline=None)
def test_pairs(run: RunData) -> None:
    found, sent, connections = found_in(run), sent_by(run), connections_of(run)
    pairs = pairs_of(run)
    assert list(zip(found.source.tolist(), found.target.tolist(), strict=True)) == list(pairs)
    rows = []
    for (source, target), mine in pairs.items():
        numbers = sorted(number for key in mine for number in connections[key])
        sender, listeners = run.trace.populations[source], run.trace.populations[target]
        heard = [
            disorder_plainly(run, listener, lambda neuron, of=sender: of.start <= neuron < of.stop)
            for listener in range(listeners.start, listeners.stop)
        ]
        known = [value for value in heard if not math.isnan(value)]
        rows.append(
            {
                "packets": sum(sent[key] for key in mine),
                **packets_plainly(run, numbers),
                **distortion_plainly([change for key in mine for _, change in changes_of(run, connections[key])]),
                "disorder_mean": sum(known) / len(known) if known else math.nan,
                **order_plainly(run, numbers),
            }
        )
    same(found.figures(), rows)


@given(any_runs(), st.integers(1, 50))
@settings(max_examples=examples(50, 500), deadline=None)
def test_pairs_over_time(run: RunData, window: int) -> None:
    connections, keys, rows = connections_of(run), [], []
    for number, mine in enumerate(pairs_of(run).values()):
        created, changes = defaultdict(list), defaultdict(list)
        for key in mine:
            for delivery in connections[key]:
                created[int(run.deliveries.created[delivery]) // window].append(delivery)
            for end, change in changes_of(run, connections[key]):
                changes[end // window].append(change)
        for at in sorted(created):
            keys.append((number, at))
            rows.append({**packets_plainly(run, created[at]), **distortion_plainly(changes[at])})
        assert changes.keys() <= created.keys()
    found = found_in(run).over_time(window)
    assert list(zip(found.pop("pair").tolist(), found.pop("window").tolist(), strict=True)) == keys
    same(found, rows)


@given(any_runs(), st.integers(1, 50))
@settings(max_examples=examples(20, 200), deadline=None)
def test_windows_sum_to_pairs_and_pairs_to_the_groups_of_the_metrics(run: RunData, window: int) -> None:
    pairs, traffic = found_in(run), compute_metrics(run).congestion.traffic
    whole, over_time = pairs.figures(), pairs.over_time(window)
    for name in ("deliveries", "late"):
        summed = np.bincount(over_time["pair"], over_time[name], len(pairs.source))
        assert summed.tolist() == whole[name].tolist()
    some = whole["deliveries"] > 0
    assert whole["deliveries"][some].tolist() == traffic.pairs.packets.tolist()
    assert whole["late"][some].tolist() == traffic.pairs.late.tolist()
    assert whole["latency_mean"][some].tolist() == pytest.approx(traffic.pairs.latency_mean.tolist())


@given(any_runs())
@settings(max_examples=examples(20, 200), deadline=None)
def test_of_one_population_they_are_those_of_the_run(run: RunData) -> None:
    everyone = [PopulationSlice("all", 0, run.trace.neurons, "x")]
    run = replace(run, trace=replace(run.trace, populations=everyone))
    metrics, found = compute_metrics(run), found_in(run).figures()
    assert len(found["packets"]) == (1 if len(run.packets) else 0)
    if len(run.packets):
        assert found["packets"].tolist() == [metrics.packets_sent]
        assert found["deliveries"].tolist() == [metrics.packets_delivered]
        assert found["order_changes"].tolist() == [metrics.order_changes.pairs]
        assert found["overtaken_packets"].tolist() == [metrics.order_changes.overtaken]
        assert found["disorder_mean"].tolist() == [metrics.disorder.mean]
        for name in ("mean", "p99", "max"):
            assert found[f"latency_{name}"].tolist() == pytest.approx(
                [getattr(metrics.latency, name) if len(run.deliveries) else math.nan], nan_ok=True
            )
        for name in ("mean", "max"):
            expected = getattr(metrics.isi.change, name)
            assert found[f"isi_distortion_{name}"].tolist() == pytest.approx(
                [math.nan if expected is None else expected], nan_ok=True
            )
