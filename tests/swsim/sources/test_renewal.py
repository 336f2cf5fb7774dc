import re

import numpy as np
import pytest
from scipy.stats import kstest

from synaptile.swsim.base.time_grid import TimeGrid
from synaptile.swsim.sources.renewal import GammaProcesses, InhomogeneousGammaProcesses, RefractoryPoissonProcesses

DT = 0.1
FOREVER = 1e10


def array(*values):
    return np.array(values, dtype=float)


def always(n=1):
    return {"start": np.zeros(n), "duration": np.full(n, FOREVER)}


def trains(model, steps, seed=1):
    """Spike times (ms) of each source."""
    model.restart(np.random.SeedSequence(seed))
    found = [[] for _ in range(model.size)]
    for step in range(steps + 1):
        for source in model.emit(step):
            found[source].append(step * DT)
    return [np.array(times) for times in found]


def blurred(intervals):
    """Intervals between grid points as continuous as they were drawn."""
    random = np.random.default_rng(0)
    return intervals + DT * (random.random(len(intervals)) - random.random(len(intervals))) / 2


class TestDistributions:
    def test_refractory_poisson(self):
        model = RefractoryPoissonProcesses(TimeGrid(DT), rate=array(50, 50), tau_refrac=array(0, 8), **always(2))
        for times, dead in zip(trains(model, 600_000), (0.0, 8.0), strict=True):
            assert len(times) == pytest.approx(3000, abs=4 * 55)
            assert np.diff(times).min() >= dead - DT
            assert kstest(blurred(np.diff(times)), "expon", (dead, 20.0 - dead)).pvalue > 1e-3

    def test_gamma(self):
        model = GammaProcesses(TimeGrid(DT), alpha=array(3, 0.7), beta=array(150, 30), **always(2))
        for times, alpha, beta in zip(trains(model, 600_000), (3, 0.7), (150, 30), strict=True):
            assert kstest(blurred(np.diff(times)), "gamma", (alpha, 0, 1000.0 / beta)).pvalue > 1e-3

    def test_inhomogeneous_gamma_with_one_bin_is_a_gamma_process(self):
        model = InhomogeneousGammaProcesses(
            TimeGrid(DT), a=[array(3)], b=[array(1 / 150)], tbins=[array(0)], **always()
        )
        assert kstest(blurred(np.diff(trains(model, 300_000)[0])), "gamma", (3, 0, 1000.0 / 150)).pvalue > 1e-3

    def test_inhomogeneous_gamma_follows_its_histogram(self):
        # With a = 1 it is a Poisson process of rate 1/b.
        model = InhomogeneousGammaProcesses(
            TimeGrid(DT), a=[array(1, 1)], b=[array(0.05, 0.005)], tbins=[array(0, 20_000)], **always()
        )
        times = trains(model, 400_000)[0]
        assert (times < 20_000).sum() == pytest.approx(400, abs=4 * 20)
        assert (times >= 20_000).sum() == pytest.approx(4000, abs=4 * 63)

    def test_inhomogeneous_gamma_keeps_its_age_when_the_bin_ends(self):
        # Hazard 0 up to the very end of the interval: a large shape. Bins far shorter than the interval change nothing.
        bins = np.arange(0, 2000.0, 1.0)
        model = InhomogeneousGammaProcesses(
            TimeGrid(DT), a=[np.full(2000, 400.0)], b=[np.full(2000, 0.05 / 400)], tbins=[bins], **always()
        )
        assert np.diff(trains(model, 20_000)[0]).mean() == pytest.approx(50.0, rel=0.03)


