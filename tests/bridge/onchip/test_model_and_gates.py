"""Where everything is in time, as with a barrier it always is, the gates do what the model in NumPy does."""

from typing import Any

import numpy as np
import pytest
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
@MODELS
def test_with_a_barrier_the_gates_do_what_the_model_does(more: dict[str, Any]) -> None:
    compare(CoreParams(**SMALL | more), 2, TICKS)


@pytest.mark.usefixtures("quick_build")
@MODELS
def test_many_neurons_do_so_for_long(more: dict[str, Any]) -> None:
    core = CoreParams(**SMALL | {"axons": 64, "neurons": 64, "lanes": 8, "targets": 160} | more)
    compare(core, 4, UPDATES // (16 * core.neurons))


def compare(core: CoreParams, side: int, count: int) -> None:
    """Run a random network for so many ticks in both, on ``side`` × ``side`` tiles."""
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
    assert len({tick for tick, _, _ in fired}) > count / 2
    assert by_tick(seen[0].reported) == by_tick(seen[1].reported)
    for tile in range(network.tiles):
        for variable in variables_for(core, chance):
            assert gates.read(tile, variable).tolist() == model.read(tile, variable).tolist(), (tile, variable)
