"""Tiles for the neurons that compute: spike sources take no place, but axons."""

import numpy as np
import pytest

from synaptile.bridge.config import ChipConfig
from synaptile.bridge.errors import MappingError
from synaptile.bridge.mapping import Network
from synaptile.bridge.onchip.axons import Inputs
from synaptile.bridge.onchip.tiles import map_cells


def inputs_of(rows: list[tuple[int, int, int]], cells: int) -> Inputs:
    """Rows of (source, delay, cell)."""
    pre, delay, cell = np.array(rows).T
    return Inputs.of(pre, delay, np.zeros_like(pre), cell, cells)


def mapped(inputs: Inputs, cells: int, config: ChipConfig, **options: object) -> tuple[np.ndarray, object]:
    """Cells that do not listen to one another."""
    alone = Network.of(cells, [], [])
    mapping, report = map_cells(alone, inputs, config, name=lambda cell: f"cell {cell}", **options)
    return mapping.tile, report


def needed(inputs: Inputs, tile: np.ndarray) -> int:
    """Axons of the tile that needs most."""
    pairs = {(int(one), int(tile[cell])) for one, cell in zip(inputs.input, inputs.cell, strict=True)}
    return max(np.bincount([where for _, where in pairs]))


def test_cells_that_listen_to_the_same_sources_stay_together_where_axons_are_few() -> None:
    """Eight cells would fit one tile; their two groups have ten inputs each, and only ten fit."""
    rows = [(source + 10 * (cell % 2), 1, cell) for cell in range(8) for source in range(10)]
    inputs = inputs_of(rows, 8)
    tile, report = mapped(inputs, 8, ChipConfig(mesh=(1, 4), crossbar="10x8"))
    assert len(set(tile[::2])) == len(set(tile[1::2])) == 1
    assert report.tiles_used == 2
    assert report.most_axons == needed(inputs, tile) == 10
    _, report = mapped(inputs, 8, ChipConfig(mesh=(1, 4), crossbar="20x8"))
    assert report.tiles_used == 1


def test_delays_are_axons() -> None:
    inputs = inputs_of([(0, delay, cell) for cell in range(4) for delay in (1 + 2 * cell, 2 + 2 * cell)], 4)
    tile, report = mapped(inputs, 4, ChipConfig(mesh=(2, 2), crossbar="4x4"))
    assert report.most_axons == needed(inputs, tile) <= 4
    assert report.tiles_used >= 2


@pytest.mark.parametrize("partition", ["auto", "in-order", "km1"])
def test_what_is_found_fits(partition: str) -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        rows = [(int(rng.integers(12)), int(rng.integers(1, 3)), cell) for cell in range(12) for _ in range(6)]
        inputs = inputs_of(rows, 12)
        config = ChipConfig(mesh=(3, 4), crossbar="8x4")
        tile, _ = mapped(inputs, 12, config, partition=partition)
        assert needed(inputs, tile) <= 8
        assert np.bincount(tile).max() <= 4


def test_too_few_tiles() -> None:
    inputs = inputs_of([(10 * cell + source, 1, cell) for cell in range(4) for source in range(8)], 4)
    with pytest.raises(MappingError, match="run out of axons and need 4 tiles; the mesh has 2"):
        mapped(inputs, 4, ChipConfig(mesh=(1, 2), crossbar="8x4"))
