import numpy as np
import pytest
from hypothesis import given, settings
from support.effort import examples
from support.fake_runs import random_trace
from support.random_networks import Packet, sent_and_delivered, trace_of
from support.random_runs import idle, runs

from synaptile.bridge import Chip
from synaptile.bridge.config import ChipConfig, Crossbar
from synaptile.bridge.mapping import MappedNetwork, Mapping, Network
from synaptile.bridge.metrics import RunData
from synaptile.bridge.metrics.congestion.congestion import congestion, late_rows
from synaptile.bridge.metrics.congestion.late_causes import CAUSES, Place, parts_of
from synaptile.bridge.metrics.congestion.load import load_over_time
from synaptile.bridge.metrics.congestion.ways import Ways, ways_of


def parts_by_hand(run: RunData, number: int) -> dict[str, int]:
    log, config = run.deliveries, run.config
    created, injected, completed = (int(getattr(log, x)[number]) for x in ("created", "injected", "completed"))
    hops, stages = int(log.hops[number]), config.link_stages
    if config.topology == "tree":
        registers = stages * max(0, hops - 2)
    else:
        registers = stages * hops
    distance = hops + 1 + registers + config.flits_per_packet - 1
    return {
        "source wait": injected - created,
        "contention": completed - injected - distance,
        "distance": distance,
        "compute": created % config.cycles_per_step,
    }


@given(runs())
@settings(max_examples=examples(60, 600))
def test_causes_are_those_of_a_count_packet_by_packet(run: RunData) -> None:
    found = congestion(run).late
    log, length = run.deliveries, run.config.cycles_per_step
    cycles, mostly = dict.fromkeys(CAUSES, 0), dict.fromkeys(CAUSES, 0)
    saved, count, alone, needed = dict.fromkeys(CAUSES, 0), 0, 0, None
    for number in range(len(log)):
        begin = log.created[number] // length * length
        needed = max(needed or 0, int(log.completed[number] - begin + 1))
        if log.completed[number] // length == begin // length:
            continue
        parts = parts_by_hand(run, number)
        assert sum(parts.values()) == log.completed[number] - begin
        count += 1
        mostly[max(parts, key=lambda cause: parts[cause])] += 1
        for cause, spent in parts.items():
            cycles[cause] += spent
            saved[cause] += int(log.completed[number] - spent < begin + length)
        alone += int(begin + parts["distance"] + parts["compute"] >= begin + length)
    assert (found.count, found.cycles, found.mostly, found.saved) == (count, cycles, mostly, saved)
    assert (found.alone, found.needed) == (alone, needed)
    assert found.main == (max(cycles, key=lambda cause: cycles[cause]) if count else None)


