"""Figures of neurons and connections are those of a count packet by packet, and sum to those of the run."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from support.effort import examples
from support.plain_details import (
    any_runs,
    changes_of,
    connections_of,
    disorder_plainly,
    distortion_plainly,
    packets_plainly,
    same,
    sent_by,
)

from synaptile.bridge.metrics import RunData, compute_metrics
from synaptile.bridge.metrics.detail.by_neuron import connection_figures, neuron_figures
from synaptile.bridge.metrics.detail.flows import flows_of, interval_changes


@given(any_runs())
@settings(max_examples=examples(60, 600), deadline=None)
def test_connections(run: RunData) -> None:
    flows, sent = flows_of(run), sent_by(run)
    connections = connections_of(run)
    assert list(zip(flows.neuron.tolist(), flows.tile.tolist(), strict=True)) == list(connections)
    rows = [
        {
            "packets": sent[key],
            **packets_plainly(run, numbers),
            **distortion_plainly([change for _, change in changes_of(run, numbers)]),
        }
        for key, numbers in connections.items()
    ]
    same(connection_figures(flows, interval_changes(run, flows)), rows)


@given(any_runs())
@settings(max_examples=examples(40, 400), deadline=None)
def test_neurons(run: RunData) -> None:
    flows, sent = flows_of(run), sent_by(run)
    connections = connections_of(run)
    rows = []
    for neuron in range(run.trace.neurons):
        mine = [numbers for (who, _), numbers in connections.items() if who == neuron]
        rows.append(
            {
                "packets": sum(count for (who, _), count in sent.items() if who == neuron),
                **packets_plainly(run, sorted(number for numbers in mine for number in numbers)),
                **distortion_plainly([change for numbers in mine for _, change in changes_of(run, numbers)]),
                "disorder": disorder_plainly(run, neuron),
            }
        )
    same(neuron_figures(run, flows, interval_changes(run, flows)), rows)


@given(any_runs())
@settings(max_examples=examples(20, 200), deadline=None)
def test_they_sum_to_the_figures_of_the_run(run: RunData) -> None:
    metrics, flows = compute_metrics(run), flows_of(run)
    changes = interval_changes(run, flows)
    assert len(changes.change) == metrics.isi.change.count
    for found in (connection_figures(flows, changes), neuron_figures(run, flows, changes)):
        assert found["packets"].sum() == metrics.packets_sent
        count = found["deliveries"]
        assert count.sum() == metrics.packets_delivered
        assert found["late"].sum() == metrics.late.count
        assert found["late_steps_max"].max(initial=0) == metrics.late.max_steps
        if len(run.deliveries):
            some = count > 0
            assert (found["latency_mean"][some] * count[some]).sum() / count.sum() == pytest.approx(
                metrics.latency.mean
            )
            assert np.nanmax(found["latency_max"]) == metrics.latency.max
        if metrics.isi.change.count:
            assert np.nanmax(found["isi_distortion_max"]) == metrics.isi.change.max
    disorder = neuron_figures(run, flows, changes)["disorder"]
    known = disorder[~np.isnan(disorder)]
    assert (known.mean() if len(known) else None) == metrics.disorder.mean
    assert not any(math.isinf(value) for value in disorder)
