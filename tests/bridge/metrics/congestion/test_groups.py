from collections import defaultdict

import numpy as np
from hypothesis import given, settings
from support.effort import examples
from support.random_runs import runs

from synaptile.bridge.metrics import RunData
from synaptile.bridge.metrics.congestion import groups
from synaptile.bridge.metrics.congestion.groups import Groups, packet_groups


def figures(run: RunData, numbers: list[int]) -> tuple[int, ...]:
    log, length = run.deliveries, run.config.cycles_per_step
    latency = [int(log.delivered[n] - log.created[n]) for n in numbers]
    steps = [int(log.completed[n] // length - log.created[n] // length) for n in numbers]
    wait = sum(int(log.injected[n] - log.created[n]) for n in numbers)
    late = sum(step > 0 for step in steps)
    return len(numbers), sum(latency), max(latency, default=0), wait, late, max(steps, default=0)


def row(found: Groups, number: int) -> tuple[int, ...]:
    columns = (found.packets, found.latency, found.latency_max, found.source_wait, found.late, found.late_steps_max)
    return tuple(int(column[number]) for column in columns)


@given(runs())
@settings(max_examples=examples(60, 600))
def test_groups_are_those_of_a_count_packet_by_packet(run: RunData) -> None:
    log, tile = run.deliveries, run.mapped.mapping.tile
    owner = [
        next(i for i, p in enumerate(run.trace.populations) if p.start <= n < p.stop) for n in range(run.trace.neurons)
    ]
    by_connection, by_neuron, by_pair = defaultdict(list), defaultdict(list), defaultdict(list)
    synapses = set(zip(run.trace.pre.tolist(), run.trace.post.tolist(), strict=True))
    for number in range(len(log)):
        neuron, to = int(log.neuron[number]), int(log.destination[number])
        by_connection[neuron, to].append(number)
        by_neuron[neuron].append(number)
        for listener in {owner[post] for pre, post in synapses if pre == neuron and tile[post] == to}:
            by_pair[owner[neuron], listener].append(number)
    found = packet_groups(run)
    keys = list(zip(found.connection_neuron.tolist(), found.connection_tile.tolist(), strict=True))
    assert keys == sorted(by_connection)
    for number, key in enumerate(keys):
        assert row(found.connections, number) == figures(run, by_connection[key])
    for neuron in range(run.trace.neurons):
        assert row(found.neurons, neuron) == figures(run, by_neuron[neuron])
    pairs = list(zip(found.pair_source.tolist(), found.pair_target.tolist(), strict=True))
    assert pairs == sorted(by_pair)
    for number, key in enumerate(pairs):
        assert row(found.pairs, number) == figures(run, by_pair[key])
    worst = found.worst_connections(run)
    order = sorted(by_connection.values(), key=lambda n: (-figures(run, n)[4], -figures(run, n)[1] / len(n)))[:10]
    assert [(one["late_packets"], one["latency_mean"]) for one in worst] == [
        (figures(run, n)[4], figures(run, n)[1] / len(n)) for n in order
    ]
    for one in worst:
        start = next(p.start for p in run.trace.populations if p.label == one["population"])
        assert start + one["index"] == one["neuron"]
        assert one["from_tile"] == list(divmod(int(tile[one["neuron"]]), run.config.cols))
    assert len(found.worst_pairs(run)) == len(by_pair)


@given(runs())
@settings(max_examples=examples(10, 100))
def test_many_neurons_and_tiles_are_grouped_alike(run: RunData) -> None:
    dense = packet_groups(run)
    before, groups._DENSE = groups._DENSE, 0
    try:
        sparse = packet_groups(run)
    finally:
        groups._DENSE = before
    np.testing.assert_array_equal(dense.connection_neuron, sparse.connection_neuron)
    np.testing.assert_array_equal(dense.connections.latency, sparse.connections.latency)
    np.testing.assert_array_equal(dense.connections.late, sparse.connections.late)
