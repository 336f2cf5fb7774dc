"""Why two runs part: a single spike that is held up is found, and what is no packet is named."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.fake_chip import FakeChip

import synaptile.swsim as sim
from synaptile.bridge.comparison.arrivals import Arrivals
from synaptile.bridge.comparison.cause import KINDS, Cause, Evidence, find_cause
from synaptile.bridge.comparison.traces import compare_traces
from synaptile.swsim.trace import PopulationSlice, Trace

STEPS = 30


class HoldingChip(FakeChip):
    """Everything is in time but for one spike of a neuron: that which it fires in a given step or the next after."""

    def __init__(self, neuron: int, step: int, late: int | None) -> None:
        super().__init__()
        self.neuron, self.step, self.held_for = neuron, step, late
        self.held: int | None = None
        self.log: list[tuple[int, int, int, int]] = []
        self.trace: Any = None

    def exchange(self, step, fired):
        hold = self.held is None and step >= self.step and self.neuron in fired
        if hold:
            self.held = step
        for who in fired.tolist():
            for tile in self.targets.get(who, ()):
                late = hold and who == self.neuron and tile != self.tile[who]
                at = step + (1000 if self.held_for is None else self.held_for) * late
                self.under_way.setdefault(at, []).append((who, tile, step))
        came = self.under_way.pop(step, [])
        self.log += [(who, tile, sent, step) for who, tile, sent in came]
        return tuple(np.array([one[i] for one in came], np.int32) for i in (0, 1))

    def end(self, trace):
        self.trace = trace()

    def arrivals(self) -> Arrivals:
        who, tile, sent, step = np.array(self.log, np.int64).reshape(-1, 4).T
        away = self.tile[who] != tile
        return Arrivals(self.tile.astype(np.int64), who[away], tile[away], step[away] * 10 + 3, step[away], sent[away])


def run(seed: int, hardware: Any = None) -> Trace:
    """A network in which each neuron fires for an input or two; no two inputs of one are alike."""
    sim.setup(timestep=1.0, seed=seed, hardware=hardware)
    rng = np.random.default_rng(seed)
    times = [np.flatnonzero(rng.random(STEPS) < 0.2).astype(float) for _ in range(5)]
    sources = sim.Population(5, sim.SpikeSourceArray(spike_times=times), label="sources")
    cells = sim.Population(6, sim.IF_curr_delta(tau_refrac=0.0, tau_m=20.0), label="cells")
    for one, label in ((sources, "in"), (cells, "back")):
        links = [
            (i, j, float(rng.uniform(6.0, 22.0)), float(rng.integers(1, 4)))
            for i in range(one.size)
            for j in range(6)
            if rng.random() < 0.4
        ]
        sim.Projection(one, cells, sim.FromListConnector(links), sim.StaticSynapse(), label=label)
    sim.run(STEPS - 1.0)
    return sim.get_trace()


@given(st.integers(0, 10**6), st.integers(0, 10), st.integers(0, STEPS - 1), st.none() | st.integers(1, 6))
@settings(max_examples=examples(40, 400))
def test_the_one_spike_that_was_held_up_is_found(seed: int, neuron: int, step: int, late: int | None) -> None:
    software = run(seed)
    chip = HoldingChip(neuron, step, late)
    hardware = run(seed, chip)
    comparison = compare_traces(software, hardware)
    cause = find_cause(comparison, software, hardware, Evidence(chip.arrivals()))
    if comparison.is_same:
        assert cause is None
        return
    assert cause is not None
    assert cause.spike is not None
    assert (cause.spike.source, cause.spike.sent) == (neuron, chip.held)
    if late is None or chip.held + late >= STEPS:
        assert (cause.kind, cause.spike.arrived, cause.spike.acted) == ("lost spike", None, None)
        assert "had not come to the neuron's tile when the run ended after step 29" in cause.text
    else:
        assert (cause.kind, cause.spike.arrived) == ("late spike", chip.held + late)
        assert cause.spike.acted == cause.spike.due + late
        assert f"{late} step{'' if late == 1 else 's'} late" in cause.text
    first = comparison.alignment.first_difference()
    assert first is not None
    assert cause.spike.due <= first[0]
    # It leads to the neuron where they part, with its own weight and delay.
    synapse = (hardware.pre == neuron) & (hardware.post == first[1])
    assert (cause.spike.delay, cause.spike.weight) in zip(
        hardware.delay[synapse].tolist(), hardware.weight[synapse].tolist(), strict=True
    )


def test_the_page_names_every_kind() -> None:
    page = (Path(__file__).parents[3] / "docs" / "comparison.md").read_text()
    table = page.split("### Why they part")[1].split("###")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert re.findall(r"`([\w ]+)`", " ".join(rows)) == list(KINDS)


def a_pair(**changes: Any) -> tuple[Trace, Trace]:
    """Source 0 fires at 2 and 5, twice at 5, and leads to cells 1 and 2; 2 has moved from 6 to 7."""
    trace = Trace(
        dt=0.5,
        steps=10,
        neurons=3,
        spike_neuron=np.array([0, 1, 0, 0, 2]),
        spike_step=np.array([2, 3, 5, 5, 6]),
        pre=np.array([0, 0]),
        post=np.array([1, 2]),
        weight=np.array([1.0, 0.25]),
        delay=np.array([1, 1]),
        populations=[PopulationSlice("in", 0, 1, "SpikeSourceArray"), PopulationSlice("cells", 1, 3, "IF_curr_exp")],
    )
    return trace, replace(trace, **({"spike_step": np.array([2, 3, 5, 5, 7])} | changes))


def cause_of(reference: Trace, run: Trace, evidence: Evidence) -> Cause:
    found = find_cause(compare_traces(reference, run), reference, run, evidence)
    assert found is not None
    assert found.kind in KINDS
    assert set(found.to_dict()) == {"kind", "text", "spike", "count", "weight"}
    return found


def arrivals(*log: tuple[int, int, int]) -> Arrivals:
    """Who comes to which tile in which step; it is not known which packet is of which spike."""
    who, tile, step = np.array(log, np.int64).reshape(-1, 3).T
    return Arrivals(np.array([0, 1, 1]), who, tile, step * 10, step)


IN_TIME = arrivals((0, 1, 2), (0, 1, 5), (0, 1, 5))


def test_no_packet_at_all() -> None:
    one, other = a_pair()
    assert find_cause(compare_traces(one, one), one, one, Evidence(IN_TIME)) is None
    assert cause_of(one, other, Evidence(IN_TIME)).kind == "unknown"
    assert cause_of(one, other, Evidence(None)).kind == "unknown"


def test_several_late_spikes() -> None:
    one, other = a_pair()
    found = cause_of(one, other, Evidence(arrivals((0, 1, 3), (0, 1, 5), (0, 1, 6))))
    assert found.spike is not None
    assert (found.kind, found.count, found.spike.sent, found.spike.arrived) == ("late spike", 2, 5, 6)
    assert found.text == (
        "Neuron 0 of in fired in step 5 (2.5 ms), and the spike came to the neuron's tile 1 step late, in step 6 "
        "(cycle 60): due in step 6, it acted in step 7. So did 1 other that was due by then."
    )


def test_stimuli_and_synapses_of_another_network() -> None:
    one, other = a_pair(spike_step=np.array([2, 3, 4, 5, 6]))
    assert cause_of(one, other, Evidence(IN_TIME)).kind == "other stimuli"
    one, other = a_pair(delay=np.array([1, 2]))
    assert cause_of(one, other, Evidence(IN_TIME)).kind == "other synapses"


def test_rounded_weights() -> None:
    one, other = a_pair()
    rounded = Evidence(IN_TIME, weight_error=np.array([0.5, -0.0625]))
    found = cause_of(one, other, rounded)
    assert found.kind == "rounded weight"
    assert found.weight is not None
    assert (found.weight.source, found.weight.asked, found.weight.realised) == (0, 0.25, 0.1875)
    assert found.text == (
        "Not a packet: 1 of 1 weights that acted on it by then are rounded, that from neuron 0 of in most, 0.25 to "
        "0.1875."
    )
    # That of the other cell has no part in it.
    assert cause_of(one, other, Evidence(IN_TIME, weight_error=np.array([0.5, 0.0]))).kind == "unknown"


def untimed(trace: Trace) -> Any:
    cells = trace.spike_neuron > 0
    return lambda last: (trace.spike_step[cells], trace.spike_neuron[cells].astype(np.int64))


def test_whole_numbers_that_part_without_any_delay() -> None:
    one, other = a_pair()
    exact = np.zeros(2)
    found = cause_of(one, other, Evidence(IN_TIME, weight_error=exact, untimed=untimed(other)))
    assert found.kind == "merged spikes"
    assert found.text == "Not a packet: neuron 0 of in fired 2 times in step 5, and an axon takes one event."
    found = cause_of(one, other, Evidence(None, weight_error=np.array([0.0, 0.01]), untimed=untimed(other)))
    assert found.kind == "merged spikes"
    assert "an axon takes one event. Besides, 1 of 1 weights" in found.text
    once = {"spike_neuron": np.array([0, 1, 0, 2]), "spike_step": np.array([2, 3, 5, 6])}
    one, other = replace(one, **once), replace(other, **(once | {"spike_step": np.array([2, 3, 5, 7])}))
    assert cause_of(one, other, Evidence(None, weight_error=exact, untimed=untimed(other))).kind == "whole numbers"
    rounded = Evidence(None, weight_error=np.array([0.0, 0.01]), untimed=untimed(other))
    assert cause_of(one, other, rounded).kind == "rounded weight"


def test_cores_that_do_not_do_what_whole_numbers_say() -> None:
    one, other = a_pair()
    exact, overruns = np.zeros(2), np.array([0, 0, 0, 2, 0, 0, 0, 1, 9, 0])
    late = Evidence(arrivals((0, 1, 2), (0, 1, 5), (0, 1, 6)), exact, untimed(one), overruns)
    assert cause_of(one, other, late).kind == "late spike"
    found = cause_of(one, other, replace(late, arrivals=IN_TIME))
    # Those of step 6 are seen when step 7 begins, and later ones are not its cause.
    assert (found.kind, "cores were 3 times not done" in found.text) == ("overrun", True)
    only = np.eye(10, dtype=np.int64)[7]
    assert "1 core was not done" in cause_of(one, other, replace(late, arrivals=IN_TIME, overruns=only)).text
    assert cause_of(one, other, replace(late, arrivals=IN_TIME, overruns=np.roll(only, 1))).kind == "unknown"
    still = np.zeros(10, np.int64)
    assert cause_of(one, other, replace(late, arrivals=IN_TIME, overruns=still)).kind == "unknown"
    unseen = cause_of(one, other, replace(late, arrivals=None, overruns=still))
    assert unseen.text.startswith("The packets of this run were not seen")


@pytest.mark.parametrize("axons", [[0, 0], [0, -1]])
def test_a_chip_of_cores_has_a_packet_for_each_axon(axons: list[int]) -> None:
    one, other = a_pair()
    table = np.full((2, 2), -1)
    table[1] = axons
    log = [(0, 1, step) for step in (2, 5, 5) for _ in range(axons.count(0))]
    log[-1] = (0, 1, 6)
    seen = replace(arrivals(*log), axon_pre=table)
    found = cause_of(one, other, Evidence(seen, np.zeros(2), untimed(one), np.zeros(10, np.int64)))
    assert found.spike is not None
    assert (found.kind, found.count, found.spike.arrived) == ("late spike", 1, 6)
