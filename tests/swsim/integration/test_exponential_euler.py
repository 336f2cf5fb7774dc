import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.integration.exponential_euler import STRONG, UNIT, correction, relax

potentials = st.floats(-100.0, 50.0)


def relaxed(v, x, target, origin=None, leak=0.01):
    """Potentials after a step, by `relax`; arguments are numbers or arrays of one shape (n,)."""
    v, u, target = (np.array(values, float, ndmin=1) for values in np.broadcast_arrays(v, np.divide(x, UNIT), target))
    base = 0.0 if origin is None else origin
    exact_at = correction(np.array(leak / UNIT))
    relax(v, u, (target - base) * u, origin, exact_at, np.empty(len(v)), np.empty(len(v)))
    return v


def exact(v, x, target):
    return target + (v - target) * np.exp(-x)


@given(potentials, potentials, st.floats(1e-9, 0.1))
def test_weak(v, target, x):
    assert relaxed(v, x, target)[0] == pytest.approx(exact(v, x, target), rel=1e-13, abs=2e-8 * abs(v - target) + 1e-13)


@given(potentials, potentials, st.floats(1e-9, 0.5))
def test_up_to_the_limit(v, target, x):
    assert relaxed(v, x, target)[0] == pytest.approx(exact(v, x, target), rel=1e-13, abs=5e-5 * abs(v - target) + 1e-13)


@given(potentials, potentials, st.floats(0.501, 1e300))
def test_strong(v, target, x):
    assert relaxed(v, x, target)[0] == pytest.approx(exact(v, x, target), rel=1e-12, abs=3e-6 * abs(v - target) + 1e-12)


@given(potentials, potentials, st.floats(1e-9, 5.0), st.lists(st.tuples(potentials, potentials, st.floats(1e-9, 5.0))))
def test_a_neuron_does_not_depend_on_the_others(v, target, x, others):
    alone = relaxed(v, x, target)[0]
    vs, targets, xs = np.transpose([(v, target, x), *others])
    assert relaxed(vs, xs, targets)[0] == alone


@given(potentials, potentials, potentials, st.floats(1e-3, 5.0))
def test_where_potentials_are_counted_from_does_not_matter(v, target, origin, x):
    expected = relaxed(v, x, target)[0]
    assert relaxed(v, x, target, np.array(origin))[0] == pytest.approx(expected, rel=1e-11, abs=1e-11)
    assert relaxed(v, x, target, np.array([origin]))[0] == pytest.approx(expected, rel=1e-11, abs=1e-11)


@given(potentials, potentials, st.floats(1e-9, 0.5))
def test_a_leak_alone_is_exact(v, target, leak):
    assert relaxed(v, leak, target, leak=leak)[0] == pytest.approx(exact(v, leak, target), rel=1e-13, abs=1e-13)


def test_one_drive_for_all():
    v, u = np.array([-65.0, -60.0]), np.full(2, 2 * STRONG)
    drive = np.array(-50.0 * 2 * STRONG)
    relax(v, u, drive, None, correction(u), np.empty(2), np.empty(2))
    np.testing.assert_allclose(v, exact(np.array([-65.0, -60.0]), 1.0, -50.0), rtol=1e-6)


def test_nobody():
    relax(*(np.empty(0) for _ in range(3)), None, *(np.empty(0) for _ in range(3)))
