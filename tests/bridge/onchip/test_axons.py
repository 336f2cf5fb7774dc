"""Axons: one for each presynaptic neuron and delay on every tile that listens, and one number for those of a key."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synaptile.bridge.errors import MappingError
from synaptile.bridge.onchip.axons import AxonMap, Inputs, allocate

TILES, CELLS = 4, 10


@st.composite
def wirings(draw: st.DrawFn) -> tuple[Inputs, np.ndarray]:
    count = draw(st.integers(1, 60))
    columns = [
        np.array(draw(st.lists(st.integers(low, high), min_size=count, max_size=count)))
        for low, high in ((0, 7), (1, 15), (0, 1), (0, CELLS - 1))
    ]
    tile = np.array(draw(st.lists(st.integers(0, TILES - 1), min_size=CELLS, max_size=CELLS)))
    return Inputs.of(*columns, CELLS), tile


def listening(inputs: Inputs, tile: np.ndarray) -> set[tuple[int, int]]:
    """Pairs of an input and a tile that listens to it."""
    return {(int(number), int(tile[cell])) for number, cell in zip(inputs.input, inputs.cell, strict=True)}


def check(inputs: Inputs, tile: np.ndarray, found: AxonMap, axons: int) -> None:
    pairs = list(zip(found.input.tolist(), found.tile.tolist(), strict=True))
    assert pairs == sorted(listening(inputs, tile))
    places = set(zip(found.tile.tolist(), found.axon.tolist(), strict=True))
    assert len(places) == len(pairs)
    assert 0 <= found.axon.min() <= found.axon.max() < axons


@given(wirings())
@settings(max_examples=100)
def test_without_keys_each_tile_counts_from_zero(wiring: tuple[Inputs, np.ndarray]) -> None:
    inputs, tile = wiring
    needed = max(np.bincount([where for _, where in listening(inputs, tile)]))
    found = allocate(inputs, tile, TILES, int(needed), keys=False)
    check(inputs, tile, found, int(needed))
    for where in range(TILES):
        mine = found.axon[found.tile == where]
        assert mine.tolist() == list(range(len(mine)))
    assert found.packet.tolist() == list(range(len(found.packet)))


@given(wirings(), st.integers(0, 3))
@settings(max_examples=100)
def test_those_of_a_packet_have_the_same_number(wiring: tuple[Inputs, np.ndarray], spare: int) -> None:
    inputs, tile = wiring
    axons = int(max(np.bincount([where for _, where in listening(inputs, tile)]))) + spare
    found = allocate(inputs, tile, TILES, axons, keys=True)
    check(inputs, tile, found, axons)
    for packet in np.unique(found.packet):
        mine = found.packet == packet
        assert len(np.unique(found.axon[mine])) == len(np.unique(found.input[mine])) == 1
    assert sorted(set(found.packet.tolist())) == list(range(int(found.packet.max()) + 1))
    assert (np.diff(found.input[np.unique(found.packet, return_index=True)[1]]) >= 0).all()


def test_with_room_there_is_one_packet_for_each_input() -> None:
    pre, cell = np.repeat(np.arange(8), CELLS), np.tile(np.arange(CELLS), 8)
    inputs = Inputs.of(pre, np.ones_like(pre), np.zeros_like(pre), cell, CELLS)
    found = allocate(inputs, np.arange(CELLS) % TILES, TILES, 8, keys=True)
    assert found.packet.tolist() == np.repeat(np.arange(8), TILES).tolist()


def test_too_many() -> None:
    pre = np.arange(5)
    inputs = Inputs.of(pre, pre * 0 + 1, pre * 0, pre, CELLS)
    with pytest.raises(MappingError, match=r"tile 2 needs 5 axons, .*, more than the 4 of its crossbar"):
        allocate(inputs, np.full(CELLS, 2), TILES, 4, keys=False)


def test_inputs_are_told_apart_by_neuron_delay_and_current() -> None:
    rows = [(3, 1, 0, 0), (3, 1, 0, 1), (3, 2, 0, 1), (3, 1, 1, 1), (3, 1, 0, 1), (2, 15, 0, 9)]
    inputs = Inputs.of(*np.array(rows).T, CELLS)
    assert list(zip(inputs.pre, inputs.delay, inputs.current, strict=True)) == [
        (2, 15, 0),
        (3, 1, 0),
        (3, 1, 1),
        (3, 2, 0),
    ]
    entries = list(zip(inputs.input.tolist(), inputs.cell.tolist(), strict=True))
    assert entries == [(0, 9), (1, 0), (1, 1), (2, 1), (3, 1)]
    assert inputs.entry.tolist() == [1, 2, 4, 3, 2, 0]
    assert inputs.connectivity.sources(1).tolist() == [1, 2, 3]
    assert inputs.connectivity.fan_in_sizes.tolist() == [1, 3, *[0] * 7, 1]
