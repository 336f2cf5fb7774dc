"""What PyNN's own connectors of fixed numbers fail at, and the options that they take no notice of."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyNN import errors

import synaptile.swsim as sim

BOTH = [sim.FixedNumberPreConnector, sim.FixedNumberPostConnector]


def pairs(connector, pre=slice(None), post=slice(None), size=6):
    sim.setup(timestep=1.0)
    p = sim.Population(size, sim.IF_curr_exp())
    made = sim.Projection(p[pre] if pre != slice(None) else p, p[post] if post != slice(None) else p, connector)
    return made.column("presynaptic_index"), made.column("postsynaptic_index")


@pytest.mark.parametrize("kind", BOTH)
@settings(max_examples=40)
@given(st.integers(0, 20), st.integers(2, 7), st.booleans(), st.integers(0, 1000))
def test_numbers_and_self_connections(kind, n, size, again, seed):
    connector = kind(n, allow_self_connections=False, with_replacement=again, rng=sim.NumpyRNG(seed=seed))
    source, target = pairs(connector, size=size)
    own = target if kind is sim.FixedNumberPreConnector else source
    assert (np.bincount(own, minlength=size) == n).all()
    assert (source != target).all()
    if not again:  # everyone once before anyone twice
        times = np.zeros((size, size), int)
        np.add.at(times, (source, target), 1)
        times = times[~np.eye(size, dtype=bool)]
        assert times.max() <= -(-n // (size - 1))
        assert times.min() >= n // (size - 1)


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("kind", BOTH)
def test_a_view_of_the_population_has_no_self_connections_either(kind, again):
    connector = kind(4, allow_self_connections=False, with_replacement=again)
    source, target = pairs(connector, pre=slice(1, 5), post=slice(0, 6))
    assert len(source) > 0
    assert (source + 1 != target).all()


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("kind", BOTH)
def test_none_for_some(kind, again):
    number = sim.RandomDistribution("uniform_int", low=0, high=2, rng=sim.NumpyRNG(seed=1))
    source, target = pairs(kind(number, with_replacement=again), size=40)
    own = target if kind is sim.FixedNumberPreConnector else source
    assert set(np.bincount(own, minlength=40)) == {0, 1}
    assert len(pairs(kind(0, with_replacement=again))[0]) == 0


@pytest.mark.parametrize("kind", [*BOTH, sim.FixedTotalNumberConnector])
def test_what_n_may_be(kind):
    assert len(pairs(kind(np.int64(2)))[0]) == (2 if kind is sim.FixedTotalNumberConnector else 12)
    with pytest.raises(ValueError, match=r"^n must be at least 0, not -1$"):
        kind(-1)
    for wrong in (2.0, "2", None, True):
        with pytest.raises(TypeError, match=rf"^n must be an integer or a RandomDistribution object, not {wrong!r}$"):
            kind(wrong)
    half = sim.RandomDistribution("uniform", low=0.2, high=0.4)
    with pytest.raises(errors.ConnectionError, match=r"^n must be a whole number of at least 0, not 0\.\d+$"):
        pairs(kind(half))


@pytest.mark.parametrize("kind", BOTH)
def test_wrong_options(kind):
    with pytest.raises(TypeError, match=r"^allow_self_connections must be True or False, not 'NoMutual'$"):
        kind(1, allow_self_connections="NoMutual")
    with pytest.raises(
        errors.ConnectionError, match=r"^n must be 0 for a neuron that may be connected to no other, not 3"
    ):
        pairs(kind(3, allow_self_connections=False), size=1)


def test_fixed_total_number_without_the_pairs_that_are_not_allowed_is_pynns():
    """With options that PyNN's own takes no notice of, its connections but those, and others after them."""

    def drawn(n, **options):
        sim.setup(timestep=1.0)
        p = sim.Population(9, sim.IF_curr_exp())
        made = sim.Projection(p, p, sim.FixedTotalNumberConnector(n, rng=sim.NumpyRNG(seed=4), **options))
        return [pair[:2] for pair in made.get("weight", format="list")]

    plain = drawn(40)
    no_loops = drawn(40, allow_self_connections=False)
    assert len(no_loops) == 40
    kept = [pair for pair in plain if pair[0] != pair[1]]
    assert all(no_loops.count(pair) >= kept.count(pair) for pair in kept)
    once = drawn(40, with_replacement=False)
    assert len(set(once)) == 40
    assert set(plain) <= set(once)


def test_fixed_total_number_takes_its_number_from_a_distribution():
    number = sim.RandomDistribution("uniform_int", low=3, high=5, rng=sim.NumpyRNG(seed=1))
    assert {len(pairs(sim.FixedTotalNumberConnector(number))[0]) for _ in range(10)} == {3, 4}
