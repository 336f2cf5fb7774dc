"""Late spikes of a neuron's inputs against a count of each flow, spike by spike."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synaptile.bridge.comparison.arrivals import Arrivals, LateSpike, events_of
from synaptile.swsim.trace import Trace

NEURONS, STEPS, TILES = 6, 12, 3

neurons = st.integers(0, NEURONS - 1)
synapses = st.lists(st.tuples(neurons, neurons, st.integers(1, 4), st.sampled_from([-2.0, 0.5, 1.0])), max_size=14)
spikes = st.lists(st.tuples(st.integers(0, STEPS - 1), neurons), max_size=20)
tiles = st.lists(st.integers(0, TILES - 1), min_size=NEURONS, max_size=NEURONS)


def trace_of(fired: list[tuple[int, int]], connections: list[tuple[int, int, int, float]]) -> Trace:
    step, neuron = np.array(sorted(fired), np.int64).reshape(-1, 2).T
    pre, post, delay, weight = zip(*connections, strict=True) if connections else ((), (), (), ())
    return Trace(
        dt=1.0,
        steps=STEPS,
        neurons=NEURONS,
        spike_neuron=neuron,
        spike_step=step,
        pre=np.array(pre, np.int64),
        post=np.array(post, np.int64),
        delay=np.array(delay, np.int64),
        weight=np.array(weight, float),
    )


@given(spikes, synapses, neurons, st.integers(0, STEPS))
def test_events_of_a_neuron(fired, connections, neuron, step):
    trace = trace_of(fired, connections)
    expected = []
    for synapse, (pre, post, delay, _) in enumerate(connections):
        sent = [s for s, who in sorted(fired) if who == pre]
        expected += [
            (synapse, pre, s, k, k - sent.index(s)) for k, s in enumerate(sent) if post == neuron and s + delay <= step
        ]
    found = events_of(trace, neuron, step)
    columns = (found.synapse, found.source, found.sent, found.number, found.repetition)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    assert sorted(rows) == sorted(expected)


def by_spikes(fired, connections, tile, arrivals, axons, known, neuron, step) -> list[LateSpike]:
    """The definition; where it is not known which packet is of which spike, the first to come is of the first."""
    found = []
    for pre, post, delay, weight in connections:
        if post != neuron or (axons is None and tile[pre] == tile[neuron]):
            continue
        packets = 1 if axons is None else axons[tile[neuron]].count(pre)
        came = sorted((cycle, sent) for who, where, cycle, sent in arrivals if who == pre and where == tile[neuron])
        mine = [s for s, who in sorted(fired) if who == pre]
        for number, sent in enumerate(mine):
            if sent + delay > step or not packets:
                continue
            if known:
                own, rank = [cycle for cycle, of in came if of == sent], number - mine.index(sent)
            else:
                own, rank = [cycle for cycle, _ in came], number
            own = own[rank * packets : (rank + 1) * packets]
            whole = len(own) == packets
            if not whole or own[-1] // 10 != sent:
                last = own[-1] if whole else None
                arrived = None if last is None else last // 10
                found.append(LateSpike(pre, sent, delay, weight, arrived, last))
    return found


axon_tables = st.lists(st.lists(st.integers(-1, NEURONS - 1), min_size=7, max_size=7), min_size=TILES, max_size=TILES)


@given(spikes, synapses, tiles, st.none() | axon_tables, st.booleans(), st.data())
def test_late_spikes(fired, connections, tile, axons, known, data):
    arrivals = []
    for step, who in fired:
        for where in range(TILES):
            for _ in range(1 if axons is None else axons[where].count(who)):
                late = data.draw(st.none() | st.integers(0, 30))
                if late is not None:
                    arrivals.append((who, where, 10 * step + late, step))
    who, where, cycle, sent = np.array(arrivals, np.int64).reshape(-1, 4).T
    seen = Arrivals(
        np.array(tile),
        who,
        where,
        cycle,
        cycle // 10,
        sent if known else None,
        None if axons is None else np.array(axons, np.int64),
    )
    neuron, step = data.draw(neurons), data.draw(st.integers(0, STEPS))
    found = seen.late(trace_of(fired, connections), neuron, step)
    expected = by_spikes(fired, connections, tile, arrivals, axons, known, neuron, step)
    assert sorted(map(repr, found)) == sorted(map(repr, expected))

    def key(spike: LateSpike) -> tuple[float, ...]:
        return (-spike.due, -abs(spike.weight), spike.source, -spike.sent)

    assert [key(spike) for spike in found] == sorted(key(spike) for spike in found)
    for spike in found:
        assert spike.due == spike.sent + spike.delay
        assert spike.acted == (None if spike.arrived is None else spike.arrived + spike.delay)
