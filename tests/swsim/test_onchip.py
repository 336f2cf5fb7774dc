"""The description of a network that is put into a chip."""

from dataclasses import replace

import numpy as np
import pytest

from synaptile.swsim.onchip import OnChipNetwork, OnChipPopulation, OnChipProjection
from synaptile.swsim.trace import PopulationSlice

CELLS = OnChipPopulation(PopulationSlice("cells", 2, 5, "IF_curr_delta"), {"tau_m": np.full(3, 10.0)}, {"v": [0, 1, 2]})
NETWORK = OnChipNetwork(
    dt=1.0,
    populations=[OnChipPopulation(PopulationSlice("in", 0, 2, "SpikeSourceArray")), CELLS],
    pre=[0, 1],
    post=[2, 4],
    weight=[0.5, -0.5],
    delay=[1, 2],
    receptor=[0, 1],
    projection=[0, 0],
    projections=[OnChipProjection("in to cells")],
    records={"v": [False, False, True, False, False]},
)


def test_what_follows_from_the_populations() -> None:
    assert NETWORK.neurons == 5
    assert NETWORK.is_source.tolist() == [True, True, False, False, False]
    assert NETWORK.recorded("v").tolist() == [False, False, True, False, False]
    assert not NETWORK.recorded("spikes").any()
    assert NETWORK.name(4) == "neuron 2 of population 'cells'"
    assert replace(
        NETWORK, populations=(), records={}, pre=[], post=[], weight=[], delay=[], receptor=[], projection=[]
    )
    assert CELLS.initial["v"].tolist() == [0, 1, 2]


def test_it_does_not_change_with_what_it_was_made_of() -> None:
    weight = np.array([0.5, 1.0])
    network = replace(NETWORK, weight=weight)
    weight[0] = 7
    assert network.weight[0] == 0.5
    with pytest.raises(ValueError, match="read-only"):
        network.weight[0] = 1
    with pytest.raises(TypeError):
        network.records["spikes"] = None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"populations": [CELLS]}, "population 'cells' must start at neuron 0, not 2"),
        ({"weight": [1.0]}, r"weight must have a value for each synapse, not the shape \(1,\)"),
        ({"post": [2, 5]}, r"post must lie in 0\.\.4, not 2\.\.5"),
        ({"projection": [0, 1]}, r"projection must lie in 0\.\.0, not 0\.\.1"),
        ({"records": {"v": [True]}}, r"records\['v'\] must have shape \(5,\), not \(1,\)"),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(NETWORK, **change)


def test_a_parameter_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"tau_m of population 'cells' must have a value for each of 3 neurons"):
        replace(CELLS, parameters={"tau_m": np.ones(2)})
