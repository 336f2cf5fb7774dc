import numpy as np
import pytest
from scipy.stats import kstest

from synaptile.swsim.base.random_streams import STREAMS, SeedTree, streams, uniform


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


# What the streams of seed 7 began with when each caller had a spawn key of its own: a seed keeps its results.
BEFORE = {
    ("population", 2, 30): [3258121547, 434157550],
    ("projection", 2, 3): [708289599, 3222282008],
    ("generator", 4): [134389278, 2721620362],
    ("packet time",): [1201125462, 788422957],
    ("packet destination",): [3618983171, 941218350],
    ("hotspot",): [3831650445, 4088273801],
    ("testbench",): [3842200183, 1588825544],
    ("placement",): [2083679832, 3939563265],
    ("partition",): [1956387801, 4266865393],
    ("fan-out time",): [2083679832, 3939563265],
}


@pytest.mark.parametrize("stream", BEFORE, ids=lambda stream: stream[0])
def test_a_seed_gives_the_numbers_that_it_always_gave(stream):
    assert SeedTree(7).stream(*stream).generate_state(2).tolist() == BEFORE[stream]


def test_every_stream_is_held_to_its_old_values():
    assert {name for name, *_ in BEFORE} == set(STREAMS)


def test_a_large_seed_gives_the_numbers_that_it_always_gave():
    assert SeedTree(12345678901).stream("population", 2, 30).generate_state(2).tolist() == [3615965036, 3075843259]


def test_other_numbers_and_other_seeds_are_other_streams():
    found = [
        SeedTree(seed).stream("population", *key).generate_state(1)[0] for seed in (0, 1) for key in ((0, 1), (1, 0))
    ]
    assert len(set(found)) == 4


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        (("nothing",), f"name of a stream must be one of {', '.join(STREAMS)}, not 'nothing'"),
        (("population", 1), "stream 'population' must be given 2 numbers, not 1"),
        (("hotspot", 1), "stream 'hotspot' must be given 0 numbers, not 1"),
    ],
)
def test_what_is_no_stream_is_refused(stream, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        SeedTree(7).stream(*stream)
