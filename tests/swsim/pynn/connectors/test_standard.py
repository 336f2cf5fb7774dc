"""The same random generator gives the network that PyNN's own connectors make, connection by connection.

PyNN's mock back end calls PyNN's connectors and keeps what they make; it is driven beside synaptile.
"""

import numpy as np
import pyNN.mock as mock
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyNN.core import IndexBasedExpression
from pyNN.random import NumpyRNG

import synaptile.swsim as sim

SEEDS = st.integers(0, 2**32 - 3)
SIZES = st.one_of(st.integers(1, 5), st.integers(1, 40), st.sampled_from([16, 32, 33]))


class Near(IndexBasedExpression):
    def __call__(self, i, j):
        return np.exp(-np.abs(i - j) / 3.0)


def displaced(d):
    return np.exp(-np.abs(d[0]))


CONNECTORS = {
    "AllToAll": lambda lib, rng, own, n, again: lib.AllToAllConnector(allow_self_connections=own),
    "OneToOne": lambda lib, rng, own, n, again: lib.OneToOneConnector(),
    "FixedProbability": lambda lib, rng, own, n, again: lib.FixedProbabilityConnector(
        0.3, allow_self_connections=own, rng=rng
    ),
    "DistanceDependentProbability": lambda lib, rng, own, n, again: lib.DistanceDependentProbabilityConnector(
        "exp(-d / 3)", allow_self_connections=own, rng=rng
    ),
    "IndexBasedProbability": lambda lib, rng, own, n, again: lib.IndexBasedProbabilityConnector(
        Near(), allow_self_connections=own, rng=rng
    ),
    "DisplacementDependentProbability": lambda lib, rng, own, n, again: lib.DisplacementDependentProbabilityConnector(
        displaced, allow_self_connections=own, rng=rng
    ),
    "FixedNumberPre": lambda lib, rng, own, n, again: lib.FixedNumberPreConnector(
        n, allow_self_connections=own, with_replacement=again, rng=rng
    ),
    "FixedNumberPost": lambda lib, rng, own, n, again: lib.FixedNumberPostConnector(
        n, allow_self_connections=own, with_replacement=again, rng=rng
    ),
    # PyNN's takes no notice of the two options, see TestFixedTotalNumber.
    "FixedTotalNumber": lambda lib, rng, own, n, again: lib.FixedTotalNumberConnector(n * 7, rng=rng),
    "Array": lambda lib, rng, own, n, again: lib.ArrayConnector(np.eye(40, dtype=bool)[:n, : n + 1]),
}


def number_of(kind, seed, n):
    if kind.startswith("FixedNumber") and seed % 3 == 0:
        return sim.RandomDistribution("uniform_int", low=1, high=n + 1, rng=NumpyRNG(seed=seed + 1))
    return n


def parameters(which, seed):
    """Weight and delay of the synapses: the same, or random, with a generator each or one for both."""
    rng = NumpyRNG(seed=seed)
    other = rng if which == "shared" else NumpyRNG(seed=seed + 1)
    clipped = ("normal_clipped", {"mu": 0.5, "sigma": 0.5, "low": 0.0, "high": 1.0})
    name, given = {
        "clipped": clipped,
        "shared": ("uniform", {"low": 0.0, "high": 1.0}),
        "gamma": ("gamma", {"k": 2.0, "theta": 0.3}),
        "exponential": ("exponential", {"beta": 0.3}),
    }.get(which, clipped)
    if which == "constant":
        return {"weight": 0.5, "delay": 1.0}
    if which == "distance":
        return {"weight": "0.1 + d", "delay": lambda d: 1.0 + d}
    return {
        "weight": sim.RandomDistribution(name, rng=rng, **given),
        "delay": sim.RandomDistribution("uniform", low=1.0, high=4.0, rng=other),
    }


def made(lib, make, pre, post, which, seed):
    """All connections in the order in which they are made, and the next number of the generator."""
    rng = NumpyRNG(seed=seed)
    lib.setup(timestep=0.1)
    line = sim.Line(dx=1.0)
    p = lib.Population(pre, lib.IF_cond_exp(), structure=line)
    q = p if post is None else lib.Population(post, lib.IF_cond_exp(), structure=line)
    synapse = lib.StaticSynapse(**parameters(which, seed))
    projection = lib.Projection(p, q, make(lib, rng), synapse)
    if lib is mock:
        rows = [(c.presynaptic_index, c.postsynaptic_index, c.WEIGHT, c.DELAY) for c in projection.connections]
    else:
        rows = projection.get(["weight", "delay"], format="list")
    return np.array(rows, float).reshape(-1, 4), rng.next()


def assert_the_same(make, pre, post, which, seed):
    (theirs, their_next), (ours, our_next) = (made(lib, make, pre, post, which, seed) for lib in (mock, sim))
    np.testing.assert_array_equal(ours[:, :3], theirs[:, :3])
    np.testing.assert_allclose(ours[:, 3], theirs[:, 3], atol=0.0501)  # delays are on the grid
    assert our_next == their_next
    return len(ours)


@pytest.mark.parametrize("kind", CONNECTORS)
@settings(max_examples=40)
@given(
    pre=SIZES,
    post=SIZES | st.none(),
    which=st.sampled_from(["constant", "distance", "clipped", "shared", "gamma", "exponential"]),
    own=st.booleans(),
    again=st.booleans(),
    n=st.integers(1, 9),
    seed=SEEDS,
)
def test_same_generator_same_network(kind, pre, post, which, own, again, n, seed):
    if kind == "Array":
        pre, post = n, n + 1
    if kind == "OneToOne":
        pre = max(pre, 2)  # PyNN's fails for one pair of neurons
    if kind.startswith("FixedNumber") and not own and post is None:
        pre, again = max(pre, 2), False  # PyNN divides by the number of the others, and fails now and then if again

    def make(lib, rng):
        return CONNECTORS[kind](lib, rng, own, number_of(kind, seed, n), again)

    assert_the_same(make, pre, post, which, seed)


@pytest.mark.parametrize("which", ["constant", "distance", "clipped", "shared", "gamma", "exponential"])
@pytest.mark.parametrize("kind", ["OneToOne", "FixedTotalNumber", "FixedNumberPre", "FixedNumberPost"])
def test_every_way_to_give_parameters(kind, which):
    assert assert_the_same(lambda lib, rng: CONNECTORS[kind](lib, rng, True, 9, False), 30, 25, which, 3) >= 25


@settings(max_examples=60)
@given(st.integers(0, 3000), st.integers(1, 70), st.integers(1, 70), SEEDS)
def test_fixed_total_number_with_many_connections(n, pre, post, seed):
    assert assert_the_same(lambda lib, rng: lib.FixedTotalNumberConnector(n, rng=rng), pre, post, "constant", seed) == n


def test_fixed_total_number_in_several_draws(monkeypatch):
    monkeypatch.setattr("synaptile.swsim.pynn.connectors.fixed_total_number._CHUNK_NUMBERS", 61)
    for pre, post in ((33, 7), (7, 33), (9, 9), (64, 32), (1, 5), (5, 1), (1, 1)):
        assert_the_same(lambda lib, rng: lib.FixedTotalNumberConnector(999, rng=rng), pre, post, "constant", 5)