class TestGrid:
    def test_several_spikes_of_a_step_are_emitted_in_it(self):
        # Of 30 kHz at 0.1 ms three spikes fall in a step: of a gamma process of shape 1 a Poisson distribution.
        model = GammaProcesses(TimeGrid(DT), alpha=array(1, 1), beta=array(30_000, 30_000), **always(2))
        model.restart(np.random.SeedSequence(3))
        fired = [model.emit(step) for step in range(20_000)]
        assert all((np.diff(index) >= 0).all() for index in fired)
        counts = np.array([np.bincount(index, minlength=2) for index in fired])[1:]
        assert counts.mean() == pytest.approx(3.0, abs=4.5 * np.sqrt(3 / counts.size))
        assert counts.var() == pytest.approx(3.0, abs=4.5 * np.sqrt(21 / counts.size))

    @pytest.mark.parametrize("kind", ["gamma", "refractory", "inhomogeneous"])
    def test_no_spike_is_lost_nor_moved(self, kind):
        grid, fine = TimeGrid(1.0), TimeGrid(0.001)

        def model(grid):
            if kind == "gamma":
                return GammaProcesses(grid, alpha=array(0.5), beta=array(2000), **always())
            if kind == "refractory":
                return RefractoryPoissonProcesses(grid, rate=array(3000), tau_refrac=array(0.1), **always())
            return InhomogeneousGammaProcesses(
                grid, a=[array(2, 1)], b=[array(1e-4, 3e-4)], tbins=[array(0, 20)], **always()
            )

        # The same times on either grid, but for those of the last half step.
        coarse, fine = model(grid), model(fine)
        for each in (coarse, fine):
            each.restart(np.random.SeedSequence(5))
        steps, _ = fine.emit_between(0, 40_499)
        expected = np.bincount((steps + 500) // 1000, minlength=41)
        # A time of a whole and a half may be rounded either way.
        assert np.abs(np.cumsum([len(coarse.emit(step)) for step in range(41)]) - np.cumsum(expected)).max() <= 1
        assert expected.max() > 3

    def test_start_and_end(self):
        model = GammaProcesses(TimeGrid(DT), alpha=array(2), beta=array(2000), start=array(5.0), duration=array(10.0))
        times = trains(model, 1000)[0]
        assert 5.0 <= times[0] < 10.0
        assert 13.0 < times[-1] <= 15.0 + DT / 2

    def test_seed(self):
        model = GammaProcesses(TimeGrid(DT), alpha=array(2, 2), beta=array(200, 200), **always(2))
        first, again, other = (trains(model, 1000, seed) for seed in (1, 1, 2))
        assert all((a == b).all() for a, b in zip(first, again, strict=True))
        assert first[0].tolist() != other[0].tolist()
        assert first[0].tolist() != first[1].tolist()

    def test_new_parameters_of_one_leave_the_next_spike_of_the_other(self):
        def run(change):
            model = RefractoryPoissonProcesses(TimeGrid(DT), rate=array(100, 5), tau_refrac=array(1, 1), **always(2))
            model.restart(np.random.SeedSequence(4))
            times = [step for step in range(100) if 1 in model.emit(step)]
            if change:
                model.set_parameters(np.array([0]), rate=array(0, 5), tau_refrac=array(1, 1), **always(2))
            after = [model.emit(step) for step in range(100, 3000)]
            return times, after

        _, silenced = run(True)
        _, running = run(False)
        assert not any(0 in fired for fired in silenced)
        assert next(k for k, f in enumerate(silenced) if 1 in f) == next(k for k, f in enumerate(running) if 1 in f)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda g: GammaProcesses(g, alpha=array(0), beta=array(1), **always()),
            "alpha must be positive and finite, not 0",
        ),
        (
            lambda g: RefractoryPoissonProcesses(g, rate=array(200), tau_refrac=array(5), **always()),
            "rate must be at least 0 Hz and below 1000/tau_refrac, not 200",
        ),
        (
            lambda g: GammaProcesses(g, alpha=array(1), beta=array(1), start=array(-1), duration=array(1)),
            "start must be at least 0, not -1",
        ),
        (
            lambda g: RefractoryPoissonProcesses(g, rate=array(2e8), tau_refrac=array(0), **always()),
            "rate must be such that mean intervals are at least 1e-05 ms (10000 spikes per step of 0.1 ms), not 5e-06",
        ),
        (
            lambda g: GammaProcesses(g, alpha=array(1, 1), beta=array(1, 2e8), **always(2)),
            "alpha / beta must be such that mean intervals are at least 1e-05 ms (10000 spikes per step of 0.1 ms), "
            "not 5e-06",
        ),
        (
            lambda g: GammaProcesses(g, alpha=array(1e-9), beta=array(1e-9), **always()),
            "alpha must be at least 0.0001 (clusters of 10000 spikes), not 1e-09",
        ),
        (
            lambda g: InhomogeneousGammaProcesses(g, a=[array(1e-5)], b=[array(1)], tbins=[array(0)], **always()),
            "a must be at least 0.0001 (clusters of 10000 spikes), not 1e-05",
        ),
        (
            lambda g: InhomogeneousGammaProcesses(
                g, a=[array(1, 1)], b=[array(1, 1e-9)], tbins=[array(0, 1)], **always()
            ),
            "a * b must be such that mean intervals are at least 1e-05 ms (10000 spikes per step of 0.1 ms), not 1e-06",
        ),
        (
            lambda g: InhomogeneousGammaProcesses(g, a=[array(1, 2)], b=[array(1)], tbins=[array(0)], **always()),
            "a, b and tbins must have equally many values, and at least one, not 2, 1 and 1",
        ),
        (
            lambda g: InhomogeneousGammaProcesses(g, a=[array(1, 2)], b=[array(1, 1)], tbins=[array(5, 5)], **always()),
            "tbins must be in ascending order, not 5",
        ),
    ],
)
def test_rules(make, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make(TimeGrid(DT))
