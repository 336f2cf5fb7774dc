"""What may vary: every value is within its bounds, and has a place that gives it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge.explore.space import Choice, Dimension, Numbers, dimension, every_point, key_of


@st.composite
def dimensions(draw: st.DrawFn) -> Dimension:
    kind = draw(st.sampled_from(["choice", "whole", "real", "log whole", "log real", "steps", "real steps"]))
    if kind == "choice":
        values = draw(st.lists(st.text(max_size=3) | st.integers(-9, 9), min_size=1, max_size=6, unique=True))
        return dimension("script.x", {"choice": values})
    low = draw(st.integers(1, 50))
    ends: list[Any] = [low, low + draw(st.integers(1, 100))]
    if "real" in kind:
        ends = [float(end) for end in ends]
    if kind == "steps":
        return dimension("script.x", {"range": ends, "step": draw(st.integers(1, ends[1] - ends[0]))})
    if kind == "real steps":
        return dimension("script.x", {"range": ends, "step": draw(st.sampled_from([0.1, 0.25, 1.0]))})
    return dimension("script.x", {"log" if "log" in kind else "range": ends})


@settings(max_examples=examples(150, 3000))
@given(dimensions(), st.floats(0, 1))
def test_every_place_has_a_value_and_every_value_a_place(one: Dimension, place: float) -> None:
    value = one.at(place)
    if isinstance(one, Choice):
        assert value in one.values
    else:
        assert one.low <= value <= one.high
        assert isinstance(value, int) == one.whole
    at = one.place(value)
    assert -1e-9 <= at <= 1 + 1e-9
    assert (
        one.at(min(max(at, 0.0), 1.0)) == pytest.approx(value) if not isinstance(one, Choice) else one.at(at) == value
    )
    if one.levels is not None:
        assert any(
            level == pytest.approx(value) if isinstance(level, float) else level == value for level in one.levels
        )


@settings(max_examples=examples(40, 500))
@given(dimensions())
def test_places_spread_evenly_over_the_values(one: Dimension) -> None:
    if one.levels is None or len(one.levels) > 60 or (isinstance(one, Numbers) and one.log):
        return
    count = len(one.levels)
    seen = [one.at((number + 0.5) / count) for number in range(count)]
    assert seen == pytest.approx(list(one.levels)) if isinstance(one, Numbers) else seen == list(one.levels)


def test_the_grid_has_every_point_once_the_last_changing_first() -> None:
    axes = [dimension("buffer_depth", {"range": [1, 3]}), dimension("routing", {"choice": ["xy", "yx"]})]
    points = list(every_point(axes))
    assert points[:3] == [
        {"buffer_depth": 1, "routing": "xy"},
        {"buffer_depth": 1, "routing": "yx"},
        {"buffer_depth": 2, "routing": "xy"},
    ]
    assert len({key_of(point) for point in points}) == len(points) == 6


def test_points_are_told_apart_by_kind_of_value() -> None:
    assert len({key_of({"a": value}) for value in (1, 1.0, True, "1")}) == 4


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("buffer_depth", 3, "must be {choice: [...]}, {range: [low, high]} or {log: [low, high]}, not 3"),
        ("buffer_depth", {"range": [1, 2], "log": [1, 2]}, "must be {choice"),
        ("buffer_depth", {"choice": [1], "step": 1}, "choice cannot have 'step' beside it"),
        ("buffer_depth", {"choice": []}, "choice must be a list of one value or more, not []"),
        ("buffer_depth", {"choice": [2, 2]}, "choice must not have a value twice, not [2, 2]"),
        ("buffer_depth", {"choice": [0]}, "must lie in 1.., not 0"),
        ("buffer_depth", {"range": [4, 1]}, "range must go from a lower to a higher number, not [4, 1]"),
        ("buffer_depth", {"range": [1]}, "range must be the lowest and the highest number such as [1, 8], not [1]"),
        ("buffer_depth", {"range": [1, 9], "step": 0.5}, "step must be a whole number, as low and high are, not 0.5"),
        ("buffer_depth", {"range": [1, 9], "step": 9}, "step must be above 0 and at most 8, not 9"),
        ("buffer_depth", {"range": [1.0, 9.0]}, "must be an integer, not 1.0"),
        ("script.rate", {"log": [0, 1]}, "log must begin above 0, not [0, 1]"),
        ("routing", {"choice": ["xy", "zz"]}, "must be one of xy, yx"),
        ("mesh", {"choice": ["4x4", "4"]}, "must be rows and columns such as 4x4"),
        ("partition", {"choice": ["magic"]}, "must be one of auto"),
        ("seed", {"range": [-1, 3]}, "must be a whole number in 0.."),
        ("script.x", {"choice": [None]}, "choice must have numbers, texts such as 4x4, true or false, not None"),
    ],
)
def test_what_is_no_space_is_said(name: str, given: object, message: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the text is what is tested
        dimension(name, given)
    head, _, tail = message.partition("..,")
    assert str(error.value).startswith(head)
    assert str(error.value).endswith(tail)
