import numpy as np
import pytest

from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.search import weighted
from synaptile.swsim.trace import PopulationSlice

POPULATIONS = [PopulationSlice("a", 0, 2, "IF_curr_exp"), PopulationSlice("b", 2, 6, "IF_curr_exp")]
NETWORK = Network.of(6, [0], [1], spike_counts=[1, 4, 0, 0, 1, 0], populations=POPULATIONS)


def test_by_spikes_is_the_network() -> None:
    assert weighted(NETWORK) is NETWORK


def test_by_connections_every_neuron_counts_one() -> None:
    assert weighted(NETWORK, "connections").spike_weights.tolist() == [1] * 6


def test_by_rates_a_neuron_counts_the_mean_of_its_population() -> None:
    assert weighted(NETWORK, "rates").spike_weights.tolist() == [2500] * 2 + [250] * 4


def test_rates_may_be_given() -> None:
    silent = Network.of(6, [0], [1], populations=POPULATIONS)
    assert weighted(silent, "rates", {"b": 12.5}).spike_weights.tolist() == [0] * 2 + [12500] * 4
    assert np.array_equal(weighted(NETWORK, "rates", {"a": 1, "b": 1}).spike_weights, [1000] * 6)


@pytest.mark.parametrize(
    ("network", "by", "rates", "says"),
    [
        (NETWORK, "x", None, "by must be one of spikes, rates, connections, not 'x'"),
        (NETWORK, "spikes", {"a": 1.0}, "rates are for a mapping by rates, not by spikes"),
        (NETWORK, "rates", {"c": 1.0}, "there is no population 'c'; there are a, b"),
        (NETWORK, "rates", {"a": -1.0}, "that of a must be a finite number of at least 0, not -1.0"),
        (NETWORK, "rates", {"a": float("nan")}, "that of a must be a finite number"),
        (Network.of(6, [0], [1]), "rates", None, "needs a network with populations"),
        (Network.of(6, [0], [1], populations=POPULATIONS), "rates", None, "needs the network's spikes, or the rates"),
    ],
)
def test_wrong_ways(network: Network, by: str, rates: dict | None, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        weighted(network, by, rates)
