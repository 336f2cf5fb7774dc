"""Where everything is in time, as with a barrier it always is, the gates do what the model in NumPy does."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.core_chips import events_for, image_for, network_for, variables_for
from support.effort import examples

from synaptile.bridge.engines.cores import Spikes, make_core_engine
from synaptile.bridge.onchip import OnChipModel
from synaptile.rtl.core import CoreParams

SMALL = {"axons": 12, "neurons": 8, "lanes": 2, "weight_shift": 2, "targets": 20, "state_bits": 16}
TICKS = 60
UPDATES = examples(60_000, 3_400_000)
"""Of neurons of each model; in the thorough form those of three models are more than ten million."""


def by_tick(spikes: Spikes) -> list[tuple[int, int, int]]:
    """Tick, tile and neuron of spikes: in what order they came within a tick only the gates know."""
    return sorted(zip(spikes.tick.tolist(), spikes.tile.tolist(), spikes.neuron.tolist(), strict=True))


MODELS = pytest.mark.parametrize(
    "more",
    [{}, {"neuron": "delta-lif", "lanes": 8}, {"neuron": "current-lif-2"}],
    ids=["one current", "delta", "two currents"],
)


@pytest.mark.usefixtures("quick_build")
def test_synapses_of_one_bit_have_no_sign() -> None:
    compare(CoreParams(**SMALL | {"neuron": "current-lif-2", "weight_bits": 1}), 2, TICKS)


@pytest.mark.usefixtures("quick_build")
@MODELS
def test_with_a_barrier_the_gates_do_what_the_model_does(more: dict[str, Any]) -> None:
    compare(CoreParams(**SMALL | more), 2, TICKS)


@MODELS
def test_many_neurons_do_so_for_long(more: dict[str, Any], request: pytest.FixtureRequest) -> None:
    if examples(True, False):  # to compile with optimisation pays where it is run for long
        request.getfixturevalue("quick_build")
    core = CoreParams(**SMALL | {"axons": 64, "neurons": 64, "lanes": 8, "targets": 160} | more)
    compare(core, 4, UPDATES // (16 * core.neurons))


@pytest.mark.usefixtures("quick_build")
@pytest.mark.parametrize(
    "sizes",
    [
        {"axons": 4, "neurons": 4, "lanes": 1},
        {"axons": 1024, "neurons": 4, "lanes": 4},
        {"axons": 4, "neurons": 1024, "lanes": 1},
        *examples([], [{"axons": 1024, "neurons": 1024, "lanes": 16, "weight_bits": 8}]),
    ],
    ids=lambda sizes: f"{sizes['axons']} x {sizes['neurons']}",
)
def test_cores_of_all_sizes_do_so(sizes: dict[str, Any]) -> None:
    compare(CoreParams(**SMALL | {"targets": 2 * sizes["neurons"] + 4, "state_bits": 24} | sizes), 1, 30, least=3)


@st.composite
def cores(draw: st.DrawFn) -> CoreParams:
    """Small cores with parameters of all kinds, wide enough for what `variables_for` gives their neurons."""
    lanes, shift = draw(st.sampled_from([1, 2, 4, 8, 16])), draw(st.integers(0, 12))
    neurons = lanes * draw(st.integers(-(-4 // lanes), 16))
    return CoreParams(
        neuron=draw(st.sampled_from(["current-lif", "current-lif-2", "delta-lif"])),
        axons=draw(st.integers(4, 80)),
        neurons=neurons,
        lanes=lanes,
        weight_bits=draw(st.integers(1, 8)),
        weight_shift=shift,
        state_bits=draw(st.integers(max(8, shift + 5), 32)),
        targets=draw(st.integers(1, 4 * neurons)),
        refractory_bits=draw(st.integers(1, 16)),
        counter_bits=draw(st.sampled_from([0, 1, 8, 32])),
        readback=draw(st.booleans()),
    )


@pytest.mark.usefixtures("quick_build")
@settings(max_examples=examples(2, 500))
@given(cores(), st.integers(1, 2))
def test_any_cores_do_so(core: CoreParams, side: int) -> None:
    compare(core, side, 30, least=0)


def compare(core: CoreParams, side: int, count: int, *, least: int | None = None) -> None:
    """Run a random network for so many ticks in both, on ``side`` × ``side`` tiles.

    There are spikes in ``least`` of them, by default in more than half.
    """
    network = network_for(core, rows=side, cols=side)
    chance = np.random.default_rng(4)
    images = [image_for(network, core, chance) for _ in range(network.tiles)]
    events, when = events_for(network, core, count, 3, chance)
    gates, model = make_core_engine("compiled", network, core), OnChipModel(network, core)
    seen = []
    for engine in (gates, model):
        engine.load(images)
        seen.append(engine.run(count, events, when, None))
    fired, expected = (by_tick(ticks.fired) for ticks in seen)
    assert fired == expected
    assert len({tick for tick, _, _ in fired}) >= (count // 2 + 1 if least is None else least)
    assert by_tick(seen[0].reported) == by_tick(seen[1].reported)
    for tile in range(network.tiles):
        for variable in variables_for(core, chance):
            assert gates.read(tile, variable).tolist() == model.read(tile, variable).tolist(), (tile, variable)
