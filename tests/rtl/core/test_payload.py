"""Payloads and configuration words in plain Python; through gates they go in the tests of the core and the chip."""

import numpy as np
import pytest
from amaranth.hdl import Shape

from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core.config_word import ConfigTarget, ConfigWord
from synaptile.rtl.core.neurons import neuron_variables
from synaptile.rtl.core.payload import Event, Read, Report, Write
from synaptile.rtl.core_tile import host_packet, payload_bits, payloads_of
from synaptile.rtl.packet import PacketLayouts

CORES = [
    CoreParams(),
    CoreParams(axons=4, neurons=4, lanes=1, weight_bits=1, state_bits=8, targets=1, refractory_bits=1),
    CoreParams(axons=1000, neurons=1024, lanes=16, weight_bits=8, state_bits=32, targets=1 << 16),
    CoreParams(axons=5, neurons=6, lanes=2, neuron="delta-lif", targets=9),
]
NETWORKS = [
    NetworkParams(rows=1, cols=1),
    NetworkParams(rows=4, cols=3),
    NetworkParams(rows=4, cols=6, topology="tree"),
    NetworkParams(rows=2, cols=2, routing="table", table_entries=100),
]


def range_of(bits: int, signed: bool) -> tuple[int, int]:
    return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)


def extreme_words(core: CoreParams, address_bits: int) -> list[ConfigWord]:
    """Words at the ends of everything that they can say."""
    entry_bits = address_bits + core.axon_bits + 4 + 1
    places = [
        (ConfigTarget.SYNAPSES, core.axons - 1, core.neurons - 1, *range_of(core.weight_bits, core.weight_bits > 1)),
        (ConfigTarget.FIRSTS, 0, core.neurons - 1, 0, (2 << core.target_bits) - 1),
        (ConfigTarget.ENTRIES, 0, core.targets - 1, 0, (1 << entry_bits) - 1),
    ]
    for number, variable in enumerate(neuron_variables(core).values()):
        shape = Shape.cast(variable.shape)
        places.append((ConfigTarget.NEURONS, number, core.neurons - 1, *range_of(shape.width, shape.signed)))
    return [
        ConfigWord(target, row, column, value)
        for target, row, last, *ends in places
        for column in (0, last)
        for value in (*ends, 0)
    ]


@pytest.mark.parametrize("network", NETWORKS, ids=["one tile", "mesh", "tree", "keys"])
@pytest.mark.parametrize("core", CORES, ids=["usual", "small", "large", "uneven"])
def test_what_is_encoded_is_decoded(core: CoreParams, network: NetworkParams) -> None:
    payloads, positions = payloads_of(core, network), PacketLayouts(network)
    there = positions.position_of(network.tiles - 1)
    assert positions.tile_of(there) == network.tiles - 1
    words = extreme_words(core, positions.address.size)
    encoded = {word: payloads.words.encode(*word) for word in words}
    assert len(set(encoded.values())) == len({*words}), "no two words are the same in bits"
    said = {
        payloads.event(core.axons - 1, 15): Event(core.axons - 1, 15),
        payloads.event(0, 1): Event(0, 1),
        payloads.report(core.neurons - 1, there): Report(core.neurons - 1, there),
        **{payloads.write(code): Write(word) for word, code in encoded.items()},
        **{payloads.read(code): Read(word, False) for word, code in encoded.items()},
        **{payloads.read(code, reply=True): Read(word, True) for word, code in encoded.items()},
    }
    for payload, meaning in said.items():
        assert payloads.decode(payload) == meaning
    # A payload is as wide as the widest of them.
    assert max(said).bit_length() <= payloads.bits == payload_bits(core, network)
    assert max(said) << 1 >= 1 << (payloads.bits - 1)
    assert host_packet(core, network).size == positions.address.size + payloads.bits
    fields = payloads.layout.from_bits(payloads.report(core.neurons - 1, there))
    assert (fields.kind, fields.body.report.neuron) == (1, core.neurons - 1)


def test_arrays_are_encoded_as_their_elements_are() -> None:
    core = CoreParams()
    payloads = payloads_of(core, NETWORKS[1])
    axons, neurons, weights = np.array([0, 255, 7]), np.array([255, 0, 3]), np.array([-8, 7, -1])
    words = payloads.words.encode(ConfigTarget.SYNAPSES, axons, neurons, weights)
    assert [payloads.decode(int(payload)) for payload in payloads.write(words)] == [
        Write(ConfigWord(ConfigTarget.SYNAPSES, *word)) for word in [(0, 255, -8), (255, 0, 7), (7, 3, -1)]
    ]
    events = payloads.event(axons, np.array([1, 15, 3]))
    assert [payloads.decode(int(event)) for event in events] == [Event(0, 1), Event(255, 15), Event(7, 3)]


def test_a_word_for_no_memory_is_refused() -> None:
    words = payloads_of(CoreParams(), NETWORKS[0]).words
    with pytest.raises(ValueError, match="7 is not a valid ConfigTarget"):
        words.decode(7)