@given(runs())
@settings(max_examples=examples(40, 400))
def test_places_are_those_of_a_count_packet_by_packet(run: RunData) -> None:
    ways = ways_of(run)
    assert isinstance(ways, Ways)
    load, found = load_over_time(run, ways), congestion(run).late
    log, length = run.deliveries, run.config.cycles_per_step
    waited: dict[str, list[int]] = {}
    contended: dict[int, list[int]] = {}
    for number in range(len(log)):
        if log.completed[number] // length == log.created[number] // length:
            continue
        parts = parts_by_hand(run, number)
        if parts["source wait"]:
            row, col = divmod(int(log.source[number]), run.config.cols)
            at = waited.setdefault(f"tile ({row},{col})", [0, 0])
            at[0], at[1] = at[0] + 1, at[1] + parts["source wait"]
        if parts["contention"]:
            way = int(ways.of_packet[number])
            steps = range(ways.start[way], ways.start[way + 1])
            spent, zero_load = int(log.delivered[number] - log.injected[number]), int(ways.offset[steps[-1]])
            loads = []
            for step in steps:
                window = (int(log.injected[number]) + int(ways.offset[step]) * spent // zero_load) // load.window
                loads.append(load.flits[window, ways.output[step]] / load.lengths[window])
            at = contended.setdefault(int(ways.output[steps[int(np.argmax(loads))]]), [0, 0])
            at[0], at[1] = at[0] + 1, at[1] + parts["contention"]
    assert len(found.waited) == min(5, len(waited))
    assert all(waited[place.name] == [place.packets, place.cycles] for place in found.waited)
    assert [place.cycles for place in found.waited] == sorted((at[1] for at in waited.values()), reverse=True)[:5]
    assert sorted((place.packets, place.cycles) for place in found.contended) == sorted(
        tuple(at) for at in sorted(contended.values(), key=lambda at: -at[1])[:5]
    ) or len({at[1] for at in contended.values()}) < len(contended)
    assert [place.cycles for place in found.contended] == sorted((at[1] for at in contended.values()), reverse=True)[:5]


def by_hand(log: list[Packet], **settings: object) -> RunData:
    """Neurons 0 and 1 on tile 0 of a 1x4 mesh, neuron 2 on tile 2; steps are 10 cycles, and packets one flit."""
    config = ChipConfig(mesh="1x4", crossbar="4x2", cycles_per_step=10, flits_per_packet=1, **settings)
    network = Network.of(3, [0, 1], [2, 2])
    mapping = Mapping(1, 4, Crossbar(axons=4, neurons=2), np.array([0, 0, 2]), np.array([0, 1, 0]))
    packets, deliveries = sent_and_delivered(log)

    class Firing:
        neurons, pre, post = 3, np.array([0, 1]), np.array([2, 2])

    trace = trace_of(Firing, [(0, 0), (0, 1)], steps=3)
    return RunData(deliveries, packets, idle(config, 40), MappedNetwork(network, mapping), trace, config)


def test_by_hand() -> None:
    # Two hops take 3 cycles. The first waits 9 cycles at its source, the second 2 there and 8 on the way; the third is
    # in time to the cycle.
    run = by_hand([Packet(0, 0, 2, 0, 12, injected=9), Packet(0, 0, 2, 1, 13, injected=2), Packet(10, 0, 2, 0, 19, 16)])
    found = congestion(run).late
    assert found.count == 2
    assert found.cycles == {"source wait": 11, "contention": 8, "distance": 6, "compute": 0}
    assert found.mostly == {"source wait": 1, "contention": 1, "distance": 0, "compute": 0}
    assert found.saved == {"source wait": 1, "contention": 1, "distance": 1, "compute": 0}
    assert (found.alone, found.needed, found.main) == (0, 14, "source wait")
    assert found.waited == (Place("tile (0,0)", 2, 11),)
    assert [(place.packets, place.cycles) for place in found.contended] == [(1, 8)]
    assert late_rows(congestion(run)) == [
        ("Late, most for source wait", "1", "packets"),
        ("In time, all, with", "14", "cycles/step"),
    ]
    text = " ".join(found.sentences())
    assert "2 packets were late." in text
    assert "5.5 (44%) on waiting in the queue of their tile, 4.0 (32%) on waiting for other packets on the way" in text
    assert "in time would have been: 1 without waiting in the queue of their tile; 1 without waiting for other" in text
    assert "With 14 cycles per step every packet, going as it did, would have arrived in its own step." in text
    assert found.to_dict()["main"] == "source wait"


def test_a_way_longer_than_a_step_cannot_be_saved() -> None:
    run = by_hand([Packet(0, 0, 3, 0, 13)], link_stages=3)
    found = congestion(run).late
    assert (found.alone, found.main) == (1, "distance")
    assert "1 would be late in an empty network, too" in " ".join(found.sentences())


def test_work_before_a_packet_is_created_is_compute() -> None:
    run = by_hand([Packet(8, 0, 2, 0, 11)])
    parts = parts_of(run, np.array([0]))
    assert {cause: values.tolist() for cause, values in parts.items()} == {
        "source wait": [0],
        "contention": [0],
        "distance": [3],
        "compute": [8],
    }
    assert congestion(run).late.saved["compute"] == 1


def test_nothing_late() -> None:
    run = by_hand([Packet(0, 0, 2, 0, 3)])
    found = congestion(run).late
    assert found.sentences() == ["No packet was late. 4 cycles per step would do for these packets."]
    assert late_rows(congestion(run)) == []
    assert congestion(by_hand([])).late.sentences() == ["No packet was late."]


@pytest.mark.parametrize("multicast", [False, True])
def test_with_as_many_cycles_as_needed_nothing_is_late(multicast: bool) -> None:
    """On the circuit itself: a replay sends the same spikes, and with longer steps they disturb each other less."""
    chip = {"mesh": "2x2", "crossbar": "64x8", "engine": "amaranth", "multicast": multicast, "table_entries": 64}
    trace = random_trace((32,), steps=4, rate=0.5, synapses=160)
    tight = Chip(cycles_per_step=12, **chip).replay(trace).metrics.congestion.late
    assert tight.count > 10
    assert tight.needed > 12
    assert (tight.copies is None) is multicast
    wide = Chip(cycles_per_step=tight.needed, **chip).replay(trace).metrics.congestion.late
    assert wide.count == 0
    assert wide.needed <= tight.needed
