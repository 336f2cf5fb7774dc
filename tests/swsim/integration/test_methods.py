import numpy as np
import pytest

from synaptile.swsim.integration.methods import rk4, stepper


def test_one_step_has_the_series_of_the_exponential_function_up_to_order_4():
    rate = np.array([-1.0, 0.5, 2.0])
    state = np.ones((1, 3))
    rk4(lambda y, rows: rate[rows] * y, state, 0.3)
    x = 0.3 * rate
    np.testing.assert_allclose(state[0], 1 + x + x**2 / 2 + x**3 / 6 + x**4 / 24, rtol=1e-15)


def test_an_oscillator_is_of_order_4():
    errors = []
    for steps in (20, 40):
        state = np.array([[1.0], [0.0]])
        for _ in range(steps):
            rk4(lambda y, rows: np.stack([y[1], -y[0]]), state, 4.0 / steps)
        errors.append(abs(state[0, 0] - np.cos(4.0)) + abs(state[1, 0] + np.sin(4.0)))
    assert errors[0] / errors[1] == pytest.approx(16, rel=0.1)


@pytest.mark.parametrize("method", ["rk4", "adaptive"])
def test_whoever_is_accepted_may_be_changed(method):
    state = np.array([[1.0, 2.0, 3.0]])

    def accepted(y, rows):
        y[0, rows == 1] = 7.0

    stepper(method, np.array([[1e-6]]))(lambda y, rows: np.zeros_like(y), state, 0.5, accepted=accepted)
    assert state.tolist() == [[1.0, 7.0, 3.0]]


def test_divergence_is_no_result():
    state = np.array([[1.0, 1.0]])

    def run():
        for _ in range(200):
            rk4(lambda y, rows: np.array([1.0, -100.0]) * y, state, 0.5)

    message = r"rk4 diverges in steps of 0\.5 ms; take a shorter timestep, or another method"
    with pytest.raises(FloatingPointError, match=f"^{message}$"):
        run()
