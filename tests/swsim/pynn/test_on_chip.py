"""A network whose neurons are those of hardware, which is imagined here."""

import os
import signal
import threading
from typing import Any

import numpy as np
import pytest
from support.fake_chip import FakeChip, spikes
from support.fake_neuron_chip import FakeNeuronChip

import synaptile.swsim as sim

STEPS = 40


def build(**setup: Any) -> tuple[Any, Any, Any]:
    """Sources, two populations of cells of both whole-number types that excite and inhibit each other."""
    sim.setup(timestep=1.0, **setup)
    trains = [[0.0, 3.0, 4.0, 20.0], [1.0, 1.0, 2.0, 21.0], [float(step) for step in range(0, STEPS, 2)]]
    sources = sim.Population(3, sim.SpikeSourceArray(spike_times=trains), label="sources")
    delta = sim.Population(
        5,
        sim.FixedPointLIF(bits=12, leak_shift=3, v_thresh=9, refractory=1, bias=1),
        initial_values={"v": 4},
        label="delta",
    )
    current = sim.Population(
        4,
        sim.FixedPointCurrentLIF(bits=16, u_decay=900, v_decay=300, weight_shift=4, v_thresh=150, subtract=1),
        label="current",
    )
    rng = np.random.default_rng(5)
    for pre, post in ((sources, delta), (sources, current), (delta, current), (current, delta), (delta, delta)):
        for receptor, low, high in (("excitatory", 0, 7), ("inhibitory", -4, 0)):
            rows = [
                (i, j, int(weight), float(delay))
                for (i, j), weight, delay in zip(
                    np.ndindex(pre.size, post.size),
                    rng.integers(low, high, pre.size * post.size, endpoint=True),
                    rng.choice([1, 2, 15], pre.size * post.size),
                    strict=True,
                )
                if rng.random() < 0.5
            ]
            sim.Projection(pre, post, sim.FromListConnector(rows), sim.StaticSynapse(), receptor_type=receptor)
    delta.record(["v", "spikes"])
    current.record("v")
    return sources, delta, current


def potentials(population: Any) -> Any:
    return population.get_data().segments[-1].filter(name="v")[0].magnitude.copy()


def in_software() -> tuple[Any, Any, Any]:
    _, delta, current = build()
    sim.run(STEPS)
    trace = sim.get_trace()
    assert len([who for _, who in spikes(trace) if who >= 3]) > 30
    return spikes(trace), potentials(delta), potentials(current)


@pytest.fixture(scope="module")
def software() -> tuple[Any, Any, Any]:
    return in_software()


def same(software: tuple[Any, Any, Any], delta: Any, current: Any) -> bool:
    return (
        spikes(sim.get_trace()) == software[0]
        and np.array_equal(potentials(delta), software[1])
        and np.array_equal(potentials(current), software[2])
    )


def test_spikes_and_potentials_come_from_the_chip_and_are_those_of_software(software: Any) -> None:
    chip = FakeNeuronChip()
    _, delta, current = build(hardware=chip)
    sim.run(STEPS)
    assert same(software, delta, current)
    trains = delta.get_data().segments[0].spiketrains
    assert sum(map(len, trains)) == len([who for _, who in software[0] if 3 <= who < 8])
    network = chip.networks[0]
    assert (network.dt, network.neurons, len(network.projections), network.seed) == (1.0, 12, 10, 0)
    assert network.recorded("v").tolist() == [False] * 3 + [True] * 9
    assert network.recorded("spikes").tolist() == [False] * 3 + [True] * 5 + [False] * 4
    assert spikes(chip.traces[0]) == software[0]


def test_the_mode_is_that_of_setup_or_else_that_of_the_hardware(software: Any) -> None:
    both = FakeNeuronChip(mode="lock-step")
    _, delta, current = build(hardware=both, hardware_mode="on-chip")
    sim.run(STEPS)
    assert same(software, delta, current)
    lock_step = FakeChip()
    lock_step.mode = "anything of its own"
    _, delta, current = build(hardware=lock_step)
    sim.run(STEPS)
    assert same(software, delta, current)
    assert lock_step.steps == list(range(STEPS + 1))


def test_a_run_in_pieces_is_the_same_run(software: Any) -> None:
    chip = FakeNeuronChip()
    _, delta, current = build(hardware=chip)
    sim.run(0)
    sim.run(7)
    sim.run_until(20, callbacks=[lambda time: time + 2])
    sim.run_until(STEPS)
    assert same(software, delta, current)
    assert len(chip.networks) == 1
    assert len(chip.traces) == 4
    assert chip.calls[0] == (0, 0)


