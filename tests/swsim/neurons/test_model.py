import numpy as np
import pytest

from synaptile.swsim.base.parameter_rules import finite, positive, require
from synaptile.swsim.neurons.izhikevich import Izhikevich
from synaptile.swsim.neurons.model import merge

VALUES = {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0, "i_offset": 0.01}


def cells(n, **changes):
    return Izhikevich({name: np.full(n, value) for name, value in (VALUES | changes).items()})


def test_merged_models_are_windows():
    first, second = cells(2), cells(3, a=0.1)
    second.state["v"][:] = [1, 2, 3]
    second.refractory[:] = 4
    both = merge([first, second])
    assert both.size == 5
    assert both.parameters["a"].tolist() == [0.02, 0.02, 0.1, 0.1, 0.1]
    assert both.state["v"].tolist() == [0, 0, 1, 2, 3]
    assert both.refractory.tolist() == [0, 0, 4, 4, 4]
    second.set_parameters(slice(1, 3), {"a": 0.5})
    first.state["v"][:] = 7
    both.refractory += 1
    assert both.parameters["a"].tolist() == [0.02, 0.02, 0.1, 0.5, 0.5]
    assert both.state["v"].tolist() == [7, 7, 1, 2, 3]
    assert second.refractory.tolist() == [5, 5, 5]
    again = merge([first, second, cells(1)])
    again.state["v"][:] = 9
    assert first.state["v"].tolist() == [9, 9]


def test_refused_change_changes_nothing():
    model = cells(3)
    with pytest.raises(ValueError, match=r"^b must be finite, not inf$"):
        model.set_parameters(np.array([1]), {"a": 0.5, "b": np.inf})
    assert model.parameters["a"].tolist() == [0.02] * 3


def test_parameters_are_copied():
    a = np.full(2, 0.02)
    model = Izhikevich({name: np.full(2, value) for name, value in VALUES.items()} | {"a": a})
    a[:] = 5
    assert model.parameters["a"].tolist() == [0.02, 0.02]


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_positive(value):
    with pytest.raises(ValueError, match=rf"^x must be positive and finite, not {value:g}$"):
        positive("y", "x")({"x": np.array([1.0, value]), "y": np.array([1.0, 1.0])})


def test_finite_and_require():
    finite("x")({"x": np.array([1.0, -1e300])})
    require("x", 3, True, "anything")
    with pytest.raises(ValueError, match=r"^x must be odd, not 4$"):
        require("x", np.array([3, 4, 6]), np.array([True, False, False]), "odd")
