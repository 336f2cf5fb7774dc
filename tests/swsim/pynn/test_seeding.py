"""Every random number of a script follows from the seed of setup() or from one that the script gives."""

import copy

import numpy as np
import pytest
from pyNN import random
from pyNN.parameters import LazyArray

import synaptile.swsim as sim

CONNECTORS = {
    "probability": lambda **o: sim.FixedProbabilityConnector(0.5, **o),
    "distance": lambda **o: sim.DistanceDependentProbabilityConnector("exp(-d)", **o),
    "pre": lambda **o: sim.FixedNumberPreConnector(3, **o),
    "post": lambda **o: sim.FixedNumberPostConnector(3, **o),
    "total": lambda **o: sim.FixedTotalNumberConnector(30, **o),
    "small world": lambda **o: sim.SmallWorldConnector(3.0, 0.5, **o),
}


def network(connector, seed=7, **synapse):
    sim.setup(timestep=0.1, seed=seed)
    cells = sim.Population(20, sim.IF_cond_exp(), structure=sim.Line())
    made = sim.Projection(cells, cells, connector, sim.StaticSynapse(**synapse))
    return made.get(["weight", "delay"], format="list")


@pytest.mark.parametrize("kind", CONNECTORS)
@pytest.mark.parametrize("rng", [sim.NumpyRNG, sim.NativeRNG])
def test_a_generator_without_a_seed_follows_setup(kind, rng):
    first, second = (network(CONNECTORS[kind](rng=rng())) for _ in range(2))
    assert first == second != network(CONNECTORS[kind](rng=rng()), seed=8)


@pytest.mark.parametrize("kind", CONNECTORS)
def test_a_connector_that_outlives_the_network_makes_the_same_again(kind):
    connector = CONNECTORS[kind](rng=sim.NativeRNG())
    assert network(connector) == network(connector) != network(connector, seed=8)


@pytest.mark.parametrize(
    "kind", [sim.FixedNumberPreConnector, sim.FixedNumberPostConnector, sim.FixedTotalNumberConnector]
)
def test_a_number_that_is_drawn_follows_setup(kind):
    def number():
        return sim.RandomDistribution("uniform_int", low=1, high=200)

    assert network(kind(number())) == network(kind(number())) != network(kind(number()), seed=8)
    outliving = number()
    assert network(kind(outliving)) == network(kind(outliving))


def test_a_distribution_that_outlives_the_network_gives_the_same_again():
    weight = sim.RandomDistribution("uniform", low=0.0, high=1.0)
    connector = sim.AllToAllConnector()
    first = network(connector, weight=weight)
    assert first == network(connector, weight=weight) != network(connector, seed=8, weight=weight)


def test_distributions_in_a_formula_follow_setup():
    def weight():
        drawn, factor = (LazyArray(sim.RandomDistribution("uniform", low=1.0, high=2.0)) for _ in range(2))
        return drawn * factor

    rows = [network(sim.AllToAllConnector(), seed=seed, weight=weight(), delay=1.0) for seed in (7, 7, 8)]
    assert rows[0] == rows[1] != rows[2]


def test_two_of_them_are_independent():
    one, other = (sim.RandomDistribution("uniform", low=1.0, high=99.0) for _ in range(2))
    rows = np.array(network(sim.AllToAllConnector(), weight=one, delay=other))
    assert abs(np.corrcoef(rows[:, 2], rows[:, 3])[0, 1]) < 0.2


def test_a_seed_that_is_given_stays():
    connector = CONNECTORS["total"](rng=sim.NumpyRNG(seed=5))
    assert network(connector) != network(connector)  # it goes on where it was
    assert network(CONNECTORS["total"](rng=sim.NumpyRNG(seed=5)), seed=1) == network(
        CONNECTORS["total"](rng=sim.NumpyRNG(seed=5)), seed=2
    )


def test_native_rng_is_pynns_and_a_numpy_rng():
    native = sim.NativeRNG(seed=87354762)
    assert isinstance(native, random.NativeRNG)
    assert str(native) == "NativeRNG(seed=87354762)" or native.seed == 87354762
    other = sim.NumpyRNG(seed=87354762)
    assert native.next() == other.next()
    copied = copy.deepcopy(native)
    assert type(copied) is sim.NativeRNG
    drawn = [rng.next(5, "normal", {"mu": 0.0, "sigma": 1.0}) for rng in (native, copied, other)]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    np.testing.assert_array_equal(drawn[0], drawn[2])
    with pytest.raises(AssertionError, match="must be an int"):
        sim.NativeRNG(seed="x")