def test_ticks_run_together_where_nothing_is_sampled(software: Any) -> None:
    chip = FakeNeuronChip()
    _, delta, current = build(hardware=chip)
    for population in (delta, current):
        population.record(None)
    delta.record("v", sampling_interval=10)
    sim.run(STEPS)
    assert spikes(sim.get_trace()) == software[0]
    assert np.array_equal(potentials(delta), software[1][::10])
    assert len(chip.calls) < STEPS // 2
    assert chip.calls[-1][1] == STEPS


def test_reset_begins_on_a_fresh_chip(software: Any) -> None:
    chip = FakeNeuronChip()
    _, delta, current = build(hardware=chip)
    sim.run(9)
    sim.reset()
    sim.run(STEPS)
    assert same(software, delta, current)
    assert len(chip.networks) == 2
    assert len(delta.get_data().segments) == 2


def test_states_that_are_set_are_those_it_begins_with() -> None:
    found = []
    for setup in ({}, {"hardware": FakeNeuronChip()}):
        _, delta, current = build(**setup)
        delta.initialize(v=np.array([-3, 0, 2, 5, 8]))
        current[1:3].initialize(u=40, v=-7)
        sim.run(STEPS)
        found.append((spikes(sim.get_trace()), potentials(delta).tolist(), potentials(current).tolist()))
    assert found[0] == found[1]
    assert found[1][1][0] == [-3, 0, 2, 5, 8]


def test_random_sources_have_the_same_spikes() -> None:
    found = []
    for setup in ({}, {"hardware": FakeNeuronChip()}):
        _, delta, _ = build(**setup, seed=9)
        noise = sim.Population(4, sim.SpikeSourcePoisson(rate=300.0))
        sim.Projection(
            noise, delta, sim.FixedProbabilityConnector(0.5, rng=sim.NumpyRNG(seed=1)), sim.StaticSynapse(weight=3)
        )
        sim.run(STEPS)
        found.append(spikes(sim.get_trace()))
        sim.reset()
        sim.run(STEPS)
        found.append(spikes(sim.get_trace()))
    assert found[:2] == found[2:]
    assert found[0] != found[1]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda sources, delta, current: delta.set(bias=2), "bias of population 'delta'"),
        (lambda sources, delta, current: delta.initialize(v=3), "states of neurons"),
        (lambda sources, delta, current: sim.Population(1, sim.FixedPointLIF()), "neurons"),
        (
            lambda sources, delta, current: sim.Projection(
                sources, delta, sim.AllToAllConnector(), sim.StaticSynapse(weight=1)
            ),
            "connections",
        ),
        (lambda sources, delta, current: sim.state.network.projections[2].set(weight=1), "weights of projection '.*'"),
        (lambda sources, delta, current: sim.state.network.projections[2].set(delay=5), "delays of projection '.*'"),
        (lambda sources, delta, current: sim.DCSource(amplitude=1).inject_into(delta), "electrodes"),
    ],
)
def test_the_network_cannot_change_in_the_middle_of_a_run(change: Any, what: str) -> None:
    chip = FakeNeuronChip()
    sources, delta, current = build(hardware=chip)
    sim.run(5)
    change(sources, delta, current)
    message = (
        rf"^hardware that runs the neurons cannot take other {what} in the middle of a run, and the time is 5\.0 ms"
    )
    for _ in range(2):
        with pytest.raises(RuntimeError, match=message + r"; call reset\(\) before the next run$"):
            sim.run(5)
    assert potentials(delta).shape == (6, 5)  # what was computed is there
    sim.reset()
    sim.run(5)
    assert len(chip.networks) == 2


def test_what_is_not_the_chips_may_change_in_the_middle_of_a_run() -> None:
    found = []
    for setup in ({}, {"hardware": FakeNeuronChip()}):
        sources, delta, current = build(**setup)
        sim.run(5)
        sources.set(spike_times=[[8.0, 9.0], [10.0], []])
        current.record("spikes")
        sim.state.network.projections[2].set(
            weight=sim.state.network.projections[2].get("weight", "list", with_address=False)
        )
        sim.run(STEPS)
        found.append((spikes(sim.get_trace()), potentials(delta).tolist(), current.get_spike_counts()))
    assert found[0] == found[1]


