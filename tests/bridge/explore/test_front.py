"""The front against its definition."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from support.effort import examples

from synaptile.bridge.explore.front import dominated, front
from synaptile.bridge.explore.objectives import Objective
from synaptile.bridge.explore.trial import Outcome, State, Trial

_TABLES = st.integers(1, 3).flatmap(
    lambda columns: arrays.arrays(
        np.float64, st.tuples(st.integers(0, 12), st.just(columns)), elements=st.integers(0, 4)
    )
)


@settings(max_examples=examples(100, 2000))
@given(_TABLES)
def test_dominated_is_as_defined(values: np.ndarray) -> None:
    for row, worse in zip(values, dominated(values), strict=True):
        assert worse == any(all(o <= r for o, r in zip(other, row)) and any(other < row) for other in values)  # noqa: B905


@settings(max_examples=examples(60, 1000))
@given(_TABLES, st.lists(st.booleans(), min_size=12, max_size=12))
def test_the_front_is_of_feasible_trials_and_each_value_once(values: np.ndarray, broken: list[bool]) -> None:
    wanted = [Objective(f"n{column}", ("min", "max")[column % 2]) for column in range(values.shape[1])]
    trials = [
        Trial(
            number,
            {"x": number},
            Outcome(State.DONE),
            {one.name: float(value) for one, value in zip(wanted, row, strict=True)},
            {"c": 1.0 if broken[number] else 0.0},
        )
        for number, row in enumerate(values)
    ]
    able = [trial for trial in trials if trial.feasible]
    best = front(trials, wanted)
    signed = {trial.number: tuple(one.sign * trial.values[one.name] for one in wanted) for trial in able}
    kept = {
        row
        for row in signed.values()
        if not any(other != row and np.less_equal(other, row).all() for other in signed.values())
    }
    assert {signed[trial.number] for trial in best} == kept
    assert len(best) == len(kept)
    assert [signed[trial.number] for trial in best] == sorted(kept)
