"""Traces of foreign spikes and connections."""

from pathlib import Path

import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.foreign import Connections, ForeignSpikes, read_connections, spikes_of_neo, trace_of
from synaptile.swsim.trace import TraceError

NONE = Connections([], [])


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 50)), min_size=1, max_size=30), st.randoms())
def test_the_order_of_spikes_has_no_meaning(spikes: list[tuple[int, int]], random: "np.random.Generator") -> None:
    shuffled = list(spikes)
    random.shuffle(shuffled)
    traces = [
        trace_of(ForeignSpikes([who for who, _ in some], [when * 0.1 for _, when in some]), NONE, dt=0.1, neurons=10)
        for some in (spikes, shuffled)
    ]
    found = [list(zip(t.spike_step.tolist(), t.spike_neuron.tolist(), strict=True)) for t in traces]
    assert found[0] == found[1] == sorted((when, who) for who, when in spikes)
    assert traces[0].steps == 1 + max(when for _, when in spikes)


def test_populations_duration_and_delays() -> None:
    edges = Connections([0, 4], [4, 1], weight=[0.5, -1.0], delay=[1.0, 2.5])
    spikes = ForeignSpikes([1, 0], [2.0, 0.5], (("a", 2), ("b", 3)))
    trace = trace_of(spikes, edges, dt=0.5, duration=6.0, meta={"from": "elsewhere"})
    assert (trace.neurons, trace.steps, trace.delay.tolist()) == (5, 13, [2, 5])
    assert [(p.label, p.size, p.celltype) for p in trace.populations] == [("a", 2, "unknown"), ("b", 3, "unknown")]
    plain = trace_of(ForeignSpikes([1], [2.0]), Connections([0], [6]), dt=0.5)
    assert (plain.neurons, plain.delay.tolist(), plain.weight.tolist()) == (7, [1], [1.0])
    assert trace_of(spikes, edges, dt=0.5, populations=[("all", 5)]).populations[0].label == "all"


@pytest.mark.parametrize(
    ("spikes", "options", "message"),
    [
        (([1], [-0.5]), {}, "spikes must not be before 0 ms, not at -0.5"),
        (([1], [0.25]), {}, "spikes must lie within 0.01 of a step of 0.5 ms, not at .*0.25.* ms"),
        (([1], [9.0]), {"duration": 8.0}, "spikes must not be after the duration of 8 ms, not at 9 ms"),
        (([], []), {}, "duration must be given where there are no spikes, not None"),
        (([7], [1.0]), {"neurons": 7}, "spike_neuron must lie in 0..6, not 7"),
        (([7], [1.0]), {"populations": [("a", 7)]}, "spike_neuron must lie in 0..6, not 7"),
        (([1], [1.0]), {"neurons": 5, "populations": [("a", 7)]}, "stop of population 'a' must be the number of neur"),
    ],
)
def test_what_cannot_be_is_refused(spikes: tuple, options: dict, message: str) -> None:
    with pytest.raises(TraceError, match=message):
        trace_of(ForeignSpikes(*spikes), NONE, **{"dt": 0.5, **options})


def test_no_spikes_with_a_duration_are_a_trace() -> None:
    trace = trace_of(ForeignSpikes([], []), Connections([0], [1]), dt=1.0, duration=9.0)
    assert (trace.spikes, trace.steps, trace.neurons) == (0, 10, 2)


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(TraceError, match=r"neuron and time must be of equal length, not \(2, 1\)"):
        ForeignSpikes([0, 1], [1.0])
    with pytest.raises(TraceError, match=r"neuron must lie in 0..2147483646, not -1"):
        ForeignSpikes([-1], [1.0])
    with pytest.raises(TraceError, match="pre and post and weight must be of equal length"):
        Connections([0], [1, 2])


def test_neo(tmp_path: Path) -> None:
    trains = [neo.SpikeTrain(times * pq.s, t_stop=1) for times in ([0.003, 0.001], [], [0.002])]
    segment, block = neo.Segment(), neo.Block()
    segment.spiketrains = trains
    block.segments.append(segment)
    for given_object in (trains, segment, block):
        spikes = spikes_of_neo(given_object, label="cells")
        assert (spikes.neuron.tolist(), np.rint(spikes.time).tolist()) == ([0, 0, 2], [3.0, 1.0, 2.0])
        assert spikes.populations == (("cells", 3),)
    assert spikes_of_neo(trains).populations == ()
    block.segments.append(neo.Segment())
    with pytest.raises(
        TraceError, match=r"a Neo block must have one segment \(give the segment that is meant\), not 2"
    ):
        spikes_of_neo(block)
    with pytest.raises(TraceError, match=r"spikes must be a Neo block, segment or list of spike trains, not 1.0"):
        spikes_of_neo([1.0])


def edges(tmp_path: Path, text: str, **options: int) -> Connections:
    (tmp_path / "edges.csv").write_text(text)
    return read_connections(tmp_path / "edges.csv", **options)


def test_edges(tmp_path: Path) -> None:
    found = edges(tmp_path, "delay,post,pre,weight\n1.5,2,1,0.25\n1.0,3,1,-1\n", first_id=1)
    assert (found.pre.tolist(), found.post.tolist()) == ([0, 0], [1, 2])
    assert (found.weight.tolist(), found.delay.tolist()) == ([0.25, -1.0], [1.5, 1.0])
    short = edges(tmp_path, "pre,post\n0,1\n")
    assert (short.weight.tolist(), short.delay) == ([1.0], None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the first line must name the columns pre, post, weight, delay, of which the last two may be left out"),
        ("pre,weight\n", "the first line must name the columns"),
        ("pre,post,post\n", "the first line must name the columns"),
        ("pre,post,colour\n", "the first line must name the columns"),
        ("pre,post\n0,1\n0,1.5\n", "post must be whole numbers from 0 on, not 1.5"),
        ("pre,post\n0,1,2\n", "line 2 must have pre, post, not '0,1,2'"),
        ("pre,post,weight\n0,1,nan\n", "weight must be finite, not nan"),
    ],
)
def test_other_edges_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(TraceError, match=f"edges.csv: {message}"):
        edges(tmp_path, text)


def test_negative_delays_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="delays must not be before 0 ms, not at -1"):
        trace_of(ForeignSpikes([0], [1.0]), edges(tmp_path, "pre,post,delay\n0,1,-1\n"), dt=1.0)
