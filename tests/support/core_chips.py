"""Random chips of cores, what is in them and what their hosts send, for tests of engines."""

from typing import Any

import numpy as np

from synaptile.bridge.engines.cores import CoreEngine, CoreImage, HostEvents, Ticks
from synaptile.bridge.mapping.multicast import joined_routing_table
from synaptile.bridge.tile_grid import TileGrid
from synaptile.rtl import NetworkParams, RoutingTable
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core_tile import payload_bits


def network_for(core: CoreParams, **settings: Any) -> NetworkParams:
    """A network whose packets carry the payloads of such cores."""
    network = NetworkParams(**settings)
    return network.replace(neurons=1 << payload_bits(core, network))


def keys_for(network: NetworkParams, chance: np.random.Generator) -> tuple[RoutingTable, list[list[int]]]:
    """Tables in which a key leads to each tile and, with multicast, others from each tile to several; and its keys."""
    tiles = range(network.tiles)
    keys = [list(tiles) for _ in tiles]
    groups: dict[int, tuple[int, list[int]]] = {}
    for source in tiles if network.multicast else ():
        for _ in range(2):
            key = network.tiles + len(groups)
            count = int(chance.integers(1, network.tiles + 1))
            groups[key] = source, np.sort(chance.choice(network.tiles, count, replace=False)).tolist()
            keys[source].append(key)
    single = {tile: [(source, [tile]) for source in tiles] for tile in tiles}
    many = {key: [group] for key, group in groups.items()}
    return joined_routing_table(TileGrid.of(network), "xy", single | many), keys


def variables_for(core: CoreParams, chance: np.random.Generator) -> dict[str, Any]:
    """Variables with which neurons fire now and then."""
    shape, scale = core.neurons, 1 << core.weight_shift
    if core.neuron == "truenorth":
        return {
            "v": chance.integers(-20, 20, shape),
            "random": chance.integers(1, 1 << 32, shape),
            **{f"draw_{kind}": chance.integers(1, 1 << 16, shape) for kind in range(4)},
            **{f"weight_{kind}": chance.integers(-60, 256, shape) for kind in range(4)},
            "stochastic_weights": chance.integers(0, 16, shape),
            "leak": chance.integers(-40, 80, shape),
            **{name: chance.integers(0, 2, shape) for name in ("leak_reversal", "stochastic_leak", "saturate")},
            "threshold": chance.integers(20, 200, shape),
            "negative_threshold": chance.integers(20, 200, shape),
            "mask": chance.integers(0, 16, shape),
            "reset": chance.integers(-20, 20, shape),
            "reset_mode": chance.integers(0, 3, shape),
        }
    found = {
        "v": chance.integers(0, 3 * scale, shape),
        "left": np.zeros(shape),
        "bias": chance.integers(0, scale, shape),
        "threshold": chance.integers(2 * scale, 12 * scale, shape),
        "reset": chance.integers(0, scale, shape),
        "refractory": chance.integers(0, min(3, 1 << core.refractory_bits), shape),
        "subtract": chance.integers(0, 2, shape),
    }
    if core.neuron == "delta-lif":
        return found | {"leak": chance.integers(0, 2000, shape)}
    found["keep_v"] = chance.integers(3000, 4097, shape)
    for current in ["u"] if core.neuron == "current-lif" else ["u_exc", "u_inh"]:
        found |= {current: np.zeros(shape), f"keep_{current}": chance.integers(0, 4000, shape)}
    return found


def image_for(network: NetworkParams, core: CoreParams, chance: np.random.Generator, keys: Any = (0,)) -> CoreImage:
    """A core whose neurons send to some tiles, and mostly to the host, until the table is full."""
    entries: list[tuple[int, int, int, int]] = []
    first = []
    for _ in range(core.neurons):
        count = int(chance.integers(0, 4))
        if not count or len(entries) + count > core.targets:
            first.append(-1)
            continue
        first.append(len(entries))
        for number in range(count):
            delay = 0 if number == 0 and chance.random() < 0.7 else int(chance.integers(1, 16))
            where = int(chance.integers(network.tiles)), int(chance.integers(core.axons))
            entries.append((*where, delay, int(number == count - 1)))
    tile, axon, delay, last = np.array(entries, dtype=np.int64).reshape(-1, 4).T
    low, high = (0, 1) if core.weight_bits == 1 else (-(1 << core.weight_bits - 1), (1 << core.weight_bits - 1) - 1)
    weights = chance.integers(low, high, (core.axons, core.neurons), endpoint=True)
    if core.neuron == "truenorth":
        weights = chance.integers(1, 5, (core.axons, 1)) * chance.integers(0, 2, weights.shape)
    return CoreImage(
        weights=weights,
        variables=variables_for(core, chance),
        first=np.array(first),
        tile=tile,
        axon=axon,
        delay=delay,
        last=last,
        key=chance.choice(keys, len(entries)),
    )


def events_for(
    network: NetworkParams, core: CoreParams, ticks: int, each: float, chance: np.random.Generator, keys: Any = (0,)
) -> tuple[HostEvents, Any]:
    """Events, on average ``each`` in a tick, and the ticks in which they are sent."""
    when = np.repeat(np.arange(ticks), chance.poisson(each, ticks))
    count = len(when)
    events = HostEvents(
        chance.integers(0, network.tiles, count),
        chance.integers(0, core.axons, count),
        chance.integers(1, 16, count),
        chance.choice(keys, count),
    )
    return events, when


def assert_same_ticks(one: Ticks, other: Ticks) -> None:
    """Both saw the same, cycle for cycle."""
    assert one.first == other.first
    for name in ("cycles", "overruns"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name
    for name in ("fired", "reported"):
        for column in ("tick", "tile", "neuron", "cycle"):
            seen, expected = (getattr(getattr(ticks, name), column).tolist() for ticks in (one, other))
            assert seen == expected, (name, column)


def assert_same_state(one: CoreEngine, other: CoreEngine, variables: Any) -> None:
    """Both have the same packets, deliveries, counters, and contents of the neurons' memories."""
    assert one.cycle == other.cycle
    for name in ("packets", "deliveries"):
        seen, expected = getattr(one, name)(), getattr(other, name)()
        for column in seen.__dataclass_fields__:
            assert getattr(seen, column).tolist() == getattr(expected, column).tolist(), (name, column)
    seen, expected = one.counters(), other.counters()
    assert {name: counts.tolist() for name, counts in seen.items()} == {
        name: counts.tolist() for name, counts in expected.items()
    }
    for name in ("flits", "packets", "injected_flits", "hub_flits", "hub_packets"):
        assert getattr(one.activity(), name).tolist() == getattr(other.activity(), name).tolist(), name
    for tile in range(len(seen["spikes"])):
        for variable in variables:
            assert one.read(tile, variable).tolist() == other.read(tile, variable).tolist(), (tile, variable)
