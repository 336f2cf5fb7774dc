"""The axes of the pictures of a mesh, for every size that a mesh may have."""

import pytest
from matplotlib.figure import Figure

from synaptile.bridge.config.parameters import MAX_MESH
from synaptile.bridge.plots.mesh import mesh_axes


@pytest.mark.parametrize(
    ("side", "step"), [(1, 1), (16, 1), (17, 2), (32, 2), (33, 4), (64, 4), (65, 8), (129, 16), (MAX_MESH, 16)]
)
def test_there_are_at_most_16_labels(side: int, step: int) -> None:
    axes = Figure().subplots()
    mesh_axes(axes, side, 2, "", margin=0.5)
    assert axes.get_yticks().tolist() == list(range(0, side, step))
    assert len(axes.get_yticks()) <= 16
    assert axes.get_xticks().tolist() == [0, 1]
