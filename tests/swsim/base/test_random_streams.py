import numpy as np
from scipy.stats import kstest

from synaptile.swsim.base.random_streams import streams, uniform


def test_uniform_in_time_and_over_streams():
    keys = streams(np.random.SeedSequence(5), 1000)
    for numbers in (
        uniform(keys[:1], np.arange(100_000)),
        uniform(keys, 7),
        uniform(keys[:, None], np.arange(50)).ravel(),
    ):
        assert 0.0 <= numbers.min() < numbers.max() < 1.0
        assert kstest(numbers, "uniform").pvalue > 1e-3


def test_neighbours_do_not_correlate():
    keys = streams(np.random.SeedSequence(5), 300)
    numbers = uniform(keys[:, None], np.arange(300))
    for a, b in ((numbers[1:], numbers[:-1]), (numbers[:, 1:], numbers[:, :-1]), (numbers, numbers.T)):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.02


def test_a_longer_population_keeps_its_first_streams():
    short, long = (streams(np.random.SeedSequence(9), n) for n in (3, 8))
    assert (short == long[:3]).all()
    assert len(set(long.tolist())) == 8
    assert (short != streams(np.random.SeedSequence(10), 3)).all()
