"""Images of TrueNorth's neurons: a bit for each synapse, a type for each axon."""

import numpy as np
import pytest
from support.core_chips import events_for, image_for, network_for
from support.core_twin import CoreTwin

from synaptile.bridge.engines.cores import CoreImage, HostEvents, make_core_engine
from synaptile.rtl.core import CoreParams

CORE = CoreParams(axons=16, neurons=8, lanes=2, neuron="truenorth", weight_bits=1, state_bits=20, targets=20)
TICKS = 40


def twin_of(image: CoreImage) -> CoreTwin:
    variables = [{name: int(values[n]) for name, values in image.variables.items()} for n in range(CORE.neurons)]
    return CoreTwin(CORE, image.weights.tolist(), variables, [[] for _ in range(CORE.neurons)])


def expected(image: CoreImage, events: HostEvents, when: np.ndarray) -> list[list[int]]:
    """Who fires, tick by tick, in plain Python."""
    twin, fired = twin_of(image), []
    for tick in range(TICKS):
        fired.append(twin.tick())
        for neuron in fired[-1]:
            entry = int(image.first[neuron])
            while entry >= 0:
                if image.delay[entry]:
                    twin.arrive(int(image.axon[entry]), int(image.delay[entry]))
                entry = -1 if image.last[entry] else entry + 1
        for number in np.flatnonzero(when == tick):
            twin.arrive(int(events.axon[number]), int(events.delay[number]))
    return fired


def test_an_image_in_gates_is_what_it_says() -> None:
    chance = np.random.default_rng(5)
    network = network_for(CORE, rows=1, cols=1)
    image = image_for(network, CORE, chance)
    assert set(image.weights.flatten().tolist()) == {0, 1, 2, 3, 4}
    engine = make_core_engine("amaranth", network, CORE)
    engine.load([image])
    events, when = events_for(network, CORE, TICKS, 2, chance)
    ticks = engine.run(TICKS, events, when, None)
    fired = [sorted(ticks[number].fired.neuron.tolist()) for number in range(TICKS)]
    assert fired == expected(image, events, when)
    assert 30 < sum(map(len, fired)) < TICKS * CORE.neurons
    with pytest.raises(ValueError, match=r"^variable must be one of v, random, .*, saturate, not 'types'$"):
        engine.read(0, "types")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((5, 1), r"^weights of the image of tile 0 must lie in 0\.\.4, not 5$"),
        ((3, 1), r"^weights of the image of tile 0 must be 0 or of one type in each row, not 1 and 3 in 7$"),
    ],
)
def test_types_that_cannot_be_are_refused(change: tuple[int, int], message: str) -> None:
    chance = np.random.default_rng(5)
    network = network_for(CORE, rows=1, cols=1)
    image = image_for(network, CORE, chance)
    weights = image.weights.copy()
    weights[7, :2] = change
    wrong = CoreImage(weights, image.variables, image.first, image.tile, image.axon, image.delay, image.last, image.key)
    engine = make_core_engine("amaranth", network, CORE)
    with pytest.raises(ValueError, match=message):
        engine.load([wrong])