def test_what_the_chip_has_no_form_for_is_refused_before_anything_runs() -> None:
    chip = FakeNeuronChip()
    build(hardware=chip)
    sim.Population(1, sim.IF_curr_exp(), label="others")
    with pytest.raises(ValueError, match=r"^IF_curr_exp of 'others' has no form in this chip$"):
        sim.run(1)
    assert sim.get_current_time() == 0
    _, _, current = build(hardware=chip)
    current.record("u")
    with pytest.raises(ValueError, match=r"^this chip has no u$"):
        sim.run(1)
    assert chip.calls == []
    assert not chip.traces or not spikes(chip.traces[-1])


def test_hardware_that_fails_leaves_what_was_complete() -> None:
    chip = FakeNeuronChip()
    _, delta, _ = build(hardware=chip)
    sim.run(5)
    run_ticks = chip.run_ticks

    def fail(*arguments: Any) -> Any:
        raise TimeoutError("the chip hangs")

    chip.run_ticks = fail  # type: ignore[method-assign]
    with pytest.raises(TimeoutError, match="the chip hangs"):
        sim.run(5)
    assert sim.get_current_time() == 5.0
    assert sim.get_trace().partial
    with pytest.raises(RuntimeError, match=r"left half done; call reset\(\)"):
        sim.run(5)
    chip.run_ticks = run_ticks  # type: ignore[method-assign]
    sim.reset()
    sim.run(5)
    assert potentials(delta).shape == (6, 5)


def test_ctrl_c_ends_it_after_a_tick_and_it_can_go_on(software: Any) -> None:
    class Slow(FakeNeuronChip):
        def run_ticks(self, first: int, last: int, step: Any, neuron: Any) -> tuple[Any, Any]:
            if first <= 10 <= last and not self.interrupted:
                self.interrupted = True
                assert threading.current_thread() is threading.main_thread()
                os.kill(os.getpid(), signal.SIGINT)
            return super().run_ticks(first, last, step, neuron)

        interrupted = False

    chip = Slow()
    _, delta, current = build(hardware=chip)
    with pytest.raises(KeyboardInterrupt):
        sim.run(STEPS)
    assert sim.get_current_time() == 10.0
    assert chip.traces[-1].partial
    sim.run_until(STEPS)
    assert same(software, delta, current)


def test_progress_is_told(software: Any) -> None:
    told: list[tuple[int, int, int]] = []
    sim.set_defaults(progress=lambda *where: told.append(where))
    try:
        build(hardware=FakeNeuronChip())
        sim.run(STEPS)
    finally:
        sim.set_defaults()
    assert told[-1] == (STEPS, STEPS, len(software[0]))


def test_a_run_that_is_left_behind_is_kept() -> None:
    kept: list[Any] = []
    chip = FakeNeuronChip()
    sim.set_defaults(keep=lambda trace, hardware: kept.append((trace.steps, hardware)))
    try:
        build(hardware=chip)
        kept.clear()
        sim.run(3)
        sim.reset()
        sim.run(4)
        sim.setup()
    finally:
        sim.set_defaults()
    assert kept == [(4, chip), (5, chip)]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (([1], [4, 5]), r"^run_ticks\(\) must return as many steps as neurons, not \(1,\) and \(2,\)$"),
        (([1], [4]), r"^run_ticks\(\) must return steps in 0\.\.0, not 1$"),
        (([0], [12]), r"^run_ticks\(\) must return neurons that are no spike sources, not 12$"),
        (([0], [2]), r"^run_ticks\(\) must return neurons that are no spike sources, not 2$"),
    ],
)
def test_what_hardware_returns_is_checked(answer: Any, message: str) -> None:
    chip = FakeNeuronChip()
    build(hardware=chip)
    chip.run_ticks = lambda *_: answer  # type: ignore[method-assign]
    with pytest.raises(ValueError, match=message):
        sim.run(1)


def test_a_mode_that_cannot_be_is_one_clear_line() -> None:
    chip = FakeNeuronChip()
    with pytest.raises(ValueError, match=r"^hardware_mode must be 'lock-step' or 'on-chip', not 'onchip'$"):
        sim.setup(hardware=chip, hardware_mode="onchip")
    with pytest.raises(ValueError, match=r"^hardware_mode 'on-chip' needs hardware, and there is none$"):
        sim.setup(hardware_mode="on-chip")
    with pytest.raises(
        TypeError, match=r"^hardware must have the methods begin, exchange and end to be used lock-step; "
    ):
        sim.setup(hardware=chip, hardware_mode="lock-step")
    message = (
        r"program, run_ticks, read and end to be used on-chip; <.*FakeChip.*> lacks \['program', 'run_ticks', 'read'\]$"
    )
    with pytest.raises(TypeError, match=message):
        sim.setup(hardware=FakeChip(), hardware_mode="on-chip")
