"""The chip in whole numbers against a plain-Python core for each tile."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.core_chips import events_for, image_for, network_for
from support.core_twin import CoreTwin
from support.effort import examples

from synaptile.bridge.engines.cores import CoreImage, HostEvents, make_core_engine
from synaptile.bridge.mapping.multicast import routing_table
from synaptile.bridge.onchip import OnChipModel
from synaptile.bridge.tile_grid import TileGrid
from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core.neurons import neuron_variables

MODELS = ["current-lif", "current-lif-2", "delta-lif", "truenorth"]


def random_twin(params: CoreParams, tiles: int, chance: random.Random) -> CoreTwin:
    """A core whose neurons send to any axon of any tile, and to the host."""
    lowest, highest = (0, 1) if params.weight_bits == 1 else (
        -(1 << (params.weight_bits - 1)), (1 << (params.weight_bits - 1)) - 1
    )  # fmt: skip
    half = 1 << (params.state_bits - 1)

    def value(name: str) -> int:
        if name.startswith(("keep", "leak_", "subtract", "saturate", "stochastic_leak")):
            return chance.choice([0, 4096, chance.randint(0, 4096)]) if name[0] == "k" else chance.randint(0, 1)
        if name == "leak":
            return chance.randint(-9, 9) if truenorth else chance.choice([0, 4096, chance.randint(0, 4096)])
        if name in ("left", "refractory"):
            return chance.choice([0, 0, chance.randint(0, 5)])
        if name == "bias":
            return chance.randint(-9, 9)
        if name == "threshold":
            return chance.choice([half - 1, chance.randint(0 if truenorth else -5, 60)])
        if name == "random" or name.startswith("draw_"):
            return chance.randint(1, (1 << (32 if name == "random" else 16)) - 1)
        ranges = {"negative_threshold": (0, 60), "mask": (0, 15), "reset_mode": (0, 2), "stochastic_weights": (0, 15)}
        if name in ranges:
            return chance.randint(*ranges[name])
        if name.startswith("weight_"):
            return chance.randint(-255, 255)
        return chance.choice([half - 1, -half, chance.randint(-60, 60)])

    truenorth = params.neuron == "truenorth"
    weights = [
        [chance.choice([0, chance.randint(lowest, highest) * kind]) for _ in range(params.neurons)]
        for kind in [chance.randint(1, 4) if truenorth else 1 for _ in range(params.axons)]
    ]
    neurons = [{name: value(name) for name in neuron_variables(params)} for _ in range(params.neurons)]
    targets = [
        [
            (chance.randrange(tiles), chance.randrange(params.axons), chance.choice([0, 1, 2, 15]))
            for _ in range(chance.choice([0, 1, 1, 2, 5]))
        ]
        for _ in range(params.neurons)
    ]
    return CoreTwin(params, weights, neurons, targets)


def image_of(twin: CoreTwin) -> CoreImage:
    """The same core in memories; its table is in the reverse order of the neurons."""
    first, entries = [-1] * len(twin.targets), []
    for neuron in reversed(range(len(twin.targets))):
        if twin.targets[neuron]:
            first[neuron] = len(entries)
            entries += [(*target, 0) for target in twin.targets[neuron]]
            entries[-1] = (*entries[-1][:3], 1)
    tile, axon, delay, last = np.array(entries, int).reshape(-1, 4).T
    variables = {name: [neuron[name] for neuron in twin.neurons] for name in twin.neurons[0]}
    return CoreImage(twin.weights, variables, first, tile, axon, delay, last)


def events_of(rows: list[tuple[int, int, int]]) -> HostEvents:
    return HostEvents(*np.array(rows, int).reshape(-1, 3).T)


@pytest.mark.parametrize("neuron", MODELS)
@given(seed=st.integers(0, 10**6), bits=st.sampled_from([1, 2, 5, 8]), state=st.sampled_from([8, 12, 32]))
@settings(max_examples=examples(12, 300))
def test_it_is_the_twin(neuron: str, seed: int, bits: int, state: int) -> None:
    chance = random.Random(seed)
    params = CoreParams(
        axons=chance.randint(4, 12), neurons=8, lanes=4, neuron=neuron, state_bits=state,
        weight_bits=1 if neuron == "truenorth" else bits, weight_shift=chance.choice([0, 3, 12]),
    )  # fmt: skip
    network = NetworkParams(rows=1, cols=chance.randint(1, 3), neurons=2)
    twins = [random_twin(params, network.tiles, chance) for _ in range(network.tiles)]
    model = OnChipModel(network, params, host_tile=network.tiles - 1)
    model.load([image_of(twin) for twin in twins])
    spikes = 0
    for tick in range(40):
        sent = [
            (chance.randrange(network.tiles), chance.randrange(params.axons), chance.randint(1, 15))
            for _ in range(chance.choice([0, 2, 6]))
        ]
        assert model.tick_number == tick
        seen = model.tick(events_of(sent), None)
        fired = [(tile, number) for tile, twin in enumerate(twins) for number in twin.tick()]
        assert list(zip(seen.fired.tile.tolist(), seen.fired.neuron.tolist(), strict=True)) == fired
        assert (seen.fired.tick == tick).all()
        told = [(t, n) for t, n in fired for _, _, delay in twins[t].targets[n] if delay == 0]
        assert list(zip(seen.reported.tile.tolist(), seen.reported.neuron.tolist(), strict=True)) == told
        for tile, number in fired:
            sent += [target for target in twins[tile].targets[number] if target[2]]
        for tile, axon, delay in sent:
            twins[tile].arrive(axon, delay)
        for tile, twin in enumerate(twins):
            for name in twin.neurons[0]:
                assert model.read(tile, name).tolist() == [neuron[name] for neuron in twin.neurons]
        spikes += len(fired)
    assert model.counters()["spikes"].sum() == spikes
    assert model.counters()["neuron_updates"].tolist() == [40 * 8] * network.tiles


def small(**changes: Any) -> CoreParams:
    return CoreParams(**{"axons": 4, "neurons": 4, "lanes": 4, "neuron": "delta-lif", "weight_shift": 0, **changes})


def still(params: CoreParams) -> dict[str, list[int]]:
    """Variables of neurons that do nothing by themselves: they fire where a weight arrives."""
    values = dict.fromkeys(neuron_variables(params), 0) | {"threshold": 1}
    return {name: [value] * params.neurons for name, value in values.items()}


NOTHING = {"first": [-1] * 4, "tile": [], "axon": [], "delay": [], "last": []}


def test_several_ticks_are_the_same_as_one_after_the_other() -> None:
    params, network = small(), NetworkParams(rows=1, cols=2, neurons=2)
    images = [image_of(random_twin(params, 2, random.Random(seed))) for seed in (5, 6)]
    one, many = OnChipModel(network, params), OnChipModel(network, params)
    one.load(images)
    many.load(images)
    rows, when = [(0, 1, 1), (1, 2, 3), (0, 3, 2)], [0, 4, 4]
    singles = [
        one.tick(events_of([row for row, k in zip(rows, when, strict=True) if k == tick]), 7) for tick in range(9)
    ]
    together = many.run(9, events_of(rows), np.array(when), 7)
    assert sum(len(single.fired) for single in singles) > 5
    for tick, single in enumerate(singles):
        for kind in ("fired", "reported"):
            for name in ("tick", "tile", "neuron", "cycle"):
                expected = getattr(getattr(single, kind), name).tolist()
                assert getattr(getattr(together[tick], kind), name).tolist() == expected
    assert together.cycles.tolist() == [7] * 9
    assert one.cycle == many.cycle == 63
    assert (together.fired.cycle == together.fired.tick * 7).all()


@pytest.mark.parametrize("topology", ["mesh", "tree"])
def test_with_keys_an_event_reaches_the_same_axon_on_several_tiles(topology: str) -> None:
    network = NetworkParams(
        rows=2, cols=4, neurons=2, topology=topology, routing="table", multicast=True, table_entries=4
    )
    table = routing_table(TileGrid.of(network), "xy", {2: (5, [0, 3, 5]), 3: (1, [2, 6])})
    params = small()
    model = OnChipModel(network, params, host_tile=1, table=table)
    weights = np.zeros((4, 4), int)
    weights[2, 0] = 1
    silent = CoreImage(weights, still(params), **NOTHING)
    weights = weights.copy()
    weights[1, 3] = 1
    sends = {"first": [0, -1, -1, -1], "tile": [0], "axon": [1], "delay": [4], "last": [1], "key": [2]}
    model.load([silent if tile != 5 else CoreImage(weights, still(params), **sends) for tile in range(8)])
    # What the host sends reaches tiles 2 and 6; nobody else's neuron 0 listens to its axon 2 then.
    ran = model.run(9, HostEvents([0], [2], [2], [3]), np.array([0]), None)
    assert ran.fired.tick.tolist() == [2, 2]
    assert ran.fired.tile.tolist() == [2, 6]
    model.load([silent if tile != 5 else CoreImage(weights, still(params), **sends) for tile in range(8)])
    model._due[1, 5 * 4 + 2] = True
    ran = model.run(9, HostEvents.none(), np.zeros(0, int), None)
    assert list(zip(ran.fired.tick.tolist(), ran.fired.tile.tolist(), ran.fired.neuron.tolist(), strict=True)) == [
        (1, 5, 0),
        (5, 5, 3),
    ]
    assert [tile for tile in range(8) if tile in (0, 3, 5)] == model._tiles(5, 0, 2).tolist()


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ((0, 4, 1), r"axon of event 0 must lie in 0\.\.3, not 4"),
        ((0, 1, 0), r"delay of event 0 must lie in 1\.\.15, not 0"),
        ((0, 1, 16), r"delay of event 0 must lie in 1\.\.15, not 16"),
        ((2, 1, 1), r"tile of event 0 must lie in 0\.\.1, not 2"),
    ],
)
def test_events_that_cannot_be_sent(event: tuple[int, int, int], message: str) -> None:
    params = small()
    model = OnChipModel(NetworkParams(rows=1, cols=2, neurons=2), params)
    model.load([CoreImage(np.zeros((4, 4)), still(params), **NOTHING)] * 2)
    with pytest.raises(ValueError, match=message):
        model.tick(events_of([event]), None)
    with pytest.raises(ValueError, match="cycles must be at least 1, not 0"):
        model.tick(HostEvents.none(), 0)
    assert model.tick_number == 0


def test_images_that_do_not_fit() -> None:
    params = small()
    model = OnChipModel(NetworkParams(rows=1, cols=2, neurons=2), params)
    image = CoreImage(np.zeros((4, 4)), still(params), **NOTHING)
    with pytest.raises(ValueError, match="images must be one for each of the 2 tiles, not 1"):
        model.load([image])
    with pytest.raises(ValueError, match=r"weights of the image of tile 1 must have shape \(4, 4\)"):
        model.load([image, CoreImage(np.zeros((5, 4)), still(params), **NOTHING)])
    endless = {"first": [0, -1, -1, -1], "tile": [0], "axon": [1], "delay": [4], "last": [0]}
    with pytest.raises(ValueError, match="last of the image of tile 0 must be 1 at the end"):
        model.load([CoreImage(np.zeros((4, 4)), still(params), **endless), image])


def test_there_is_no_network() -> None:
    params = small()
    model = OnChipModel(NetworkParams(rows=1, cols=2, neurons=2), params)
    model.load([CoreImage(np.zeros((4, 4)), still(params), **NOTHING)] * 2)
    model.run(3, HostEvents.none(), np.zeros(0, int), 10)
    assert len(model.packets()) == len(model.deliveries()) == 0
    assert model.activity().cycles == 30
    assert not model.activity().flits.any()


def test_there_are_no_waves() -> None:
    with pytest.raises(ValueError, match="waves need an engine that has gates, not 'model'"):
        make_core_engine("model", NetworkParams(rows=1, cols=2, neurons=2), small(), waves=object())


@pytest.mark.parametrize(
    ("neuron", "settings"),
    [
        ("delta-lif", {"rows": 1, "cols": 2}),
        ("current-lif", {"rows": 2, "cols": 2, "topology": "tree"}),
    ],
)
def test_gates_that_are_in_time_do_the_same(neuron: str, settings: dict[str, Any]) -> None:
    core = small(axons=8, neurons=8, neuron=neuron, weight_shift=2, targets=32)
    network, chance = network_for(core, **settings), np.random.default_rng(2)
    images = [image_for(network, core, chance) for _ in range(network.tiles)]
    events, when = events_for(network, core, 25, 3.0, chance)
    model, gates = (make_core_engine(name, network, core, host_tile=1) for name in ("model", "amaranth"))
    ran = []
    for engine in (model, gates):
        engine.load(images)
        ran.append(engine.run(25, events, when, None))
    assert len(ran[0].fired) > 20
    for kind in ("fired", "reported"):
        rows = [
            sorted(zip(seen.tick.tolist(), seen.tile.tolist(), seen.neuron.tolist(), strict=True))
            for seen in (getattr(ticks, kind) for ticks in ran)
        ]
        assert rows[0] == rows[1]
    for tile in range(network.tiles):
        for name in neuron_variables(core):
            assert model.read(tile, name).tolist() == gates.read(tile, name).tolist()
    for name in ("axon_events", "neuron_updates", "spikes", "refused"):
        assert model.counters()[name].tolist() == gates.counters()[name].tolist(), name
