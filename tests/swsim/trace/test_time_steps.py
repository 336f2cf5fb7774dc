import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.trace import TraceError
from synaptile.swsim.trace.time_steps import in_order, steps_of_times


@given(
    st.lists(st.integers(0, 10**9), min_size=1, max_size=20),
    st.sampled_from([0.1, 1.0, 0.025, 1 / 3, 7e-5]),
    st.floats(-0.009, 0.009),
)
def test_the_nearest_step_is_taken(steps: list[int], dt: float, off: float) -> None:
    times = [(step + (off if step else abs(off))) * dt for step in steps]
    assert steps_of_times("spikes", times, dt).tolist() == steps


@pytest.mark.parametrize(
    ("times", "options", "message"),
    [
        ([1.0, -0.1], {}, "spikes must not be before 0 ms, not at -0.1"),
        ([1.0, np.nan], {}, "spikes must be finite, not nan"),
        ([1.0, 2.02], {}, "spikes must lie within 0.01 of a step of 1 ms, not at .*2.02.* ms"),
        ([1e17], {}, "spikes must be before 9.0072e.15 ms in steps of 1 ms, not 1e.17"),
        (["a"], {}, "spikes must be an array of numbers, not of type str32"),
        ([1.0], {"dt": 0.0}, "dt must be a number in 1e-100..1e.100, not 0.0"),
        ([1.0], {"tolerance": 0.6}, "tolerance must be a number in 0..0.5, not 0.6"),
    ],
)
def test_others_are_refused(times: list[float], options: dict[str, float], message: str) -> None:
    with pytest.raises(TraceError, match=message):
        steps_of_times("spikes", times, **{"dt": 1.0, **options})


def test_half_a_step_takes_all() -> None:
    assert steps_of_times("spikes", [0.4, 0.6, 1.5, 2.5], 1.0, tolerance=0.5).tolist() == [0, 1, 2, 2]
    assert len(steps_of_times("spikes", [], 1.0)) == 0


def test_order_is_by_step_then_neuron() -> None:
    neuron, step = in_order(np.array([3, 1, 0]), np.array([5, 5, 2]))
    assert (neuron.tolist(), step.tolist()) == ([0, 1, 3], [2, 5, 5])
