import numpy as np
import pytest

from synaptile.swsim.integration.dormand_prince import integrate

RATES = np.array([0.1, 3.0, 200.0])


def decay(y, rows):
    return -RATES[rows] * y


def test_each_system_keeps_to_the_tolerance():
    state = np.ones((1, 3))
    integrate(decay, state, 1.0, np.array([[1e-9]]))
    np.testing.assert_allclose(state[0], np.exp(-RATES), rtol=0, atol=1e-7)


def test_smooth_systems_take_one_substep_and_stiff_ones_more():
    calls = []

    def counted(y, rows):
        calls.append(len(np.arange(3)[rows]))
        return decay(y, rows)

    integrate(counted, np.ones((1, 3)), 0.1, np.array([[1e-6]]))
    assert calls[:7] == [3] * 7
    assert max(calls[7:]) < 3


def test_is_of_fifth_order():
    errors = []
    for dt in (1.0, 0.5):
        state = np.array([[1.0], [0.0]])
        for _ in range(round(4 / dt)):
            integrate(lambda y, rows: np.stack([y[1], -y[0]]), state, dt, np.full((2, 1), 1e9))
        errors.append(abs(state[0, 0] - np.cos(4.0)))
    assert errors[0] / errors[1] > 2**4.5


def test_accepted_may_stop_what_runs_away():
    free = np.array([True, True])

    def slope(y, rows):
        return np.where(free[rows], 1.0 + y * y, 0.0)

    def stop(y, rows):
        over = y[0] > 100.0
        free[rows[over]] = False
        y[0, over] = -7.0

    state = np.array([[0.0, -50.0]])
    integrate(slope, state, 2.0, np.array([[1e-6]]), stop)
    assert state[0, 0] == -7.0  # tan(2) lies beyond its pole
    assert state[0, 1] == pytest.approx(np.tan(2.0 + np.arctan(-50.0)), rel=1e-5)
    assert free.tolist() == [False, True]


def test_what_is_not_a_number_is_never_accepted_in_a_long_substep():
    accepted = []
    state = np.array([[1.0]])
    with np.errstate(all="ignore"):
        integrate(
            lambda y, rows: np.sqrt(1.0 - y) * np.inf,
            state,
            1.0,
            np.array([[1e-6]]),
            lambda y, rows: accepted.extend(y[0]),
        )
    assert len(accepted) == 4096
