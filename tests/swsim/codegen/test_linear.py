"""Linear equations taken apart, against their numerical solution."""

import numpy as np
import pytest

from synaptile.swsim.codegen.equations import differential
from synaptile.swsim.codegen.functions import array_names
from synaptile.swsim.codegen.linear import linear

PARAMETERS = {"a": 0.3, "b": -0.2, "tau": 7.0, "zero": 0.0}


def solved(text, x, time):
    law = linear(differential(f"dx/dt = {text}", PARAMETERS)[0])
    space = (
        array_names()
        | {name: np.array([value]) for name, value in PARAMETERS.items()}
        | {"x": np.array([x]), "t": time}
    )
    exponent = law.exponent("t")
    space["factor"] = 1.0 if exponent is None else np.exp(eval(exponent, dict(space)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(eval(law.solution("x", "t", "factor", "arrays"), space)[0])


def stepped(text, x, time, steps=20000):
    """The method of Runge and Kutta in very small steps."""
    space = {"exp": np.exp} | PARAMETERS
    h = time / steps

    def slope(value):
        return eval(text, space | {"x": value})

    for _ in range(steps):
        k1 = slope(x)
        k2 = slope(x + h / 2 * k1)
        k3 = slope(x + h / 2 * k2)
        x += h / 6 * (k1 + 2 * k2 + 2 * k3 + slope(x + h * k3))
    return x


@pytest.mark.parametrize(
    "text",
    [
        "-x / tau",
        "(1 - x) / tau",
        "a * (b - x)",
        "x * a - 2 * x / tau + b",
        "-(x - a) / tau - x * b",
        "(x + a) / (2 * tau) / 3 - (+x)",
        "a + b",
        "zero * x + a",
        "b - x * exp(a) + (a - b) * (x + 1)",
        "x",
        "0",
    ],
)
def test_solutions(text):
    assert solved(text, 0.8, 3.0) == pytest.approx(stepped(text, 0.8, 3.0, 500), rel=1e-9)


def test_a_decay_is_one_exponential_of_a_quotient():
    # The form in which other rules calculate it, so that the bits are the same.
    assert solved("-x / tau", 0.8, 3.0) == float(0.8 * np.exp(np.array([-3.0]) / 7.0)[0])


@pytest.mark.parametrize("text", ["x * x", "1 / x", "exp(x)", "x if x > 0 else 0", "-x ** 2", "a / (1 + x)"])
def test_what_is_not_linear_is_refused(text):
    with pytest.raises(ValueError, match=r"^equations: .* is not linear in 'x'; calculate it in on_pre or on_post$"):
        linear(differential(f"dx/dt = {text}", PARAMETERS)[0])
