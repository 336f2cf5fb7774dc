"""Small worlds: who is connected, how many are rewired, and where to."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyNN import errors

import synaptile.swsim as sim


def ring(n=30, **options):
    """Neurons on a line of unit distance that is closed to a ring, connected to themselves."""
    sim.setup(timestep=1.0, seed=3)
    cells = sim.Population(n, sim.IF_curr_exp(), structure=sim.Line(dx=1.0))
    space = sim.Space(axes="x", periodic_boundaries=((0, n), None, None))
    connector = sim.SmallWorldConnector(rng=sim.NumpyRNG(seed=5), **options)
    return sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1, delay=1.0), space=space)


def matrix(projection):
    return ~np.isnan(projection.get("weight", format="array"))


def test_without_rewiring_it_is_the_neighbourhood():
    found = matrix(ring(degree=2.5, rewiring=0.0, allow_self_connections=False))
    distance = np.abs(np.subtract.outer(np.arange(30), np.arange(30)))
    distance = np.minimum(distance, 30 - distance)
    np.testing.assert_array_equal(found, (distance < 2.5) & (distance > 0))


@settings(max_examples=30)
@given(st.integers(1, 20), st.floats(0, 1), st.booleans())
def test_rewiring_keeps_the_numbers_and_the_rules(degree, rewiring, own):
    projection = ring(degree=degree, rewiring=rewiring, allow_self_connections=own)
    plain = ring(degree=degree, rewiring=0.0, allow_self_connections=own)
    found = matrix(projection)
    np.testing.assert_array_equal(found.sum(axis=1), matrix(plain).sum(axis=1))
    assert len(projection) == found.sum()  # no pair is connected twice
    assert own or not found.diagonal().any()


def test_as_many_are_rewired_as_are_asked_for():
    whole = matrix(ring(n=120, degree=8.5, rewiring=0.0))
    found = matrix(ring(n=120, degree=8.5, rewiring=0.3))
    moved = (whole & ~found).sum()
    n = whole.sum()
    assert abs(moved - 0.3 * n) < 5 * np.sqrt(n * 0.3 * 0.7)
    # Evenly over all distances.
    _, targets = np.nonzero(found & ~whole)
    assert np.ptp(np.bincount(targets % 12, minlength=12)) < 60
    assert not (matrix(ring(n=120, degree=8.5, rewiring=1.0)) & whole).any()


def test_some_of_the_neighbours():
    found = matrix(ring(degree=4.5, rewiring=0.0, n_connections=3))
    assert (found.sum(axis=1) == 3).all()
    whole = matrix(ring(degree=4.5, rewiring=0.0))
    assert (whole | ~found).all()
    assert len(np.unique(found, axis=0)) > 5


def test_parameters_may_depend_on_the_distance():
    sim.setup(timestep=1.0)
    cells = sim.Population(10, sim.IF_curr_exp(), structure=sim.Line(dx=1.0))
    synapse = sim.StaticSynapse(weight="0.1 * d", delay=sim.RandomDistribution("uniform_int", (1, 9)))
    projection = sim.Projection(cells, cells, sim.SmallWorldConnector(3.5, 0.5), synapse)
    for i, j, weight in projection.get("weight", format="list"):
        assert weight == pytest.approx(0.1 * abs(i - j))
    assert len(set(projection.get("delay", format="list", with_address=False))) > 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rewiring": 1.5}, "rewiring must be in 0..1, not 1.5"),
        ({"degree": -1.0}, "degree must be at least 0, not -1.0"),
        ({"n_connections": 0}, "n_connections must be a whole number of at least 1, not 0"),
        ({"allow_self_connections": "NoMutual"}, "allow_self_connections must be True or False, not 'NoMutual'"),
    ],
)
def test_refused(options, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        sim.SmallWorldConnector(**({"degree": 2.0, "rewiring": 0.1} | options))


def test_too_few_neighbours():
    message = "n_connections must be at most the number of targets within degree, 3 for source 0, not 4"
    with pytest.raises(errors.ConnectionError, match=f"^{message}$"):
        ring(degree=1.5, rewiring=0.0, n_connections=4)
    assert len(sim.state.network.projections) == 0
