import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge.mapping.fan_in_split import FanInSplit, split_fan_in
from synaptile.swsim.trace import PopulationSlice, Trace


def trace_of(neurons, synapses, spikes, steps, populations=()):
    spikes = sorted(spikes, key=lambda one: one[::-1])
    return Trace(
        dt=1.0,
        steps=steps,
        neurons=neurons,
        spike_neuron=np.array([n for n, _ in spikes], np.int32),
        spike_step=np.array([s for _, s in spikes], np.int64),
        pre=np.array([a for a, _ in synapses], np.int32),
        post=np.array([b for _, b in synapses], np.int32),
        weight=np.arange(len(synapses), dtype=float),
        delay=np.ones(len(synapses), np.int32),
        populations=populations,
    )


@st.composite
def traces(draw):
    neurons, steps = draw(st.integers(1, 12)), draw(st.integers(1, 6))
    ids = st.integers(0, neurons - 1)
    synapses = draw(st.lists(st.tuples(ids, ids), max_size=60))
    spikes = draw(st.lists(st.tuples(ids, st.integers(0, steps - 1)), max_size=30))
    return trace_of(neurons, synapses, spikes, steps)


def reachable(trace, root, first):
    """The inputs of a neuron through its parts: (input, parts on the way)."""
    found = []
    waiting = [(root, 0)]
    while waiting:
        neuron, depth = waiting.pop()
        for pre in trace.pre[trace.post == neuron].tolist():
            if pre >= first:
                waiting.append((pre, depth + 1))
            else:
                found.append((pre, depth))
    return found


@given(trace=traces(), inputs=st.integers(2, 5))
@settings(max_examples=examples(60, 1000), deadline=None)
def test_split_against_its_definition(trace, inputs):
    split, report = split_fan_in(trace, inputs)
    fan_in = [len(set(trace.pre[trace.post == n].tolist())) for n in range(trace.neurons)]
    if max(fan_in) <= inputs:
        assert split is trace
        assert report is None
        return
    assert isinstance(report, FanInSplit)
    assert report.first == trace.neurons
    assert report.neurons == sum(one > inputs for one in fan_in)
    assert report.parts == split.neurons - trace.neurons > report.neurons
    assert split.steps == trace.steps + report.levels
    depths = []
    for neuron in range(split.neurons):
        assert len(set(split.pre[split.post == neuron].tolist())) <= inputs
    for neuron in range(trace.neurons):
        # Each synapse is there once, behind as many parts as all others of its neuron or one more.
        inside = reachable(split, neuron, trace.neurons)
        assert sorted(pre for pre, _ in inside) == sorted(trace.pre[trace.post == neuron].tolist())
        depths += [depth for _, depth in inside]
    assert max(depths) == report.levels
    # The network's own spikes are as they were; a part fires in the step after each in which an input did.
    fired = {n: set() for n in range(split.neurons)}
    for n, s in zip(split.spike_neuron.tolist(), split.spike_step.tolist(), strict=True):
        if n >= trace.neurons:
            assert s not in fired[n]
        fired[n].add(s)
    own = split.spike_neuron < trace.neurons
    assert np.array_equal(split.spike_neuron[own], trace.spike_neuron)
    assert np.array_equal(split.spike_step[own], trace.spike_step)
    for part in range(trace.neurons, split.neurons):
        steps = set().union(*(fired[pre] for pre in split.pre[split.post == part].tolist()))
        assert fired[part] == {step + 1 for step in steps}
    assert report.spikes == np.count_nonzero(~own)
    # Weights and delays go with the synapses.
    kept = len(trace.pre)
    assert np.array_equal(split.pre[:kept], trace.pre) or report.levels > 1
    assert np.array_equal(np.sort(split.weight[:kept]), trace.weight)


def test_neurons_of_a_population_share_the_axons_of_their_parts():
    """All listen to the same 10 neurons: with crossbars of 4 axons, each has three parts, with inputs in common."""
    synapses = [(pre, post) for post in range(10, 13) for pre in range(10)]
    populations = [PopulationSlice("in", 0, 10, "SpikeSourceArray"), PopulationSlice("out", 10, 13, "IF_curr_exp")]
    split, report = split_fan_in(trace_of(13, synapses, [(0, 0), (9, 2)], 3, populations), 4)
    assert report == FanInSplit(inputs=4, neurons=3, parts=9, first=13, spikes=6, levels=1)
    inputs = [tuple(split.pre[split.post == part].tolist()) for part in range(13, 22)]
    assert inputs == [(0, 1, 2, 3), (4, 5, 6, 7), (8, 9)] * 3
    assert [p.to_list() for p in split.populations[2:]] == [["out (parts)", 13, 22, "IF_curr_exp"]]
    assert not split.populations[-1].is_source
    merging = split.spike_neuron >= 13
    assert split.spike_neuron[merging].tolist() == [13, 16, 19, 15, 18, 21]
    assert split.spike_step[merging].tolist() == [1, 1, 1, 3, 3, 3]
    assert FanInSplit.from_dict(report.to_dict()) == report
    assert split.meta["split"]["parts"] == 9


def test_pieces_do_not_change_what_is_found(monkeypatch):
    rng = np.random.default_rng(0)
    synapses = [(int(a), int(b)) for a, b in rng.integers(0, 40, (600, 2))]
    spikes = [(int(a), int(b)) for a, b in zip(rng.integers(0, 40, 300), rng.integers(0, 50, 300), strict=True)]
    whole, _ = split_fan_in(trace_of(40, synapses, spikes, 50), 4)
    monkeypatch.setattr("synaptile.bridge.mapping.fan_in_split._AT_ONCE", 7)
    pieces, _ = split_fan_in(trace_of(40, synapses, spikes, 50), 4)
    assert np.array_equal(whole.spike_neuron, pieces.spike_neuron)
    assert np.array_equal(whole.spike_step, pieces.spike_step)


def test_silent_network_has_parts_without_spikes():
    split, report = split_fan_in(trace_of(5, [(n, 4) for n in range(4)], [], 3), 2)
    assert report is not None
    assert report.spikes == split.spikes == 0
    assert report.levels == 1


def test_sums_of_one_do_not_become_fewer():
    with pytest.raises(ValueError, match="inputs must be at least 2 to divide neurons, not 1"):
        split_fan_in(trace_of(2, [(0, 1)], [], 1), 1)
